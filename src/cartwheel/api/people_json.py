"""How users and groups look in the dialects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.contrib.auth.models import Group
from rest_framework.request import Request

from cartwheel.api.addresses import pulp
from cartwheel.api.rendering import stamp
from cartwheel.registry.catalogue import CATALOGUE
from cartwheel.registry.models import User
from cartwheel.registry.permissions import permissions_on

# The real hub names groups differently where it has just made one.
GROUP = "auth.group"
NEW_GROUP = "core.group"


def ui_users(rows: Sequence[User]) -> list[dict[str, Any]]:
    """As the web UI is told of them. The rows must have their groups prefetched."""
    return [ui_user(row) for row in rows]


def ui_user(row: User) -> dict[str, Any]:
    return {
        "id": row.pk,
        "username": row.username,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "groups": [{"id": each.pk, "name": each.name} for each in row.groups.all()] if row.pk else [],
        "date_joined": stamp(row.date_joined),
        "is_superuser": row.is_superuser,
        "auth_provider": ["django"],
    }


def myself(row: User) -> dict[str, Any]:
    """As a user is told of oneself: also what one may do everywhere."""
    held = permissions_on(row) if row.pk else set()
    permissions = {
        each.name: {
            "name": each.title,
            "object_description": each.on_object,
            "global_description": each.everywhere,
            "ui_category": each.category,
            "has_model_permission": row.is_superuser or each.name in held,
        }
        for each in CATALOGUE
    }
    return {**ui_user(row), "model_permissions": permissions, "is_anonymous": False}


def nobody() -> dict[str, Any]:
    """As whoever is not signed in is told of oneself."""
    shown = myself(User())
    return {**shown, "id": None, "date_joined": None, "auth_provider": [], "is_anonymous": True}


def myself_v2(row: User) -> dict[str, Any]:
    shown = ui_user(row)
    del shown["auth_provider"]
    # The same for ever, and no other hub's: services that share users know them by it.
    ansible_id = uuid5(NAMESPACE_URL, f"user:{row.pk}:{row.date_joined.isoformat()}")
    return {
        **shown,
        "teams": [],
        "organizations": [],
        "resource": {"ansible_id": str(ansible_id), "resource_type": "shared.user"},
    }


def pulp_users(request: Request, rows: Sequence[User]) -> list[dict[str, Any]]:
    """As Pulp shows them. The rows must have their groups prefetched."""
    return [
        {
            **member(request, row),
            "id": row.pk,
            "first_name": row.first_name,
            "last_name": row.last_name,
            "email": row.email,
            "is_staff": row.is_staff,
            "is_active": row.is_active,
            "date_joined": stamp(row.date_joined),
            "groups": [
                {key: value for key, value in group(request, each).items() if key != "id"}
                for each in row.groups.all()
            ],
            "hidden_fields": [{"name": "password", "is_set": row.has_usable_password()}],
        }
        for row in rows
    ]


def member(request: Request, row: User) -> dict[str, Any]:
    """A user in a group."""
    return {
        "username": row.username,
        "pulp_href": pulp(request, f"users/{row.pk}/"),
        "prn": f"prn:galaxy.user:{row.pk}",
    }


def group(request: Request, row: Group, kind: str = GROUP) -> dict[str, Any]:
    return {
        "name": row.name,
        "pulp_href": pulp(request, f"groups/{row.pk}/"),
        "prn": f"prn:{kind}:{row.pk}",
        "id": row.pk,
    }
