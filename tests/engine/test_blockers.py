"""Why a task waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cartwheel.engine.blockers import Wait, awaited, held_back, why_waiting
from cartwheel.engine.claims import claim
from cartwheel.engine.endings import Outcome, finish
from cartwheel.engine.functions import Call
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Pause, Priority, Task, Worker
from cartwheel.engine.pausing import pause
from cartwheel.engine.retention import retire
from cartwheel.engine.states import State
from cartwheel.engine.stopping import cancel
from cartwheel.engine.trials import dummy_task

pytestmark = pytest.mark.django_db


def wants(*exclusive: str, shared: tuple[str, ...] = ()) -> Task:
    return dummy_task.dispatch(call=Call(exclusive=exclusive, shared=shared))


def why(task: Task) -> Wait:
    found = why_waiting(Task.objects.get(pk=task.pk))
    assert found is not None
    return found


def test_the_holder_and_the_place_in_line_are_told_for_each_resource() -> None:
    holder = wants("lamp")
    wants("lamp")
    other = wants("rope")

    last = wants("lamp", "rope", "free")

    lamp, rope = why(last).blockers
    assert (lamp.resource, lamp.ahead, lamp.holders) == ("lamp", 2, (holder,))
    assert (rope.resource, rope.ahead, rope.holders) == ("rope", 1, (other,))


def test_all_who_share_a_resource_hold_it() -> None:
    readers = wants(shared=("lamp",)), wants(shared=("lamp",))

    writer = wants("lamp")

    (lamp,) = why(writer).blockers
    assert lamp.exclusive
    assert lamp.holders == readers


def test_a_reader_waits_for_the_writer_before_it() -> None:
    reader = wants(shared=("lamp",))
    wants("lamp")

    second_reader = wants(shared=("lamp",))

    (lamp,) = why(second_reader).blockers
    assert not lamp.exclusive
    assert (lamp.ahead, lamp.holders) == (2, (reader,))


def test_who_has_gone_is_not_counted() -> None:
    holder, second = wants("lamp"), wants("lamp")
    last = wants("lamp")

    cancel(second)

    (lamp,) = why(last).blockers
    assert (lamp.ahead, lamp.holders) == (1, (holder,))


def test_a_task_that_holds_everything_waits_for_a_worker() -> None:
    Worker.objects.create(name="1@here")
    wants("rope")

    task = wants("lamp")

    assert why(task) == Wait(blockers=(), ahead=1, workers=1)


def test_it_waits_for_a_worker_once_the_holder_has_ended() -> None:
    holder, task = wants("lamp"), wants("lamp")

    cancel(holder)

    assert why(task).blockers == ()


def test_a_task_that_has_started_waits_for_nothing() -> None:
    task = wants("lamp")

    claim({Worker.objects.create(name="1@here").pk: 1})

    assert why_waiting(Task.objects.get(pk=task.pk)) is None


def test_a_row_made_by_hand_waits_for_a_worker() -> None:
    assert why(Task.objects.create(name="by.hand")).blockers == ()


def test_many_who_wait_cost_no_more_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(30):
        wants(shared=("lamp", "rope"))
    for _ in range(10):
        wants("lamp", "rope")
    last = wants("lamp", "rope")

    with django_assert_num_queries(2):
        found = why_waiting(last)

    assert found
    assert [each.ahead for each in found.blockers] == [40, 40]


def test_what_tasks_wait_for_is_looked_up_at_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    holder = wants("lamp", "rope")
    second, third = wants("rope", "lamp"), wants("rope")

    with django_assert_num_queries(1):
        found = awaited([holder.pk, second.pk, third.pk])

    assert found == {second.pk: ["lamp", "rope"], third.pk: ["rope"]}


def test_nothing_is_awaited_any_more_after_the_end() -> None:
    holder, second = wants("lamp"), wants("lamp")
    [claimed] = claim({Worker.objects.create(name="1@here").pk: 1})

    finish([Outcome(claimed.task_id, claimed.claim, State.COMPLETED)])

    assert claimed.task_id == holder.pk
    assert awaited([second.pk]) == {}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
def test_tasks_that_have_gone_are_not_read() -> None:
    wants("lamp")
    last = wants("lamp")

    with CaptureQueriesContext(connection) as captured:
        why_waiting(last)

    plans = []
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans += [line[3] for line in cursor.fetchall()]
    assert len([line for line in plans if "reservation_queue" in line]) == 2


def test_a_task_may_wait_for_its_time() -> None:
    later = timezone.now() + timedelta(hours=1)

    task = dummy_task.dispatch(call=Call(not_before=later))

    assert why(task) == Wait(until=later)


def test_a_pause_of_the_hub_or_of_the_function_is_told() -> None:
    task = wants("lamp")
    other = pause(Pause.Scope.FUNCTION, retire.name)
    assert why(task).pause is None

    mine = pause(Pause.Scope.FUNCTION, dummy_task.name)
    assert why(task).pause == mine
    everything = pause(Pause.Scope.HUB)

    assert why(task).pause == everything
    assert held_back().pause_of(retire.name) in (everything, other)


def test_who_needs_the_hub_alone_waits_for_all_before_it_and_is_waited_for() -> None:
    before = wants("lamp")
    gate = wants(HUB)

    after = wants("rope")

    (hub,) = why(gate).blockers
    assert (hub.resource, hub.ahead, hub.holders) == (HUB, 1, (before,))
    assert why(before).gate is None
    assert why(after).gate == gate


def test_a_task_of_higher_priority_gets_a_worker_first() -> None:
    task = wants("lamp")

    urgent = dummy_task.dispatch(call=Call(priority=Priority.HIGH))

    assert (why(task).ahead, why(urgent).ahead) == (1, 0)
