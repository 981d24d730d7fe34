"""The hub's roles in the form of the second UI API, which its successor in the platform reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import prefix_of
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView
from cartwheel.registry.models import Role

PAGE_SIZE = 25
PAGE_SIZE_LIMIT = 200
NUMBER_BITS = 53  # JavaScript reads no longer ones


class RoleDefinitions(PulpView):
    def get(self, request: Request) -> Response:
        return _numbered_page(request, Role.objects.order_by("created_at", "id"))

    def post(self, request: Request) -> Response:
        """Roles are made in Pulp's API."""
        raise PermissionDenied


def _shown(request: Request, row: Role) -> dict[str, Any]:
    number = row.pk.int & ((1 << NUMBER_BITS) - 1)
    return {
        "id": number,
        "url": f"{prefix_of(request)}_ui/v2/role_definitions/{number}/",
        "related": {},
        "summary_fields": {"resource": {"ansible_id": str(row.pk), "resource_type": "shared.roledefinition"}},
        "permissions": row.permissions,
        "content_type": None,
        "modified": stamp(row.updated_at),
        "created": stamp(row.created_at),
        "name": row.name,
        "description": row.description,
        "managed": row.locked,
        "modified_by": None,
        "created_by": None,
    }


def _numbered_page(request: Request, rows: QuerySet[Role]) -> Response:
    """{"count", "next", "previous", "results"}; pages by number, links without a host."""
    size = min(_number(request, "page_size") or PAGE_SIZE, PAGE_SIZE_LIMIT)
    page = _number(request, "page") if request.query_params.get("page") else 1
    count = rows.count()
    pages = max(-(-count // size), 1)
    if not 1 <= page <= pages:
        raise NotFound("Invalid page.")

    def link(to: int) -> str:
        query = {**request.query_params.dict(), "page": str(to)}
        return f"{request.path}?{urlencode(query)}"

    return Response(
        {
            "count": count,
            "next": link(page + 1) if page < pages else None,
            "previous": link(page - 1) if page > 1 else None,
            "results": [_shown(request, each) for each in rows[(page - 1) * size : page * size]],
        }
    )


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


urlpatterns: list[URLPattern] = [path("v2/role_definitions/", RoleDefinitions.as_view())]
