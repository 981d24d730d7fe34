"""The clock that all hosts share. Their own may differ, and what is due must be due for all at the same time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection

# As SQL: the time of the statement, written as the database keeps times.
NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')", "postgresql": "statement_timestamp()"}


def now() -> datetime:
    """The database's time. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW[connection.vendor]}")
        found: Any = cursor.fetchone()[0]
    return found if isinstance(found, datetime) else datetime.fromisoformat(found).replace(tzinfo=UTC)
