"""Changes of state: who wins, who is refused, what follows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import make
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from cartwheel.engine import context, groups, stopping
from cartwheel.engine.claims import Claimed, claim
from cartwheel.engine.endings import Outcome, finish, settle
from cartwheel.engine.errors import AlreadyFinal, LostClaim, StillActive
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Event, ProgressReport, Task, TaskGroup
from cartwheel.engine.states import FINAL, INCOMPLETE, State
from cartwheel.engine.stopping import cancel, cancel_each, delete, stop_forgotten
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db


def now(task: Task | Claimed) -> Task:
    return Task.objects.get(pk=task.task_id if isinstance(task, Claimed) else task.pk)


def test_workers_get_the_oldest_tasks_one_each() -> None:
    tasks = [make.task() for _ in range(3)]
    workers = [make.worker().pk for _ in range(2)]

    got = claim(dict.fromkeys(workers, 1))

    assert [(each.task_id, each.worker_id) for each in got] == list(
        zip([task.pk for task in tasks], workers, strict=False)
    )
    assert now(tasks[2]).state == "waiting"


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED, State.CANCELED])
def test_a_worker_ends_what_it_claimed(state: State) -> None:
    got = make.claimed()

    make.end(got, state)

    assert now(got).state == state
    assert now(got).finished_at is not None


def test_a_task_that_had_ended_when_it_was_asked_to_stop_is_first_undone() -> None:
    got = make.claimed()
    cancel(now(got))

    undo = finish([Outcome(got.task_id, got.claim, State.COMPLETED, undo=got)])

    assert undo == [got]
    assert now(got).state == "canceling"


def test_a_task_that_ended_before_it_was_asked_to_stop_is_not_undone() -> None:
    got = make.claimed()

    undo = finish([Outcome(got.task_id, got.claim, State.COMPLETED, undo=got)])

    assert undo == []
    assert now(got).state == "completed"


def test_a_worker_that_lost_its_task_does_not_undo_it() -> None:
    got = make.claimed()
    cancel(now(got))
    Task.objects.filter(pk=got.task_id).update(claim=got.claim + 1)

    undo = finish([Outcome(got.task_id, got.claim, State.COMPLETED, undo=got)])

    assert undo == []


def test_a_worker_that_lost_its_task_cannot_end_it() -> None:
    got = make.claimed()
    Task.objects.filter(pk=got.task_id).update(claim=got.claim + 1)  # somebody else has it now

    make.end(got, result="mine")

    assert now(got).state == "running"
    assert now(got).result is None


@pytest.mark.parametrize("final", sorted(FINAL))
def test_a_final_state_never_changes(final: State) -> None:
    got = make.claimed()
    Task.objects.filter(pk=got.task_id).update(state=final)

    make.end(got, State.FAILED, error={"description": "too late"})

    assert now(got).state == final
    assert now(got).error is None


def test_a_task_that_ends_while_it_is_asked_to_stop_is_canceled() -> None:
    got = make.claimed()
    cancel(now(got))

    make.end(got, State.FAILED, error={"description": "stopped in the middle"})

    assert now(got).state == "canceled"
    assert now(got).error is None


def test_a_worker_that_lost_its_task_changes_nothing_any_more() -> None:
    got = make.claimed()
    task = now(got)
    settle([got.worker_id], "Worker has gone missing.")

    with context.running(task), transaction.atomic(), pytest.raises(LostClaim):
        context.require_claim()


def test_a_waiting_task_is_canceled_at_once(alice: User) -> None:
    task = make.task()

    stopped = cancel(task, by=alice)

    assert stopped.state == "canceled"
    assert stopped.stopped_by == alice
    assert stopped.started_at is None
    assert claim({make.worker().pk: 1}) == []


def test_a_running_task_is_asked_to_stop_and_asking_twice_is_fine() -> None:
    got = make.claimed()

    assert cancel(now(got)).state == "canceling"
    assert cancel(now(got)).state == "canceling"


def test_one_that_did_all_its_work_and_was_promised_to_be_stopped_is_undone_before_it_ends() -> None:
    got = make.claimed()
    cancel(now(got))

    undo = finish([Outcome(got.task_id, got.claim, State.COMPLETED, undo=got)])

    assert undo == [got]
    assert now(got).state == "canceling"


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED, State.SKIPPED])
def test_what_has_ended_cannot_be_stopped(state: State) -> None:
    task = Task.objects.create(name="iamdone", state=state)

    with pytest.raises(AlreadyFinal, match=f"^The task iamdone is already {state}\\.$"):
        cancel(task)


@pytest.mark.parametrize("state", sorted(INCOMPLETE))
def test_what_has_not_ended_cannot_be_deleted(state: State) -> None:
    task = Task.objects.create(name="iamactive", state=state)

    with pytest.raises(StillActive, match="Stop it first"):
        delete(task)

    assert Task.objects.filter(pk=task.pk).exists()


def test_a_lost_worker_fails_its_task_and_closes_its_reports() -> None:
    got = make.claimed()
    ProgressReport.objects.create(task_id=got.task_id, message="Counting", state=State.RUNNING)

    settle([got.worker_id], "Worker has gone missing.")

    assert now(got).state == "failed"
    assert now(got).error == {
        "description": "Worker has gone missing.",
        "reason": "Worker has gone missing.",
        "traceback": None,
    }
    assert ProgressReport.objects.get().state == "failed"


# -- children of what is stopped --------------------------------------------------------------------


def child_of(got: Claimed, **call: Any) -> Task:
    with context.running(now(got)):
        return make.task(**call)


def test_with_cascade_a_child_that_was_made_before_the_task_heard_of_its_stop_is_stopped_too(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    parent = make.claimed()
    early = child_of(parent)
    (running,) = claim({make.worker().pk: 1})
    assert running.task_id == early.pk
    cancel(now(parent), cascade=True)
    late, grandchild = child_of(parent), child_of(running)

    with django_capture_on_commit_callbacks(execute=True):
        finish([Outcome(each.task_id, each.claim, State.CANCELED) for each in (parent, running)])

    assert [now(each).state for each in (early, late, grandchild)] == ["canceled"] * 3


def test_without_cascade_children_go_on(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    parent = make.claimed()
    cancel(now(parent))
    child = child_of(parent)

    with django_capture_on_commit_callbacks(execute=True):
        make.end(parent, State.CANCELED)

    assert now(child).state == "waiting"


def test_in_a_stopped_group_what_was_added_before_a_task_heard_of_it_is_stopped_too(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    group = TaskGroup.objects.create()
    make.task(group=group)
    (parent,) = claim({make.worker().pk: 1})
    groups.cancel(group)
    inside, outside = child_of(parent, group=group), child_of(parent)

    with django_capture_on_commit_callbacks(execute=True):
        make.end(parent, State.CANCELED)

    assert [now(each).state for each in (inside, outside)] == ["canceled", "waiting"]


@pytest.mark.parametrize("is_in_group", [False, True])
def test_it_is_stopped_also_if_whoever_ended_the_task_died_before(is_in_group: bool) -> None:
    group = TaskGroup.objects.create() if is_in_group else None
    make.task(group=group)
    (parent,) = claim({make.worker().pk: 1})
    if group:
        groups.cancel(group)
    else:
        cancel(now(parent), cascade=True)
    late, other = child_of(parent, group=group), make.task()
    make.end(parent, State.CANCELED)  # and nothing after that
    assert now(late).state == "waiting"

    stop_forgotten()

    assert [now(each).state for each in (late, other)] == ["canceled", "waiting"]


def test_what_a_task_of_a_stopped_group_adds_and_then_ends_well_is_stopped_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = TaskGroup.objects.create()
    make.task(group=group)
    (parent,) = claim({make.worker().pk: 1})
    late: list[Task] = []

    def end_just_before(task_ids: list[UUID], **how: Any) -> None:
        if not late:
            late.append(child_of(parent, group=group))
            make.end(parent)
        cancel_each(task_ids, **how)

    monkeypatch.setattr("cartwheel.engine.groups.stopping.cancel_each", end_just_before)
    groups.cancel(group)

    assert [now(each).state for each in (parent, late[0])] == ["completed", "canceled"]


FEW = 64  # values that a statement may have


@pytest.fixture
def few_values(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where SQLite is the database; PostgreSQL takes any number."""
    monkeypatch.setattr(stopping, "AT_ONCE", FEW // 2)
    database: Any = connection.connection
    if connection.vendor == "sqlite":
        usual = database.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, FEW)
    yield
    if connection.vendor == "sqlite":
        database.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, usual)


@pytest.mark.usefixtures("few_values")
def test_children_are_stopped_however_many_and_their_arguments_are_not_read() -> None:
    parent = make.claimed()
    children = [child_of(parent) for _ in range(FEW + 1)]

    with CaptureQueriesContext(connection) as asked:
        cancel(now(parent), cascade=True)

    assert {now(each).state for each in children} == {"canceled"}
    assert sum('"args"' in str(each["sql"]) for each in asked) == 2  # of the parent


# -- tasks that end with a child --------------------------------------------------------------------


def with_child(got: Claimed, **call: Any) -> Task:
    with context.running(now(got)):
        child = make.task(**call)
    finish([Outcome(got.task_id, got.claim, State.RUNNING, ends_with=child.pk)])
    return child


def order_of_all() -> list[UUID]:
    """Let one worker run what can be run, until nothing is left; the order in which it did."""
    order = []
    while got := claim({make.worker().pk: 1}):
        order.append(got[0].task_id)
        make.end(got[0])
    assert not Task.objects.incomplete().exists()
    return order


def test_a_task_may_end_with_its_child_and_needs_no_worker_meanwhile() -> None:
    parent = make.claimed()

    child = with_child(parent)

    assert now(parent).state == "running"
    assert now(parent).worker is None
    make.end(claim({make.worker().pk: 1})[0])
    assert now(child).state == now(parent).state == "completed"


def test_it_fails_with_the_error_of_its_child() -> None:
    parent = make.claimed()
    with_child(parent)

    make.end(claim({make.worker().pk: 1})[0], State.FAILED, error={"description": "no room"})

    assert now(parent).state == "failed"
    assert now(parent).error == {"description": "no room"}


def test_a_child_that_was_quicker_ends_its_parent_all_the_same() -> None:
    parent = make.claimed()
    with context.running(now(parent)):
        child = make.task()
    make.end(claim({make.worker().pk: 1})[0])

    finish([Outcome(parent.task_id, parent.claim, State.RUNNING, ends_with=child.pk)])

    assert now(parent).state == "completed"


def test_stopping_it_stops_the_child_that_it_waits_for() -> None:
    parent = make.claimed()
    child = with_child(parent)

    cancel(now(parent))

    assert now(parent).state == now(child).state == "canceled"


def test_stopping_the_child_stops_it() -> None:
    parent = make.claimed()
    child = with_child(parent)

    cancel(child)

    assert now(parent).state == "canceled"


def test_it_keeps_no_resource_from_its_child() -> None:
    parent = make.claimed(exclusive=["a"])

    child = with_child(parent, exclusive=["a"])
    after = make.task(exclusive=["a"])

    assert order_of_all() == [child.pk, after.pk]


def test_who_waits_for_it_is_in_front_of_its_child() -> None:
    parent = make.claimed(exclusive=["a"])
    between = make.task(exclusive=["a", "b"])

    child = with_child(parent, exclusive=["b"])

    assert order_of_all() == [between.pk, child.pk]


def test_two_of_them_whose_children_want_what_the_other_has_do_not_wait_for_ever() -> None:
    parents = make.claimed(exclusive=["a"]), make.claimed(exclusive=["b"])

    children = with_child(parents[0], exclusive=["b"]), with_child(parents[1], exclusive=["a"])

    assert order_of_all() == [child.pk for child in children]


@pytest.mark.parametrize("wanted", [["b"], [HUB], []])
def test_one_that_has_the_hub_alone_gives_it_back_when_it_waits_for_its_child(wanted: list[str]) -> None:
    parent = make.claimed(exclusive=[HUB])
    after = make.task(exclusive=["b"])

    child = with_child(parent, exclusive=wanted)

    assert order_of_all() == [after.pk, child.pk]


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ([], ["child", "gate", "after"]),
        (["b"], ["after", "child", "gate"]),
        ([HUB], ["gate", "after", "child"]),
    ],
)
def test_who_wants_the_hub_alone_does_not_wait_for_one_that_waits_for_its_child(
    wanted: list[str], order: list[str]
) -> None:
    parent = make.claimed()
    made = {"gate": make.task(exclusive=[HUB]), "after": make.task(exclusive=["b"])}

    made["child"] = with_child(parent, exclusive=wanted)

    assert order_of_all() == [made[name].pk for name in order]


def test_two_that_would_end_with_each_other_do_not_wait_for_ever() -> None:
    one, other = make.claimed(), make.claimed()
    finish([Outcome(one.task_id, one.claim, State.RUNNING, ends_with=other.task_id)])

    finish([Outcome(other.task_id, other.claim, State.RUNNING, ends_with=one.task_id)])

    error = now(other).error
    assert now(one).state == now(other).state == "failed"
    assert error
    assert "cannot end with" in error["description"]


def test_a_task_may_end_with_one_that_somebody_else_made() -> None:
    parent = make.claimed()
    gate = make.task(exclusive=[HUB])
    other = make.task()

    finish([Outcome(parent.task_id, parent.claim, State.RUNNING, ends_with=other.pk)])

    assert order_of_all() == [gate.pk, other.pk]


def test_a_worker_that_lost_its_task_does_not_let_it_end_with_another() -> None:
    parent = make.claimed()
    child = make.task()
    settle([parent.worker_id], "Worker has gone missing.")
    settled = Task.objects.filter(pk=parent.task_id).values().get()

    finish([Outcome(parent.task_id, parent.claim, State.RUNNING, result="late", ends_with=child.pk)])

    assert Task.objects.filter(pk=parent.task_id).values().get() == settled


# -- cost, and what is told -------------------------------------------------------------------------


def test_a_claim_and_an_end_cost_few_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    workers = dict.fromkeys((make.worker().pk for _ in range(2)), 1)
    make.task()
    claim(workers)  # the first of a hub makes a row for it
    for _ in workers:
        make.task()

    events = 1 if connection.vendor == "sqlite" else 0  # elsewhere in the same statement
    with django_assert_num_queries(3 + events):
        got, _ = claim(workers)
    with django_assert_num_queries(2 + events):
        make.end(got, has_parent=False)


def test_every_change_is_an_event() -> None:
    got = make.claimed()
    make.end(got)

    told = Event.objects.filter(task_id=got.task_id).order_by("id").values_list("state", flat=True)

    assert list(told) == ["waiting", "running", "completed"]
