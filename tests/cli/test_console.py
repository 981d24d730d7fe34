"""`cartwheel console`: Python with the hub's models in scope."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from hub import CARTWHEEL, PASSWORD, Hub

RUNNING = 'Task.objects.create(state="running", name="iamrunning")'


def test_a_line_makes_a_running_task_that_everybody_sees(hub: Hub) -> None:
    done = hub.run("console", "-c", f"print({RUNNING}.pk)")

    task = done.stdout.split()[-1]
    assert hub.task(task)["state"] == "running"
    assert hub.get(f"v3/tasks/{task}/")["name"] == "iamrunning"
    hub.run_task("stop", task)


def test_the_same_line_typed_at_the_prompt_does_the_same(hub: Hub) -> None:
    done = hub.run("console", input=f"made = {RUNNING}\nprint('made', made.pk)\n")

    task = done.stdout.split("made ")[-1].split()[0]
    assert done.returncode == 0
    assert hub.task(task)["state"] == "running"
    hub.run_task("stop", task)


def test_the_prompt_says_what_is_in_scope(hub: Hub) -> None:
    done = hub.run("console", input="")

    scope = done.stderr.partition("In scope: ")[2].split("\n")[0].split(", ")
    assert {"Task", "TaskGroup", "ProgressReport", "dispatch", "Collection", "User"} <= set(scope)


def test_dispatch_returns_the_task_that_a_worker_then_runs(hub: Hub) -> None:
    group = "group = TaskGroup.objects.create(description='some'); "
    call = (
        'dispatch("pulpcore.app.tasks.test.sleep", args=(0,), kwargs={}, exclusive_resources=["console"],'
        ' shared_resources=["reading"], task_group=group)'
    )

    printed = hub.console(f"{group}task = {call}; print(type(task).__name__, task.pk, group.pk)").split()

    ended = hub.wait(printed[1])
    assert printed[0] == "Task"
    assert ended["state"] == "completed"
    assert {"console", "shared:reading"} <= set(ended["reserved_resources_record"])
    assert ended["task_group"].split("/")[-2] == printed[2]


def test_the_tasks_for_trying_things_out_are_registered(hub: Hub) -> None:
    for name, arguments in (("dummy_task", ()), ("sleep", (0.1,)), ("gooey_task", (0.1,))):
        task = hub.wait(hub.dispatch(f'dispatch("pulpcore.app.tasks.test.{name}", args={arguments})'))

        assert task["state"] == "completed"


def test_a_mistake_in_the_code_is_a_traceback_and_exit_code_1(hub: Hub) -> None:
    done = hub.run("console", "-c", "Tusk.objects.create()")

    assert done.returncode == 1
    assert "NameError: name 'Tusk' is not defined" in done.stderr


def test_garbage_is_looked_for_once_all_is_loaded(hub: Hub) -> None:
    look = "print(gc.isenabled(), gc.get_freeze_count() > 100_000)"

    done = hub.run(
        "console", "-c", f"import gc\nfrom cartwheel.cli import serve\n{look}\nserve._load()\n{look}"
    )

    assert done.stdout == "True True\nTrue True\n"


def test_a_password_is_hashed_many_times(tmp_path: Path) -> None:
    """By every hub but those that other tests start."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CARTWHEEL_")}
    del environ["PYTHONPATH"]  # where cheap_passwords is
    environ |= {"CARTWHEEL_DATA": str(tmp_path), "CARTWHEEL_ADMIN_PASSWORD": PASSWORD}
    code = (
        "import base64, _hashlib\n"
        "kind, times, salt, kept = User.objects.get().password.split('$')\n"
        f"made = _hashlib.pbkdf2_hmac('sha256', b{PASSWORD!r}, salt.encode(), int(times))\n"
        "print(kind, times, base64.b64encode(made).decode() == kept)"
    )

    done = subprocess.run(
        [CARTWHEEL, "console", "-c", code], env=environ, capture_output=True, text=True, check=True
    )

    kind, times, is_right = done.stdout.split()
    assert (kind, is_right) == ("pbkdf2_sha256", "True")
    assert int(times) >= 600_000
