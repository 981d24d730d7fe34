"""Rules that need no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cartwheel.engine.functions import Retry
from cartwheel.engine.models import Schedule
from cartwheel.engine.schedules import next_time

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.random_module(), st.integers(1, 10_000), st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_a_pause_between_attempts_is_half_of_its_bound_to_all_of_it(
    dice: object, attempt: int, seconds: float, limit: float
) -> None:
    bound = min(limit, seconds * 2.0 ** min(attempt - 1, 30))

    assert bound / 2 <= Retry(seconds=seconds, limit_seconds=limit).pause(attempt) <= bound


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=400)))
def test_an_interval_begins_anew_after_each_firing(after: datetime, interval: timedelta) -> None:
    assert next_time(Schedule(interval=interval), after) == after + interval


@given(MOMENTS, st.integers(0, 59), st.integers(0, 23))
def test_a_daily_schedule_fires_at_its_minute_within_a_day(after: datetime, minute: int, hour: int) -> None:
    fires = next_time(Schedule(cron=f"{minute} {hour} * * *", time_zone="UTC"), after)

    assert (fires.hour, fires.minute) == (hour, minute)
    assert after < fires <= after + timedelta(days=1)
