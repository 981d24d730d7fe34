"""Tasks on a real hub: processes that run, stop, die."""

from __future__ import annotations

import os
import signal
from itertools import pairwise
from pathlib import Path

import processes
import pytest
from hub import Hub, running_hub
from patience import eventually

SLEEP = "pulpcore.app.tasks.test.sleep"
CANCELED = {"state": "canceled"}


def test_a_task_runs_and_tells_its_result(hub: Hub) -> None:
    task = hub.wait(hub.dispatch('dispatch("os.getpid")'))

    assert task["state"] == "completed"
    assert isinstance(task["result"], int)
    assert task["pulp_created"] <= task["unblocked_at"] <= task["started_at"] <= task["finished_at"]


def test_an_exception_is_how_a_task_failed(hub: Hub) -> None:
    task = hub.wait(hub.dispatch(f'dispatch("{SLEEP}", args=("notanumber",))'))

    assert task["state"] == "failed"
    assert task["error"]["description"] == "'str' object cannot be interpreted as an integer"
    assert "time.sleep(interval)" in task["error"]["traceback"]


def test_nothing_is_imported_by_a_name_from_the_database(hub: Hub) -> None:
    task = hub.wait(hub.dispatch('dispatch("antigravity.fly")'))

    assert task["state"] == "failed"
    assert task["error"]["description"] == "No module named 'antigravity'"


def test_only_the_web_server_holds_the_address(hub: Hub) -> None:
    """What outlives a hub that is killed must not keep the next from starting at the same address."""
    task = hub.dispatch(f'dispatch("{SLEEP}", args=(600,))')
    hub.wait(task, "running")
    parts = set(processes.children(hub.process.pid))
    workers = processes.parent(hub.process_of(task))
    (address,) = (each for each in processes.sockets(hub.process.pid) if each.startswith("socket:"))

    holders = {pid for pid in processes.descendants(hub.process.pid) if address in processes.sockets(pid)}

    assert workers in parts
    assert holders == parts - {workers}
    hub.request("PATCH", f"pulp/api/v3/tasks/{task}/", json=CANCELED)


def test_exclusive_tasks_run_one_after_the_other(hub: Hub) -> None:
    made = hub.console(
        f'for n in range(3): print(dispatch("{SLEEP}", args=(0.1,), exclusive_resources=["one-by-one"]).pk)'
    ).split()

    ended = [hub.wait(task) for task in made]

    for before, after in pairwise(ended):
        assert before["finished_at"] <= after["started_at"]


def test_a_running_task_is_stopped_soon(hub: Hub) -> None:
    task = hub.dispatch(f'dispatch("{SLEEP}", args=(600,))')
    hub.wait(task, "running")

    answer = hub.request("PATCH", f"pulp/api/v3/tasks/{task}/", json=CANCELED)

    assert answer.status_code == 200
    assert answer.json()["state"] in ("canceling", "canceled")
    assert hub.wait(task, "canceled")["error"] is None


def test_a_task_that_swallows_every_exception_is_killed(hub: Hub) -> None:
    task = hub.dispatch('dispatch("pulpcore.app.tasks.test.gooey_task", args=(600,))')
    hub.wait(task, "running")

    answer = hub.request("PATCH", f"pulp/api/v3/tasks/{task}/", json=CANCELED)

    assert answer.json()["state"] == "canceling"
    hub.wait(task, "canceled")


def test_a_waiting_task_is_canceled_in_the_request(hub: Hub) -> None:
    holder, waiting = hub.console(
        f'for n in range(2): print(dispatch("{SLEEP}", args=(600,), exclusive_resources=["held"]).pk)'
    ).split()

    answer = hub.request("PATCH", f"pulp/api/v3/tasks/{waiting}/", json=CANCELED)

    assert answer.json()["state"] == "canceled"
    assert answer.json()["started_at"] is None
    hub.request("PATCH", f"pulp/api/v3/tasks/{holder}/", json=CANCELED)


def test_a_row_made_by_hand_runs_until_somebody_stops_it(hub: Hub) -> None:
    task = hub.dispatch('Task.objects.create(state="running", name="iamrunning")')
    hub.wait(
        hub.dispatch('dispatch("pulpcore.app.tasks.test.dummy_task")')
    )  # workers woke up and looked around

    assert hub.task(task)["state"] == "running"
    answer = hub.request("PATCH", f"pulp/api/v3/tasks/{task}/", json=CANCELED)
    assert answer.json()["state"] == "canceled"


def test_a_killed_worker_fails_its_task_at_once_and_is_replaced(hub: Hub) -> None:
    task = hub.dispatch(f'dispatch("{SLEEP}", args=(600,), exclusive_resources=["murder"])')
    hub.wait(task, "running")
    next_one = hub.dispatch('dispatch("os.getpid", exclusive_resources=["murder"])')
    victim = hub.process_of(task)

    os.kill(victim, signal.SIGKILL)

    failed = eventually(lambda: (found := hub.task(task))["state"] == "failed" and found, what="its end")
    assert failed["error"]["reason"] == "Killed by signal 9 (SIGKILL)."
    assert hub.wait(next_one)["result"] != victim


def test_a_child_dies_with_its_supervisor_and_the_next_start_settles_its_task(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data") as hub:
        task = hub.dispatch(f'dispatch("{SLEEP}", args=(600,), exclusive_resources=["r"])')
        waiting = hub.dispatch('dispatch("os.getpid", exclusive_resources=["r"])')
        hub.wait(task, "running")
        pid = hub.process_of(task)

        os.kill(processes.parent(pid), signal.SIGKILL)

        eventually(lambda: processes.is_dead(pid), what="the end of the orphan")
        assert hub.wait(task)["error"]["reason"] == "Worker has gone missing."
        assert hub.wait(waiting)["state"] == "completed"


def test_what_was_answered_202_survives_the_loss_of_all_processes(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data") as hub:
        running = hub.dispatch(f'dispatch("{SLEEP}", args=(600,), exclusive_resources=["r"])')
        hub.wait(running, "running")
        waiting = hub.dispatch('dispatch("os.getpid", exclusive_resources=["r"])')
        hub.kill()
        # Its children get a signal as it dies, and drain; the next hub does not wait for them.

    with running_hub(tmp_path / "data") as hub:
        assert hub.wait(running)["state"] == "failed"
        assert hub.wait(waiting)["state"] == "completed"


def test_shutting_down_leaves_no_task_running(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data") as hub:
        short = hub.dispatch(f'dispatch("{SLEEP}", args=(4,))')
        hub.wait(short, "running", "completed")  # which it may be before one has looked
        hub.kill(signal.SIGTERM)

    with running_hub(tmp_path / "data") as hub:
        assert hub.task(short)["state"] == "completed"


@pytest.mark.parametrize("state", ["waiting", "canceling"])
def test_other_rows_made_by_hand_take_their_course(hub: Hub, state: str) -> None:
    task = hub.dispatch(f'Task.objects.create(state="{state}", name="iam{state}")')

    ended = hub.wait(task)

    assert ended["state"] == {"waiting": "failed", "canceling": "canceled"}[state]
