"""`cartwheel task wait`: it returns when the last task has ended, and tells how."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hub import CARTWHEEL, Hub, running_hub
from patience import PATIENCE_SECONDS, eventually
from small_server import Answering, serving

from cartwheel.cli import client
from cartwheel.cli.task import wait, words

SLEEP = "pulpcore.app.tasks.test.sleep"
NOBODY = "018a41d4-161c-7edf-bcaa-6246188c9a7f"
RUNNING: dict[str, Any] = {
    "pulp_href": f"/api/pulp/api/v3/tasks/{NOBODY}/",
    "pulp_created": "2026-01-01T00:00:00Z",
    "name": "iamrunning",
    "state": "running",
    "parent_task": None,
    "progress_reports": [],
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub for this file, so that `task wait all` waits for its tasks only: no test leaves one behind."""
    with running_hub(tmp_path_factory.mktemp("hub") / "data") as started:
        yield started


def running(hub: Hub, name: str = "iamrunning") -> str:
    return hub.dispatch(f'Task.objects.create(state="running", name="{name}")')


def stop(hub: Hub, task: str) -> None:
    assert hub.request("PATCH", f"pulp/api/v3/tasks/{task}/", json={"state": "canceled"}).ok


def failing(hub: Hub) -> str:
    return hub.dispatch(f'dispatch("{SLEEP}", args=("notanumber",))')


@contextmanager
def waiting(hub: Hub, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `cartwheel task wait` beside the test."""
    command = [CARTWHEEL, "task", "wait", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=hub.environ, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def first_news(process: subprocess.Popen[str]) -> str:
    """The first line of what it says while it waits: it has looked once by then."""
    assert process.stderr
    return process.stderr.readline()


def test_it_says_what_it_waits_for_and_how_that_ended(hub: Hub) -> None:
    task = running(hub)

    with waiting(hub, "all") as process:
        assert first_news(process) == f"running    iamrunning ({task})\n"
        stop(hub, task)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 0
    assert output == "1 task ended: 1 canceled.\n"


def test_all_waits_for_the_last_one(hub: Hub) -> None:
    one, two = running(hub, "iamone"), running(hub, "iamtwo")

    with waiting(hub, "all") as process:
        first_news(process)
        stop(hub, one)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        stop(hub, two)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert output == "2 tasks ended: 2 canceled.\n"


def test_all_is_content_when_there_is_nothing_to_wait_for(hub: Hub) -> None:
    done = hub.run_task("wait", "all")

    assert (done.returncode, done.stdout, done.stderr) == (0, "No task is left.\n", "")


def test_all_tells_which_task_failed(hub: Hub) -> None:
    held = f'dispatch("{SLEEP}", args=(600,), exclusive_resources=["one"])'
    long, failed = hub.console(
        f'print({held}.pk, dispatch("{SLEEP}", args=("notanumber",), exclusive_resources=["one"]).pk)'
    ).split()

    with waiting(hub, "all") as process:
        first_news(process)
        stop(hub, long)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert output.splitlines() == [
        f"failed: Sleep for notanumber s ({failed}): 'str' object cannot be interpreted as an integer",
        "2 tasks ended: 1 canceled, 1 failed.",
    ]


def test_all_tells_of_a_task_that_came_and_failed_while_it_waited(hub: Hub) -> None:
    before = failing(hub)
    hub.wait(before)
    long = running(hub)

    with waiting(hub, "all") as process:
        first_news(process)
        failed = failing(hub)
        hub.wait(failed)
        stop(hub, long)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert failed in output
    assert output.splitlines()[-1] == "2 tasks ended: 1 canceled, 1 failed."


def test_what_ends_between_two_pages_hides_none_of_the_others(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    made = [running(hub) for _ in range(6)]
    left, get = made.copy(), client.Client.get

    def get_and_end_one(*arguments: Any, **options: Any) -> Any:
        page = get(*arguments, **options)
        if left == made:
            stop(hub, left.pop(0))
        return page

    monkeypatch.setattr(client.Client, "get", get_and_end_one)
    found = all_tasks(hub, state="running")

    for task in left:
        stop(hub, task)
    assert found == made


def test_more_than_a_page_may_have_been_made_in_one_moment(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    made = hub.console(
        "from django.utils.timezone import now; moment = now()\n"
        'for _ in range(7): print(Task.objects.create(state="completed", name="iamonemoment", created_at=moment).pk)'
    ).split()

    assert sorted(all_tasks(hub, name="iamonemoment")) == sorted(made)


def all_tasks(hub: Hub, **filters: Any) -> list[str]:
    """The ids of all tasks that the command line finds."""
    asked = client.Client(hub.api, "admin", hub.password, "")
    with asked._http:
        return list(map(words.identifier, asked.all_tasks(**filters)))


class Counts:
    """A display that remembers how many tasks were left."""

    news_seconds = 1.0

    def __init__(self) -> None:
        self.shown: list[int] = []

    def show(self, count: int, left: list[words.Task]) -> None:
        self.shown.append(count)


def test_a_long_list_is_read_to_its_end_only_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    monkeypatch.setattr(wait, "UNHELD_SECONDS", 0)
    made = [running(hub) for _ in range(5)]
    left, get, counts = made.copy(), client.Client.get, Counts()
    would_wait: list[bool] = []

    def get_and_end_one(self: client.Client, path: str, *, wait: int = 0, **parameters: Any) -> Any:
        would_wait.append(wait > 0)
        if wait:
            stop(hub, left.pop())
        return get(self, path, **parameters)

    monkeypatch.setattr(client.Client, "get", get_and_end_one)
    asked = client.Client(hub.api, "admin", hub.password, "")
    with asked._http:
        ended = wait._wait_for_all(asked, counts, float("inf"))

    assert list(map(words.identifier, ended)) == made
    assert counts.shown == [5, 4, 3, 2, 1]
    assert all(would_wait[would_wait.index(True) :][:5])


def test_one_task_is_waited_for_by_its_id_or_its_address(hub: Hub) -> None:
    for form in ("{}", "/api/automation-hub/pulp/api/v3/tasks/{}/", f"{hub.api}v3/tasks/{{}}/"):
        task = hub.dispatch(f'dispatch("{SLEEP}", args=(0,))')

        done = hub.run_task("wait", form.format(task))

        assert (done.returncode, done.stdout) == (0, "1 task ended: 1 completed.\n")


def test_a_failed_task_is_named_with_the_reason(hub: Hub) -> None:
    fine, bad = hub.dispatch(f'dispatch("{SLEEP}", args=(0,))'), failing(hub)

    done = hub.run_task("wait", fine, bad)

    assert done.returncode == 1
    assert f"({bad}): 'str' object cannot be interpreted as an integer\n" in done.stdout
    assert done.stdout.endswith("2 tasks ended: 1 completed, 1 failed.\n")


def test_it_gives_up_when_the_time_is_up_and_names_what_is_left(hub: Hub) -> None:
    task = running(hub)

    done = hub.run_task("wait", task, "--timeout", "1")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"cartwheel: The time is up; 1 task left: iamrunning ({task})."
    stop(hub, task)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((NOBODY,), f"The hub has nothing at /api/automation-hub/pulp/api/v3/tasks/{NOBODY}/."),
        (("everything",), "everything is no task: give an id such as "),
        (("all", "-p", "wrong"), "The hub does not know that username and password, or token."),
        (("all", "-t", "0" * 40), "The hub does not know that username and password, or token."),
        (("all", "-s", "http://127.0.0.1:9/api/"), "http://127.0.0.1:9/api/ does not answer: "),
    ],
    ids=["unknown id", "no id", "wrong password", "wrong token", "no hub"],
)
def test_what_cannot_be_waited_for_is_said_in_one_line(
    hub: Hub, arguments: tuple[str, ...], says: str
) -> None:
    done = hub.run_task("wait", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"cartwheel: {says}")


def test_the_hub_is_asked_to_hold_each_request_but_the_first() -> None:
    with stand_in([[RUNNING], [RUNNING], [RUNNING], []]) as (url, looks):
        wait_for_all(url)

    _newest, first, *others = (look.prefer for look in looks)
    assert first is None
    assert {each and each.partition("=")[0] for each in others[:2]} == {"wait"}


def test_a_hub_that_does_not_hold_requests_is_asked_once_a_second() -> None:
    with stand_in([[RUNNING], [RUNNING], [RUNNING], [RUNNING], []]) as (url, looks):
        wait_for_all(url)

    _newest, first, _second, third, *_ = looks
    assert third.time - first.time >= wait.UNHELD_SECONDS


def wait_for_all(url: str) -> None:
    command = [CARTWHEEL, "task", "wait", "all", "-s", url]
    subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS, check=True)


@dataclass(frozen=True)
class Look:
    """When the hub was asked, and how long it was asked to wait."""

    time: float
    prefer: str | None


@contextmanager
def stand_in(answers: list[list[dict[str, Any]]]) -> Iterator[tuple[str, list[Look]]]:
    """A server that lists these tasks, one answer after the other; yields its address, and how it was asked."""
    asked: list[Look] = []

    class Handler(Answering):
        def do_GET(self) -> None:
            tasks = answers[min(len(asked), len(answers) - 1)]
            asked.append(Look(time.monotonic(), self.headers["Prefer"]))
            self.answer({"count": len(tasks), "next": None, "results": tasks})

    with serving(Handler) as address:
        yield address, asked


def test_a_terminal_shows_what_is_waited_for_and_how_far_it_is(hub: Hub) -> None:
    task = running(hub)
    hub.console(
        f'ProgressReport.objects.create(task_id="{task}", message="Loading", code="load",'
        ' state="running", done=3, total=4)'
    )

    with terminal(hub, "task", "wait", "all") as screen:
        eventually(lambda: "Waiting for 1 task" in screen())
        eventually(lambda: "iamrunning" in screen() and "━━━╌╌╌╌╌ Loading 3 of 4" in screen())
        stop(hub, task)
        eventually(lambda: "1 task ended: 1 canceled." in screen())


@contextmanager
def terminal(hub: Hub, *arguments: str) -> Iterator[Callable[[], str]]:
    """Run a command in a terminal of 100 columns; yields what tells all that it has shown so far."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    environ = {**hub.environ, "TERM": "xterm"}
    process = subprocess.Popen(
        [CARTWHEEL, *arguments], env=environ, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    shown = bytearray()

    def screen() -> str:
        with suppress(OSError):  # nothing new, or the terminal is closed
            shown.extend(os.read(ours, 65_536))
        return shown.decode(errors="replace")

    try:
        yield screen
    finally:
        process.kill()
        process.wait()
        os.close(ours)
