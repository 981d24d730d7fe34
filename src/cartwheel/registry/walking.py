"""Reading a long table from end to end, while everybody goes on to write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

ROWS = 1000  # read at once

M = TypeVar("M", bound=Model)


def each_of(rows: QuerySet[M]) -> Iterator[M]:
    """All of them, by their keys.

    An iterator of Django's is one statement from the first row to the last. SQLite keeps its transaction open for
    so long: when anybody else has written since then, it refuses at once what one writes between two rows.
    """
    rows = rows.order_by("pk")
    some = list(rows[:ROWS])
    while some:
        yield from some
        some = list(rows.filter(pk__gt=some[-1].pk)[:ROWS])
