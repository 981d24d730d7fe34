"""Pages of a list: where one is, and how one gets on. Filters stay in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from cartwheel.registry.counting import counted_lately
from cartwheel.registry.pieces import Pieces

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)

ROWS = 50  # on a page
LAST = 100_000  # higher page numbers are taken for this one


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """One page of a list. `earlier` and `later` are queries of addresses, with their question marks."""

    rows: list[Row]
    first: int  # number of the first row, from 1
    count: int
    earlier: str
    later: str

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_all(self) -> bool:
        return not self.earlier and not self.later


def page_of(request: HttpRequest, rows: QuerySet[M, Row] | Pieces[Row], *, size: int = ROWS) -> Rows[Row]:
    """The page that `?page=` names; the last one if there are not so many. Two statements."""
    count = rows.count if isinstance(rows, Pieces) else counted_lately(rows)
    number = min(_number(request.GET.get("page", "")), max(-(-count // size), 1))
    start = (number - 1) * size
    return Rows(
        rows=list(rows[start : start + size]),
        first=start + 1 if count else 0,
        count=count,
        earlier=_query(request, number - 1) if number > 1 else "",
        later=_query(request, number + 1) if start + size < count else "",
    )


def _number(text: str) -> int:
    return min(max(int(text), 1), LAST) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _query(request: HttpRequest, number: int) -> str:
    fields = request.GET.copy()
    fields["page"] = str(number)
    if number == 1:
        del fields["page"]
    return f"?{fields.urlencode()}"
