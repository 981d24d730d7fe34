"""Pages of a list, in the two shapes that clients know.

Both take `limit` and `offset`; what is no positive number counts as not given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import origin
from cartwheel.registry.counting import counted_lately
from cartwheel.registry.pieces import DEEP, from_nearer_end

PULP_DEFAULT = 100
GALAXY_DEFAULT = 10
GALAXY_MAXIMUM = 100


def galaxy_page(
    request: Request, rows: Any, represent: Callable[[Sequence[Any]], list[Any]], *, count: int | None = None
) -> Response:
    """{"meta": {"count"}, "links": {"first", "previous", "next", "last"}, "data"}; links without a host."""
    limit = min(_number(request, "limit") or GALAXY_DEFAULT, GALAXY_MAXIMUM)
    offset = _number(request, "offset")
    total = _count(rows) if count is None else count
    data = represent(page_of(rows, offset, limit, total))

    def link(to: int | None) -> str:
        return _link(request, limit, to)

    return Response(
        {
            "meta": {"count": total},
            "links": {
                "first": link(0),
                "previous": link(offset - limit if offset > limit else None) if offset > 0 else None,
                "next": link(offset + limit) if offset + limit < total else None,
                "last": link(max(total - limit, 0)),
            },
            "data": data,
        }
    )


def pulp_page(
    request: Request, rows: Any, represent: Callable[[Sequence[Any]], list[Any]], *, count: int | None = None
) -> Response:
    """{"count", "next", "previous", "results"}; links with the host."""
    limit = _number(request, "limit") or PULP_DEFAULT
    offset = _number(request, "offset")
    total = _count(rows) if count is None else count
    results = represent(page_of(rows, offset, limit, total))
    at = origin(request)
    previous = at + _link(request, limit, offset - limit if offset > limit else None)
    return Response(
        {
            "count": total,
            "next": at + _link(request, limit, offset + limit) if offset + limit < total else None,
            "previous": previous if offset > 0 else None,
            "results": results,
        }
    )


def page_of(rows: Any, offset: int, limit: int, total: int) -> list[Any]:
    """Some rows of a list. Far down a long one, what is passed over is read from an index only, if there is one."""
    if offset >= total:
        return []
    if not isinstance(rows, QuerySet) or offset < DEEP or not rows.ordered:
        return list(rows[offset : offset + limit])
    if rows.query.group_by or len(rows.query.select) == 1:  # nothing but keys
        return from_nearer_end(rows, offset, limit, total)
    return list(rows.filter(pk__in=from_nearer_end(rows.values_list("pk", flat=True), offset, limit, total)))


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return min(int(text), 1 << 53) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _count(rows: Any) -> int:
    return len(rows) if isinstance(rows, list) else counted_lately(rows)


def _link(request: HttpRequest | Request, limit: int, offset: int | None) -> str:
    query = [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name not in ("limit", "offset")
    ]
    query.append(("limit", str(limit)))
    if offset is not None:
        query.append(("offset", str(offset)))
    return f"{request.path}?{urlencode(sorted(query, key=itemgetter(0)))}"
