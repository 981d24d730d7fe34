"""Who has which role on one object: told, given and taken by those who may manage that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet

from cartwheel.kit.errors import Invalid
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import Role, RoleGrant, User
from cartwheel.registry.permissions import object_type, require

MANAGE: Mapping[str, str] = {  # kind of object -> the permission to manage roles on it
    "namespace": "galaxy.change_namespace",
    "repository": "ansible.manage_roles_ansiblerepository",
    "collectionremote": "ansible.manage_roles_collectionremote",
}


@dataclass(frozen=True)
class Given:
    """A role that somebody has on the object."""

    grant: RoleGrant
    who: User | Group
    role: Role


def require_manage(target: Model, *, by: User) -> None:
    """Raises Denied if the user may not say who has roles on it."""
    require(by, MANAGE[object_type(target)], target)


def given_on(target: Model) -> list[Given]:
    """All that people have on it. One statement."""
    rows = _grants(target).select_related("role", "user", "group")
    ordered = rows.order_by("group__name", "user__username", "role__name")
    return [Given(each, who, each.role) for each in ordered if (who := each.group or each.user)]


def roles_for(target: Model) -> list[Role]:
    """The roles that mean something on it."""
    meant = set(OBJECT_PERMISSIONS[object_type(target)])
    return [each for each in Role.objects.order_by("name") if meant & set(each.permissions)]


def give(target: Model, role: Role, to: User | Group, *, by: User) -> None:
    """Give somebody a role on one object. Doing it twice is fine. Raises Denied, Invalid."""
    require_manage(target, by=by)
    if role not in roles_for(target):
        raise Invalid(f"The role '{role}' does not carry any permission for that object.", field="role")
    where: dict[str, Any] = {"object_type": object_type(target), "object_id": str(target.pk)}
    where["user" if isinstance(to, User) else "group"] = to
    RoleGrant.objects.get_or_create(role=role, **where)


def take(target: Model, grants: Iterable[object], *, by: User) -> None:
    """Take such roles from those who have them; `grants` are their ids. Raises Denied."""
    require_manage(target, by=by)
    _grants(target).filter(pk__in=list(grants)).delete()


def _grants(target: Model) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(object_type=object_type(target), object_id=str(target.pk))
