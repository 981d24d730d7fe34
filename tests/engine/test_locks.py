"""Who waits for whom in the database, where that needs two connections to see."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import make
import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from locks import beside, waiting_for_locks
from patience import PATIENCE_SECONDS, eventually

from cartwheel.cli import schema
from cartwheel.engine import resources
from cartwheel.engine.claims import Claimed, claim
from cartwheel.engine.endings import Outcome, finish, settle
from cartwheel.engine.models import Resource, Task
from cartwheel.engine.retention import retire
from cartwheel.engine.states import State
from cartwheel.engine.stopping import cancel

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time"),
]


def test_two_who_stop_a_task_that_ends_do_not_wait_in_a_circle() -> None:
    got = make.claimed(exclusive=["r"])
    outcome = Outcome(got.task_id, got.claim, State.FAILED, error={"description": "no"})
    problems: list[Exception] = []

    with transaction.atomic():
        Task.objects.filter(pk=got.task_id).update(state=State.CANCELING)  # the first, about to commit
        second = beside(lambda: cancel(Task.objects.get(pk=got.task_id)), problems)
        eventually(lambda: waiting_for_locks() == 1, what="the second being held up")
        end = beside(lambda: finish([outcome]), problems)
        eventually(lambda: waiting_for_locks() == 2, what="the end being held up")
    second.join(PATIENCE_SECONDS)
    end.join(PATIENCE_SECONDS)

    assert problems == []
    assert Task.objects.get(pk=got.task_id).state == "canceled"


def dispatch_both(names: str, *, between: Callable[[], object] = bool, locked_first: bool) -> None:
    """A task for each of two resources, in one transaction."""
    with transaction.atomic():
        if locked_first:
            resources.lock(names)
        make.task(exclusive=[names[0]])
        between()
        make.task(exclusive=[names[1]])


def test_two_who_dispatch_for_several_resources_wait_for_each_other_if_they_lock_all_first() -> None:
    problems: list[Exception] = []

    def often(names: str) -> None:
        for _ in range(30):
            dispatch_both(names, locked_first=True)

    threads = [beside(partial(often, names), problems) for names in ("ab", "ba", "ca", "bc")]
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert problems == []
    assert Task.objects.count() == 240


def test_else_one_of_them_fails_as_a_whole() -> None:
    make.task(exclusive=["a", "b"])
    problems: list[Exception] = []
    both_are_halfway = threading.Barrier(2)

    threads = [
        beside(partial(dispatch_both, names, between=both_are_halfway.wait, locked_first=False), problems)
        for names in ("ab", "ba")
    ]
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    (problem,) = problems
    assert "deadlock detected" in str(problem)
    assert Task.objects.count() == 1 + 2


def test_two_who_settle_the_same_workers_end_their_tasks_in_the_same_order() -> None:
    worker = make.worker()
    for _ in range(20):
        make.task()
    claim({worker.pk: 20})
    problems: list[Exception] = []

    threads = [beside(lambda: settle([worker.pk], "gone"), problems) for _ in range(4)]
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert problems == []
    assert set(Task.objects.values_list("state", flat=True)) == {"failed"}


def test_a_twin_does_not_begin_before_it_can_see_what_was_changed_for_it() -> None:
    twin = retire.dispatch()
    worker = make.worker().pk
    got: list[list[Claimed]] = []

    with transaction.atomic():
        Resource.objects.create(name="what was changed")
        assert retire.dispatch() == twin
        beside(lambda: got.append(claim({worker: 1})), []).join()

    assert got == [[]]
    assert [each.task_id for each in claim({worker: 1})] == [twin.pk]


def test_of_several_who_would_migrate_each_waits_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    MigrationRecorder(connection).ensure_schema()
    monkeypatch.setattr(schema, "_lacking", lambda: [("engine", "0005_of_tomorrow")])
    monkeypatch.setattr(schema, "call_command", lambda *_, **__: done.append("by the other"))

    with schema._alone():
        other = beside(schema.bring_up_to_date, [])
        eventually(waiting_for_locks, what="the other's coming")
        MigrationRecorder(connection).record_applied("engine", "0005_of_tomorrow")
        MigrationRecorder(connection).record_unapplied("engine", "0005_of_tomorrow")
        done.append("by the first")
    other.join()

    assert done == ["by the first", "by the other"]
