"""Many tasks by when they were unblocked.

Most are unblocked when they are made, and the index of the newest has those. The others have an index of their own,
and so have those that are blocked still. To have all in one would cost each task something, and hardly anybody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from cartwheel.api.task_pages import TaskPages
from cartwheel.engine.models.tasks import TaskQuerySet
from cartwheel.registry.counting import counted_lately
from cartwheel.registry.pieces import from_nearer_end

BY_UNBLOCKED = ("unblocked_at", "-unblocked_at")


@dataclass(frozen=True)
class ByUnblocked(TaskPages):
    """Who is blocked still counts as unblocked after everybody else."""

    tasks: TaskQuerySet
    is_newest_first: bool = True

    def _first(self, part: slice) -> list[dict[str, Any]]:
        return self._these(self._ids(part.start, part.stop - part.start))

    def _ids(self, offset: int, limit: int) -> list[UUID]:
        blocked = self.tasks.filter(unblocked_at=None)
        number = counted_lately(blocked)
        parts: list[tuple[Any, int]] = [
            (blocked.order_by("-unblocked_at", "-id").values_list("unblocked_at", "id"), number),
            (_Unblocked(self.tasks), self.count - number),
        ]
        found: list[UUID] = []
        for rows, length in parts if self.is_newest_first else reversed(parts):
            start, missing = max(offset, 0), limit - len(found)
            if start < length and missing:
                in_order = rows if self.is_newest_first else rows.reverse()
                found += [pk for _, pk in from_nearer_end(in_order, start, missing, length)]
            offset -= length
        return found


@dataclass(frozen=True)
class _Unblocked:
    """When, and the ids, of two lists that are merged."""

    tasks: TaskQuerySet
    is_newest_first: bool = True

    def reverse(self) -> _Unblocked:
        return replace(self, is_newest_first=not self.is_newest_first)

    def __getitem__(self, part: slice) -> Any:
        at_once = self._first(self.tasks.unblocked_at_once(), "created_at", part.stop)
        later = self._first(self.tasks.unblocked_later(), "unblocked_at", part.stop)
        return at_once.union(later, all=True).order_by(*self._order)[part]

    def _first(self, tasks: TaskQuerySet, column: str, count: int) -> Any:
        rows: Any = tasks.order_by().annotate(at=F(column)).values_list("at", "id")
        if connection.features.supports_slicing_ordering_in_compound:
            return rows.order_by(*self._order)[:count]
        return rows  # SQLite merges both in their order as it reads them

    @property
    def _order(self) -> tuple[str, str]:
        return ("-at", "-id") if self.is_newest_first else ("at", "id")
