"""`cartwheel console`: Python with the hub's models in scope."""

from __future__ import annotations

from hub import Hub

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
