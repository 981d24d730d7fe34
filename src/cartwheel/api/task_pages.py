"""Pages of lists of tasks, also far down: first which they are, then what is shown of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from cartwheel.engine.models import Task
from cartwheel.registry.passing import Keys
from cartwheel.registry.pieces import DEEP, from_nearer_end

Pages = TypeVar("Pages", bound="TaskPages")


@dataclass(frozen=True)
class TaskPages:
    """Tasks in an order, to take pages of."""

    tasks: QuerySet[Task]
    count: int
    columns: Sequence[str] = ()

    def values(self: Pages, *columns: str) -> Pages:
        return replace(self, columns=columns)

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        if part.start < DEEP:
            return self._first(part)
        return self._these(self._ids(part.start, part.stop - part.start))

    def _first(self, part: slice) -> list[dict[str, Any]]:
        return list(self.tasks.values(*self.columns)[part])

    def _these(self, ids: list[UUID]) -> list[dict[str, Any]]:
        # Of all tasks: SQLite would look for them by a state that was asked for.
        rows = {row["id"]: row for row in Task.objects.filter(pk__in=ids).values(*self.columns)}
        return [rows[pk] for pk in ids if pk in rows]

    def _ids(self, offset: int, limit: int) -> list[UUID]:
        return from_nearer_end(Keys(self.tasks), offset, limit, self.count)
