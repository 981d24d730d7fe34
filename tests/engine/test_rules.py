"""Rules that need no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cartwheel.engine.functions import Retry
from cartwheel.engine.models import Priority, Schedule
from cartwheel.engine.rules import (
    BATCH_LIMIT,
    HOLD_SECONDS,
    STEP_SECONDS,
    depth,
    pause_after_loss,
    rank,
    step,
    usual,
)
from cartwheel.engine.schedules import next_time

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.random_module(), st.integers(1, 10_000), st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_a_pause_between_attempts_is_half_of_its_bound_to_all_of_it(
    dice: object, attempt: int, seconds: float, limit: float
) -> None:
    bound = min(limit, seconds * 2.0 ** min(attempt - 1, 30))

    assert bound / 2 <= Retry(seconds=seconds, limit_seconds=limit).pause(attempt) <= bound


@given(MOMENTS, st.sampled_from(Priority), st.sampled_from(Priority), st.integers(0, 100_000))
def test_who_has_waited_long_enough_goes_before_whatever_is_more_urgent(
    made: datetime, mine: Priority, other: Priority, seconds: int
) -> None:
    waited = timedelta(seconds=seconds)

    goes_first = rank(made, mine) < rank(made + waited, other)

    assert goes_first == (seconds > 600 * (other - mine))


@given(st.floats(0, 1e6))
def test_what_is_claimed_for_a_child_begins_within_half_of_the_time_that_ends_are_held(
    seconds: float,
) -> None:
    assert 1 <= depth(seconds) <= BATCH_LIMIT
    assert depth(seconds) == 1 or depth(seconds) * seconds <= HOLD_SECONDS / 2


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_one_slow_task_is_believed_at_once_and_one_quick_one_is_not(before: float, ran: float) -> None:
    assert ran <= usual(before, ran) <= max(before, ran) * 1.000001
    assert usual(before, ran) >= 0.799999 * before


@given(st.integers(1, 10_000), st.floats(0, 1e6))
def test_steps_of_long_work_grow_slowly_and_shrink_at_once(size: int, took: float) -> None:
    following = step(size, took)

    assert 1 <= following <= 2 * size
    assert following == 1 or took / size * following <= STEP_SECONDS * 1.000001


@given(st.integers(1, 10_000))
def test_who_lost_its_worker_again_and_again_comes_back_more_and_more_slowly(attempt: int) -> None:
    assert 1 <= pause_after_loss(attempt) <= pause_after_loss(attempt + 1) <= 60


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=400)))
def test_an_interval_begins_with_the_moment_that_is_given(after: datetime, interval: timedelta) -> None:
    assert next_time(Schedule(interval=interval), after) == after + interval


@given(MOMENTS, st.integers(0, 59), st.integers(0, 23))
def test_a_daily_schedule_fires_at_its_minute_within_a_day(after: datetime, minute: int, hour: int) -> None:
    fires = next_time(Schedule(cron=f"{minute} {hour} * * *", time_zone="UTC"), after)

    assert (fires.hour, fires.minute) == (hour, minute)
    assert after < fires <= after + timedelta(days=1)
