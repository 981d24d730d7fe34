"""How namespaces look in every dialect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework.request import Request

from cartwheel.api.addresses import pulp
from cartwheel.registry.models import Namespace, User
from cartwheel.registry.namespaces import Holder, allowed, holders

DETAILS = ("links", "resources")  # not shown in lists


def namespaces(request: Request, rows: Sequence[Namespace]) -> list[dict[str, Any]]:
    """As they stand in lists. Two queries at most, however many."""
    return [{key: value for key, value in each.items() if key not in DETAILS} for each in _all(request, rows)]


def one_namespace(request: Request, row: Namespace) -> dict[str, Any]:
    return _all(request, [row])[0]


def _all(request: Request, rows: Sequence[Namespace]) -> list[dict[str, Any]]:
    owners = holders(rows) if request.user.is_authenticated else {}
    mine: dict[int, list[str]] | None = None
    if "my_permissions" in request.query_params.getlist("include_related"):
        mine = allowed(request.user, rows)
    return [
        _shown(
            request, row, owners.get(row.pk, []), {"my_permissions": mine[row.pk]} if mine is not None else {}
        )
        for row in rows
    ]


def _shown(
    request: Request, row: Namespace, owners: Iterable[Holder], related: dict[str, Any]
) -> dict[str, Any]:
    return {
        "pulp_href": pulp(request, f"pulp_ansible/namespaces/{row.pk}/"),
        "id": row.pk,
        "name": row.name,
        "company": row.company,
        "email": row.email,
        "avatar_url": row.avatar_url,
        "description": row.description,
        "links": row.links,
        "groups": [
            {"id": each.who.pk, "name": each.who.name, "object_roles": list(each.roles)}
            for each in owners
            if not isinstance(each.who, User)
        ],
        "users": [
            {"id": each.who.pk, "name": each.who.username, "object_roles": list(each.roles)}
            for each in owners
            if isinstance(each.who, User)
        ],
        "resources": row.resources,
        "related_fields": related,
        "metadata_sha256": row.metadata_sha256 or None,
        "avatar_sha256": None,
    }
