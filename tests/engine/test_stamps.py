"""Time stamps come from the database as they are, however they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError, connection

needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no time stamps of its own"
)
pytestmark = [pytest.mark.django_db, needs_postgresql]


def read(expression: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}")
        found: datetime = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24 16:30:01.123456+00", datetime(2026, 11, 24, 16, 30, 1, 123456, UTC)),
        ("2026-11-24 16:30:01.1+00", datetime(2026, 11, 24, 16, 30, 1, 100000, UTC)),
        ("2026-11-24 16:30:01+02", datetime(2026, 11, 24, 16, 30, 1, tzinfo=timezone(timedelta(hours=2)))),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_stamp_is_read_to_the_microsecond_in_utc(text: str, expected: datetime) -> None:
    found = read(f"'{text}'::timestamptz")

    assert found == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 12:00:00+00 BC", "10000-01-01 00:00:00+00"])
def test_what_python_has_no_time_for_is_an_error_of_the_data(text: str) -> None:
    with pytest.raises(DataError, match="timestamp"):
        read(f"'{text}'::timestamptz")


def test_no_python_of_others_is_run_for_each_stamp() -> None:
    with connection.cursor() as cursor:
        loader = cursor.adapters.get_loader(1184, 0)  # 1184: timestamptz, 0: as text

    assert loader.__module__ == "cartwheel.engine.stamps"
