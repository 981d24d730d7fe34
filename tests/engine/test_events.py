"""Events as they are read by those who watch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from patience import PATIENCE_SECONDS

from cartwheel.engine import events
from cartwheel.engine.events import Follower, record
from cartwheel.engine.models import Event, Pause
from cartwheel.engine.pausing import pause, resume
from cartwheel.kit.ids import uuid7

needs_many_writers = pytest.mark.skipif(
    "connection.vendor == 'sqlite'", reason="SQLite has one writer at a time"
)


def one_event() -> int:
    record([(uuid7(), "running")])
    return events.newest()


@contextmanager
def written_elsewhere_and_committed_at_the_end(count: int = 1) -> Iterator[None]:
    """Another connection has written events before the block, and commits them after it."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO engine_event (task_id, kind, state, time)"
                " SELECT gen_random_uuid(), 'state', 'late', now() FROM generate_series(1, %s)",
                [count],
            )
        yield
        other.commit()
    finally:
        other.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, what is written is committed in time."""
    monkeypatch.setattr(events, "LATE", timedelta(seconds=PATIENCE_SECONDS))


@pytest.mark.django_db
def test_each_event_is_read_once_and_in_order() -> None:
    follower = Follower()
    before = one_event()
    follower.begin()
    first, second = one_event(), one_event()

    assert [event.pk for event in follower.read()] == [first, second]
    assert follower.read() == []
    assert before < first


@pytest.mark.django_db
def test_many_events_are_read_in_portions() -> None:
    follower = Follower()
    follower.begin()
    record((uuid7(), "running") for _ in range(events.AT_ONCE + 1))

    assert [len(follower.read()) for _ in range(3)] == [events.AT_ONCE, 1, 0]


@needs_many_writers
@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_committed_after_a_later_one_is_read_too() -> None:
    follower = Follower()
    follower.begin()
    with written_elsewhere_and_committed_at_the_end():
        later = one_event()
        assert [event.pk for event in follower.read()] == [later]

    assert [event.state for event in follower.read()] == ["late"]
    assert follower.read() == []


@needs_many_writers
@pytest.mark.django_db(transaction=True)
def test_an_event_that_was_being_written_when_one_began_to_follow_is_read() -> None:
    follower = Follower()
    with written_elsewhere_and_committed_at_the_end():
        one_event()
        follower.begin()
        assert follower.read() == []

    assert [event.state for event in follower.read()] == ["late"]


@needs_many_writers
@pytest.mark.django_db(transaction=True)
def test_who_comes_again_is_told_of_events_that_were_late(patient: None) -> None:
    with written_elsewhere_and_committed_at_the_end():
        seen = one_event()
        assert events.missed_since(seen) == []

    assert [event.state for event in events.missed_since(seen)] == ["late"]


@needs_many_writers
@pytest.mark.django_db(transaction=True)
def test_all_that_a_transaction_wrote_is_read_however_much_it_is_and_however_late(patient: None) -> None:
    many = 3 * events.AT_ONCE
    following, beginning = Follower(), Follower()
    following.begin()
    with written_elsewhere_and_committed_at_the_end(many):
        later = one_event()
        beginning.begin()
        assert [event.pk for event in following.read()] == [later]
        assert beginning.read() == []

    expected = list(range(later - many, later))
    assert [event.pk for event in following.read()] == expected
    assert [event.pk for event in beginning.read()] == expected
    assert [event.pk for event in events.missed_since(later)] == expected
    assert following.read() == []


@needs_many_writers
@pytest.mark.django_db(transaction=True)
def test_what_happened_to_a_task_between_two_looks_at_the_events_is_read_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follower, look = Follower(), events.since
    follower.begin()
    with ExitStack() as another:
        another.enter_context(written_elsewhere_and_committed_at_the_end())
        one_event()
        assert len(follower.read()) == 1

        def look_just_after_more_has_come(number: int) -> list[Event]:
            another.close()
            one_event()
            return look(number)

        monkeypatch.setattr(events, "since", look_just_after_more_has_come)

        assert [event.state for event in follower.read()] == ["late", "running"]


@needs_many_writers
@pytest.mark.django_db(transaction=True)
def test_a_number_that_was_rolled_back_is_not_looked_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follower = Follower()
    follower.begin()
    transaction.set_autocommit(False)
    one_event()
    transaction.rollback()
    transaction.set_autocommit(True)
    one_event()
    monkeypatch.setattr(events, "PATIENCE_SECONDS", 0.0)

    follower.read()

    assert follower._missing == {}


def test_who_came_back_after_a_day_is_told_what_is_left(db: None) -> None:
    first = one_event()
    second = one_event()
    Event.objects.filter(id=first).delete()

    assert [event.pk for event in events.missed_since(first)] == [second]


@pytest.mark.parametrize("hours", [-24, 24])
def test_the_time_of_an_event_is_told_by_the_clock_of_the_database(
    db: None, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))

    number = one_event()

    assert abs(Event.objects.get(id=number).time - right()) < timedelta(hours=1)


@pytest.mark.parametrize("wrong", [timedelta(days=365), timedelta(days=-1)])
def test_events_are_forgotten_also_after_the_clock_of_the_database_was_wrong(
    db: None, wrong: timedelta
) -> None:
    wrongly = one_event()
    Event.objects.filter(id=wrongly).update(time=timezone.now() + wrong)
    after, newest = one_event(), one_event()

    events.forget_old()

    assert list(Event.objects.order_by("id").values_list("id", flat=True)) == [after, newest]


def test_many_old_events_are_forgotten_in_portions(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "FORGET_ROWS", 2)
    monkeypatch.setattr(events, "FORGET_STEPS", 2)
    for _ in range(7):
        newest = one_event()
    Event.objects.update(time=timezone.now() - timedelta(days=1))

    assert [events.forget_old() for _ in range(3)] == [True, False, False]
    assert list(Event.objects.values_list("id", flat=True)) == [newest]


def test_it_is_known_whether_something_may_have_been_missed(db: None) -> None:
    first, second = one_event(), one_event()
    Event.objects.filter(id=first).delete()

    assert not events.is_known(first)
    assert events.is_known(second)


def test_a_pause_and_its_end_are_events(db: None) -> None:
    follower = Follower()
    follower.begin()

    pause(Pause.Scope.HUB)
    resume(Pause.Scope.HUB)
    resume(Pause.Scope.HUB)

    assert [(event.kind, event.state) for event in follower.read()] == [
        ("pause", "paused"),
        ("pause", "resumed"),
    ]
