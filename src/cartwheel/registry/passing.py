"""The keys of a page far down a list: what is passed over is read from the index of the order alone.

Such an index seldom has the keys, by which the equal are sorted: by the whole order, each of 50,000 rows would be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import OrderBy

FAR = 1000  # rows; fewer are passed over as quickly in the plain way


@dataclass(frozen=True)
class Keys:
    """The keys of rows that have an order, to take pages of."""

    rows: QuerySet[Any, Any]

    def reverse(self) -> Keys:
        return Keys(self.rows.reverse())

    def __getitem__(self, part: slice) -> list[Any]:
        found = _passing_over(self.rows, part.start, part.stop) if part.start >= FAR else None
        return list(self.rows.values_list("pk", flat=True)[part]) if found is None else found


def _passing_over(rows: QuerySet[Any, Any], start: int, stop: int) -> list[Any] | None:
    """None if it cannot be told so."""
    names = _names(rows)
    if not names:
        return None
    # With as many before it: of those that are equal to its first, some may stand on the page before.
    begin = max(start - (stop - start), 0)
    in_order = rows.order_by(*rows.query.order_by[:-1])
    near = [tuple(each) for each in in_order.values_list(*names)[begin:stop]]
    # Hardly two are made at the same moment.
    around = rows.filter(created_at__in={each[-1] for each in near}).values_list("pk", *names)
    found = [(pk, tuple(each)) for pk, *each in around[: 3 * (stop - begin)]]
    found = [(pk, each) for pk, each in found if each in near]
    equal = sum(each == near[0] for _, each in found)
    page = found[equal - near.count(near[0]) + start - begin :][: len(near) - (start - begin)]
    # Else more are equal than were read, or something has changed meanwhile.
    is_right = near[0] != near[-1] and [each for _, each in page] == near[start - begin :]
    return [pk for pk, _ in page] if is_right else None


def _names(rows: QuerySet[Any, Any]) -> list[str]:
    """Of the columns that rows are sorted by before their keys, if the last is when they were made; else none."""
    *names, key = [_name(each) for each in rows.query.order_by] or [""]
    return names if key in ("id", "pk") and names[-1:] == ["created_at"] else []


def _name(part: Any) -> str:
    """Of the column in one part of an order."""
    column = part.expression if isinstance(part, OrderBy) else part
    return str(getattr(column, "name", column)).removeprefix("-")
