"""`cartwheel task list`, `show` and `stop`, against a real hub."""

from __future__ import annotations

import json
import subprocess

import pytest
from hub import CARTWHEEL, Hub
from patience import PATIENCE_SECONDS
from small_server import Answering, serving

SLEEP = "pulpcore.app.tasks.test.sleep"
NOBODY = "018a41d4-161c-7edf-bcaa-6246188c9a7f"


def running(hub: Hub, name: str = "iamrunning") -> str:
    return hub.dispatch(f'Task.objects.create(state="running", name="{name}")')


def test_the_list_has_a_line_for_each_task_the_newest_first(hub: Hub) -> None:
    first, second = running(hub, "listed.one"), running(hub, "listed.two")

    done = hub.run_task("list", "--state", "running", "--name", "listed.")

    lines = [line.split() for line in done.stdout.splitlines()]
    assert [(line[0], line[1], line[-1]) for line in lines] == [
        (second, "running", "listed.two"),
        (first, "running", "listed.one"),
    ]
    hub.run_task("stop", first, second)


def test_a_failed_task_is_listed_with_its_reason(hub: Hub) -> None:
    task = hub.dispatch(f'dispatch("{SLEEP}", args=("notanumber",))')
    hub.wait(task)

    done = hub.run_task("list", "--state", "failed", "--limit", "1")

    assert done.stdout.endswith(": 'str' object cannot be interpreted as an integer\n")


def test_the_list_says_that_there_is_more(hub: Hub) -> None:
    tasks = [running(hub, "more") for _ in range(3)]

    done = hub.run_task("list", "--name", "more", "--limit", "2")

    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == "1 more; see --limit.\n"
    hub.run_task("stop", *tasks)


def test_an_empty_list_says_so(hub: Hub) -> None:
    done = hub.run_task("list", "--name", "nothing is called that")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "There are no such tasks.\n")


def test_list_and_show_speak_json_for_scripts(hub: Hub) -> None:
    task = running(hub, "as.json")

    listed = json.loads(hub.run_task("list", "--name", "as.json", "--json").stdout)
    shown = json.loads(hub.run_task("show", task, "--json").stdout)

    assert listed == [shown] == [hub.task(task)]
    hub.run_task("stop", task)


def test_show_tells_what_a_task_is_and_why_it_failed(hub: Hub) -> None:
    task = hub.dispatch(f'dispatch("{SLEEP}", args=("notanumber",), exclusive_resources=["shown"])')
    ended = hub.wait(task)

    lines = hub.run_task("show", task).stdout.splitlines()

    assert [f"Task:             {task}", f"Name:             {SLEEP}", "State:            failed"] == [
        line for line in lines if line.startswith(("Task:", "Name:", "State:"))
    ]
    assert "Error:            'str' object cannot be interpreted as an integer" in lines
    assert "Resource:         shown" in lines
    assert f"Finished:         {ended['finished_at']}" in lines
    assert "Traceback (most recent call last):" in lines


def test_stop_ends_running_and_waiting_tasks(hub: Hub) -> None:
    held = f'dispatch("{SLEEP}", args=(600,), exclusive_resources=["stopped"]).pk'
    one, two = hub.console(f"print({held}, {held})").split()
    hub.wait(one, "running")

    done = hub.run_task("stop", two, one)

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["canceled", "canceled"]
    assert [hub.task(each)["state"] for each in (one, two)] == ["canceled", "canceled"]


def test_stop_waits_until_a_task_that_swallows_every_exception_is_killed(hub: Hub) -> None:
    task = hub.dispatch('dispatch("pulpcore.app.tasks.test.gooey_task", args=(600,))')
    hub.wait(task, "running")

    done = hub.run_task("stop", task)

    assert done.returncode == 0
    assert done.stderr.startswith("stopping ")
    assert hub.task(task)["state"] == "canceled"


def test_stopping_what_has_ended_is_an_error_that_says_how_it_ended(hub: Hub) -> None:
    task = hub.dispatch(f'dispatch("{SLEEP}", args=(0,))')
    hub.wait(task)

    done = hub.run_task("stop", task)

    assert done.returncode == 1
    assert done.stdout.startswith("already completed ")


def test_whoever_looks_is_told_why_a_task_waits(hub: Hub) -> None:
    held = f'dispatch("{SLEEP}", args=(600,), exclusive_resources=["awaited"]).pk'
    one, two = hub.console(f"print({held}, {held})").split()
    hub.wait(one, "running")

    listed = hub.run_task("list", "--state", "waiting", "--name", SLEEP).stdout
    shown = hub.run_task("show", two).stdout.splitlines()

    title = hub.task(one)["title"]
    assert f"{two}  waiting" in listed
    assert listed.rstrip().endswith(": waits for awaited")
    assert f"Waits for:        awaited alone; 1 task before it; held by {title} ({one})" in shown
    hub.run_task("stop", two, one)


def test_whoever_looks_is_told_that_it_is_paused(hub: Hub) -> None:
    name = "pulpcore.app.tasks.test.dummy_task"
    hub.console(
        f'from cartwheel.engine.pausing import pause; pause("function", {name!r}, reason="a holiday")'
    )
    task = hub.dispatch(f"dispatch({name!r})")

    listed = hub.run_task("list", "--state", "waiting", "--name", name).stdout
    shown = hub.run_task("show", task).stdout.splitlines()

    assert listed.rstrip().endswith(": waits for the end of a pause")
    assert "Waits for:        the end of a pause: a holiday" in shown
    hub.console(f'from cartwheel.engine.pausing import resume; resume("function", {name!r})')
    hub.wait(task)


def log_line(hub: Hub, task: str, message: str) -> None:
    hub.console(
        f"from django.utils import timezone; LogLine.objects.create("
        f"task_id={task!r}, time=timezone.now(), level='INFO', message={message!r})"
    )


def test_the_log_is_followed_until_the_task_has_ended(hub: Hub) -> None:
    task = running(hub, "talks")
    log_line(hub, task, "it begins")

    command = [CARTWHEEL, "task", "log", "--follow", task]
    with subprocess.Popen(command, env=hub.environ, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout
        first = follower.stdout.readline()
        log_line(hub, task, "it goes on")
        second = follower.stdout.readline()
        hub.run_task("stop", task)
        rest = follower.stdout.read()

    assert [line.split(maxsplit=2)[1:] for line in (first, second)] == [
        ["INFO", "it begins\n"],
        ["INFO", "it goes on\n"],
    ]
    assert (follower.returncode, rest) == (0, "")


def test_an_ended_task_is_run_again(hub: Hub) -> None:
    first = hub.dispatch(f'dispatch("{SLEEP}", args=(0,))')
    hub.wait(first)

    done = hub.run_task("run-again", first)

    (again,) = done.stdout.split()
    assert hub.wait(again)["again_of"].endswith(f"/{first}/")


def test_nothing_is_run_twice_for_a_hub_that_went_away() -> None:
    asked: list[str] = []

    class Handler(Answering):
        def do_POST(self) -> None:
            asked.append(self.path)
            if len(asked) == 1:
                self.answer({"task": f"/api/pulp/api/v3/tasks/{NOBODY}/"}, status=202)

    with serving(Handler) as url:
        command = [CARTWHEEL, "task", "run-again", NOBODY, NOBODY]
        done = subprocess.run(
            [*command, "-s", url], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )

    assert len(asked) == 2
    assert (done.returncode, done.stdout) == (1, f"{NOBODY}\n")
    assert (
        done.stderr == "cartwheel: The hub did not answer, but may have done it; see cartwheel task list.\n"
    )


@pytest.mark.parametrize("command", ["show", "stop", "log", "run-again"])
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((NOBODY,), f"The hub has nothing at /api/automation-hub/pulp/api/v3/tasks/{NOBODY}/"),
        (("everything",), "everything is no task: give an id such as "),
        ((NOBODY, "-p", "wrong"), "The hub does not know that username and password, or token."),
        ((NOBODY, "-s", "http://127.0.0.1:9/api/"), "http://127.0.0.1:9/api/ does not answer: "),
    ],
    ids=["unknown id", "no id", "wrong password", "no hub"],
)
def test_what_cannot_be_done_is_said_in_one_line(
    hub: Hub, command: str, arguments: tuple[str, ...], says: str
) -> None:
    done = hub.run_task(command, *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"cartwheel: {says}")


def test_one_who_may_not_stop_a_task_is_told_so(hub: Hub) -> None:
    task = running(hub)
    hub.request("POST", "_ui/v1/users/", json={"username": "bob", "password": hub.password, "groups": []})

    done = hub.run_task("stop", task, "-u", "bob")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "403" in done.stderr
    hub.run_task("stop", task)
