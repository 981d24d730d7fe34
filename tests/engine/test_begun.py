"""When a supervisor is killed with its children, what they had not begun is still run."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import make
import pytest
from django.utils import timezone
from pytest_django import Settings

from cartwheel.engine import begun as begun_files
from cartwheel.engine.begun import SLOTS, UNKNOWN_SECONDS, Begun, begun_by, forget, forget_settled
from cartwheel.engine.caretaking import at_rest, dead_workers
from cartwheel.engine.claims import claim
from cartwheel.engine.endings import adopt, settle
from cartwheel.engine.functions import Options, task
from cartwheel.engine.models import Task, Worker
from cartwheel.engine.stopping import cancel
from cartwheel.engine.wakeup import run_directory
from cartwheel.kit.processes import machine_id

pytestmark = pytest.mark.django_db


@task("tests.tidied", title="", options=Options(clean_up=lambda: None))
def tidied() -> None:
    """Do nothing."""


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.CONFIG = make.config(data=tmp_path)


@pytest.fixture
def dead() -> int:
    """The id of a process that has just ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def worker(**details: Any) -> Worker:
    return Worker.objects.create(**{"name": "1@here", "machine": machine_id()} | details)


@pytest.fixture
def gone(dead: int) -> Iterator[tuple[Worker, Begun]]:
    """A worker that is dead, and what it has left."""
    made = worker(pid=dead)
    begun = Begun(made.pk)
    yield made, begun
    begun.close()


def full(_path: Path, _data: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def states(tasks: list[Task]) -> list[str]:
    return [Task.objects.get(pk=task.pk).state for task in tasks]


def test_what_a_dead_worker_had_not_begun_goes_back_to_its_place_in_line(gone: tuple[Worker, Begun]) -> None:
    one, begun = gone
    tasks = [make.task() for _ in range(4)]
    claim({one.pk: 4})
    begun.note(tasks[0].pk)
    begun.done()
    begun.note(tasks[1].pk)

    left = settle([one.pk], "Worker has gone missing.", begun=begun_by([one.pk]))

    assert states(tasks) == ["completed", "failed", "waiting", "waiting"]
    assert [each.task_id for each in left] == [tasks[1].pk]
    assert [each.task_id for each in claim({worker(name="2@here").pk: 3})] == [each.pk for each in tasks[2:]]


def test_what_was_done_and_to_be_stopped_is_undone_by_its_clean_up(gone: tuple[Worker, Begun]) -> None:
    one, begun = gone
    task = make.task(name=tidied.name)
    claim({one.pk: 1})
    begun.note(task.pk)
    begun.done()
    cancel(Task.objects.get(pk=task.pk))

    left = settle([one.pk], "Worker has gone missing.", begun=begun_by([one.pk]))

    assert states([task]) == ["canceling"]
    assert [each.task_id for each in left] == [task.pk]


def test_what_was_to_be_stopped_and_had_not_begun_is_canceled(gone: tuple[Worker, Begun]) -> None:
    one, _ = gone
    task = make.task()
    claim({one.pk: 1})
    cancel(Task.objects.get(pk=task.pk))

    settle([one.pk], "Worker has gone missing.", begun=begun_by([one.pk]))

    assert states([task]) == ["canceled"]


def test_what_is_to_be_undone_is_never_run_again(gone: tuple[Worker, Begun], dead: int) -> None:
    one, _ = gone
    task = make.task(name=tidied.name)
    other = worker(pid=dead, name="2@here")
    (lost,) = claim({other.pk: 1})
    adopt([(lost, {"reason": "Its worker was lost."})], one.pk)  # to undo it, which it had not begun

    left = settle([one.pk], "Worker has gone missing.", begun=begun_by([one.pk]))

    assert states([task]) == ["running"]
    assert [each.task_id for each in left] == [task.pk]


def test_the_latest_tasks_are_known(gone: tuple[Worker, Begun]) -> None:
    one, begun = gone
    tasks = [uuid4() for _ in range(SLOTS + 10)]

    for each in tasks:
        begun.note(each)
    begun.done()

    assert begun_by([one.pk]) == {one.pk: dict.fromkeys(tasks[10:], False) | {tasks[-1]: True}}


@pytest.mark.parametrize("details", [{"machine": "elsewhere"}, {"machine": ""}, {"pid": 1}])
def test_of_who_may_be_alive_or_was_elsewhere_nothing_is_known(dead: int, details: dict[str, Any]) -> None:
    one = worker(**{"pid": dead} | details)
    begun = Begun(one.pk)

    assert begun_by([one.pk]) == {}
    begun.close()


def test_of_a_container_that_was_started_again_all_is_known() -> None:
    space, _, first = machine_id().rpartition("/")
    before = f"{space}/{int(first) - 1}"
    with subprocess.Popen(
        ["sleep", "600"], process_group=0
    ) as somebody_else:  # who has got the same id since
        one = worker(machine=before, pid=somebody_else.pid, supervisor_pid=os.getpid())
        begun = Begun(one.pk)
        tasks = [make.task() for _ in range(2)]
        claim({one.pk: 2})
        begun.note(tasks[0].pk)

        assert dead_workers([]) == at_rest([one.pk]) == [one.pk]
        settle([one.pk], "Worker has gone missing.", begun=begun_by([one.pk]))

        assert states(tasks) == ["failed", "waiting"]
        assert somebody_else.poll() is None
        somebody_else.kill()
    begun.close()


def test_without_a_file_all_counts_as_begun(dead: int) -> None:
    one = worker(pid=dead)
    tasks = [make.task() for _ in range(2)]
    claim({one.pk: 2})

    settle([one.pk], "Worker has gone missing.", begun=begun_by([one.pk]))

    assert states(tasks) == ["failed", "failed"]


def test_a_worker_that_can_keep_no_file_works(dead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_bytes", full)
    one = worker(pid=dead)
    begun = Begun(one.pk)

    begun.note(uuid4())

    assert begun_by([one.pk]) == {}
    begun.close()


def test_what_is_settled_leaves_no_file(gone: tuple[Worker, Begun]) -> None:
    one, _ = gone

    forget([one.pk, UUID(int=1)])

    assert begun_by([one.pk]) == {}


def test_what_somebody_elsewhere_has_settled_leaves_no_file_either(dead: int) -> None:
    now = timezone.now()
    settled, at_work, to_clean_up = (
        worker(pid=dead, stopped_at=now),
        worker(pid=dead),
        worker(pid=dead),
    )
    lost, new = uuid4(), uuid4()
    files = [Begun(each) for each in (settled.pk, at_work.pk, to_clean_up.pk, lost, new)]
    make.task(name=tidied.name)
    claim({to_clean_up.pk: 1})
    Worker.objects.filter(pk=to_clean_up.pk).update(stopped_at=now)
    old = time.time() - UNKNOWN_SECONDS - 1
    os.utime(begun_files._path_of(lost), (old, old))
    (run_directory() / "begun-by-somebody").touch()

    forget_settled()

    kept = {path.name.removeprefix("begun-") for path in run_directory().glob("begun-*")}
    assert kept == {str(at_work.pk), str(to_clean_up.pk), str(new), "by-somebody"}
    for each in files:
        each.close()


def test_two_who_find_the_same_worker_dead_do_not_disturb_each_other(
    gone: tuple[Worker, Begun], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = gone
    read = Path.read_bytes

    def read_too_late(path: Path) -> bytes:
        forget([one.pk])  # by the other, who has settled it
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_too_late)

    assert begun_by([one.pk]) == {}
