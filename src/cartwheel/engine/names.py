"""The names that tasks have: few, however many tasks there are."""

from __future__ import annotations

from django.db import connection

LIMIT = 500  # names

# From one name to the next by the index of names, where DISTINCT would read all of it.
NAMES = """
WITH RECURSIVE known (name) AS (
    SELECT min(name) FROM engine_task
    UNION ALL
    SELECT (SELECT min(name) FROM engine_task WHERE name > known.name) FROM known WHERE known.name IS NOT NULL
)
SELECT name FROM known LIMIT %s
"""


def names() -> list[str] | None:
    """All of them, None if they are more than LIMIT."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES, [LIMIT + 1])  # the last row is none
        found = [name for (name,) in cursor.fetchall()]
    return found[:-1] if found[-1] is None else None
