"""Who may use which resource: first come, first served, readers share, nobody overtakes."""

from __future__ import annotations

from collections.abc import Callable

import make
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cartwheel.engine.claims import Claimed, claim
from cartwheel.engine.models import Reservation, Task
from cartwheel.engine.states import State
from cartwheel.engine.stopping import cancel

pytestmark = pytest.mark.django_db


def is_ready(task: Task) -> bool:
    return Task.objects.get(pk=task.pk).unblocked_at is not None


def start_all() -> dict[object, Claimed]:
    """Let workers take whatever is ready."""
    return {each.task_id: each for each in claim({make.worker().pk: 1 for _ in range(20)})}


def test_one_alone_at_a_time_in_the_order_of_their_coming() -> None:
    tasks = [make.task(exclusive=["r"]) for _ in range(3)]

    order: list[object] = []
    while running := start_all():
        assert len(running) == 1
        order += running
        make.end(next(iter(running.values())))

    assert order == [task.pk for task in tasks]


def test_readers_share() -> None:
    readers = [make.task(shared=["r"]) for _ in range(3)]

    assert all(is_ready(reader) for reader in readers)


def test_a_writer_waits_for_all_readers_before_it() -> None:
    for _ in range(2):
        make.task(shared=["r"])
    writer = make.task(exclusive=["r"])
    first, second = start_all().values()

    make.end(first)
    assert not is_ready(writer)
    make.end(second)

    assert is_ready(writer)


def test_a_later_reader_does_not_overtake_a_waiting_writer() -> None:
    make.task(shared=["r"])
    writer = make.task(exclusive=["r"])
    late = make.task(shared=["r"])
    (first,) = start_all().values()

    make.end(first)
    assert is_ready(writer)
    assert not is_ready(late)
    make.end(start_all()[writer.pk])

    assert is_ready(late)


def test_all_readers_behind_a_writer_go_together_up_to_the_next_writer() -> None:
    make.task(exclusive=["r"])
    readers = [make.task(shared=["r"]) for _ in range(2)]
    writer = make.task(exclusive=["r"])
    behind = make.task(shared=["r"])

    make.end(next(iter(start_all().values())))

    assert all(is_ready(reader) for reader in readers)
    assert not is_ready(writer)
    assert not is_ready(behind)


def test_a_task_starts_when_it_has_all_its_resources() -> None:
    make.task(exclusive=["a"])
    make.task(exclusive=["b"])
    both = make.task(exclusive=["a"], shared=["b"])
    first, second = start_all().values()

    make.end(first)
    assert not is_ready(both)
    make.end(second)

    assert is_ready(both)


def test_a_blocked_task_keeps_its_place_in_its_other_queues() -> None:
    make.task(exclusive=["a"])
    make.task(exclusive=["a", "b"])  # waits for a, and is first at b
    behind = make.task(exclusive=["b"])

    assert not is_ready(behind)


def test_who_wants_a_resource_both_ways_wants_it_alone() -> None:
    make.task(shared=["r"])

    assert not is_ready(make.task(exclusive=["r"], shared=["r"]))


def test_a_canceled_task_leaves_its_queues() -> None:
    make.task(exclusive=["r"])
    waiting = make.task(exclusive=["r"])
    behind = make.task(exclusive=["r"])
    (running,) = start_all().values()

    cancel(waiting)
    make.end(running)

    assert is_ready(behind)
    assert not Reservation.objects.filter(task=waiting).exclude(hold=Reservation.Hold.RELEASED).exists()


def test_a_running_task_that_is_asked_to_stop_still_holds_its_resources() -> None:
    make.task(exclusive=["r"])
    behind = make.task(exclusive=["r"])
    (running,) = start_all().values()

    cancel(Task.objects.get(pk=running.task_id))

    assert not is_ready(behind)
    make.end(running, State.CANCELED)
    assert is_ready(behind)


def statements(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        act()
    return [each["sql"] for each in seen.captured_queries]


def test_what_others_wait_for_does_not_make_an_end_dearer() -> None:
    def cost() -> int:
        got = make.claimed(exclusive=["mine"])
        with transaction.atomic():
            return len(statements(lambda: make.end(got)))

    before = cost()
    make.claimed(exclusive=["crowded"])
    for _ in range(50):
        make.task(exclusive=["crowded"])

    assert cost() == before
