"""Who has which role: told, given and taken, on one object by those who may manage that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet

from cartwheel.kit.errors import Denied, Invalid
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import Role, RoleGrant, User
from cartwheel.registry.permissions import DENIED, object_type, permissions_on, require, require_superuser

MANAGE: Mapping[str, str] = {  # kind of object -> the permission to manage roles on it
    "namespace": "galaxy.change_namespace",
    "repository": "ansible.manage_roles_ansiblerepository",
    "collectionremote": "ansible.manage_roles_collectionremote",
}
# What whoever manages roles there may not do by that alone, and gives only if they may do it themselves.
WITHHELD: Mapping[str, set[str]] = {"namespace": {"galaxy.delete_namespace", "ansible.delete_collection"}}


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
    rows = grants_on(target).select_related("role", "user", "group")
    ordered = rows.order_by("group__name", "user__username", "role__name")
    return [Given(each, who, each.role) for each in ordered if (who := each.group or each.user)]


def roles_for(target: Model, *, by: User) -> list[Role]:
    """The roles that mean something on it and that the user may give to others. Two statements at most."""
    meant, withheld = set(OBJECT_PERMISSIONS[object_type(target)]), _withheld(target, by)
    rows = Role.objects.order_by("name")
    return [each for each in rows if meant & set(each.permissions) and not withheld & set(each.permissions)]


def has_meaning(role: Role, target: Model) -> bool:
    """Does the role carry something for such an object?"""
    return bool(set(role.permissions) & set(OBJECT_PERMISSIONS.get(object_type(target), ())))


def require_meaning(role: Role, target: Model) -> None:
    """Raises Invalid for a role that carries nothing for such an object."""
    if not has_meaning(role, target):
        message = f"The role '{role.name}' does not carry any permission for that object."
        raise Invalid(message, field="non_field_errors")


def require_held(roles: Iterable[Role], target: Model, *, by: User) -> None:
    """Raises Denied if one of the roles lets do on the object what the user may not do oneself. One query at most."""
    given = {each for role in roles for each in role.permissions}
    if given and given & _withheld(target, by):
        raise Denied(DENIED)


def _withheld(target: Model, by: User) -> set[str]:
    """What the user may not let others do there."""
    withheld = WITHHELD.get(object_type(target), set())
    return withheld - permissions_on(by, target) if withheld and not by.is_superuser else set()


def give(target: Model, role: Role, to: Iterable[User | Group], *, by: User) -> None:
    """Give people a role on one object. Doing it twice is fine. Raises Denied, Invalid."""
    require_manage(target, by=by)
    require_meaning(role, target)
    require_held([role], target, by=by)
    with transaction.atomic():
        for each in to:
            RoleGrant.objects.get_or_create(role=role, **_holder(each), **_place(target))


def take(target: Model, role: Role, to: Iterable[User | Group], *, by: User) -> None:
    """Take a role on one object away that people were given. Doing it twice is fine. Raises Denied."""
    require_manage(target, by=by)
    with transaction.atomic():
        for each in to:
            grants_on(target).filter(role=role, **_holder(each)).delete()


def require_new(target: Model, role: Role, to: Iterable[User | Group]) -> None:
    """Raises Invalid if one of these has the role on the object."""
    for each in _with(target, role, to, has=True):
        raise Invalid(f"The role is already assigned to {_told(each)}.", field="non_field_errors")


def require_given(target: Model, role: Role, to: Iterable[User | Group]) -> None:
    """Raises Invalid if one of these has not."""
    for each in _with(target, role, to, has=False):
        raise Invalid(f"The role is not assigned to {_told(each)}.", field="non_field_errors")


def _with(target: Model, role: Role, to: Iterable[User | Group], *, has: bool) -> Iterator[User | Group]:
    held = {
        each.user or each.group
        for each in grants_on(target).filter(role=role).select_related("user", "group")
    }
    for each in to:
        if (each in held) is has:
            yield each


def _told(who: User | Group) -> str:
    return f"{next(iter(_holder(who)))} '{who}'"


def take_back(target: Model, grant_id: UUID | str, *, by: User) -> None:
    """Take away one role that somebody has on the object. Doing it twice is fine. Raises Denied."""
    require_manage(target, by=by)
    grants_on(target).filter(pk=grant_id).delete()


def give_to_maker(target: Model, role_name: str, maker: User) -> None:
    """What somebody has made is theirs, by the role of owners that the hub comes with."""
    if role := Role.objects.filter(name=role_name).first():
        RoleGrant.objects.create(role=role, user=maker, **_place(target))


def grants_on(target: Model) -> QuerySet[RoleGrant]:
    """All that anybody has on it; to be deleted with it."""
    return RoleGrant.objects.filter(**_place(target))


# -- everywhere, or on one object: from superusers -------------------------------------------------


def grant(role: Role, to: User | Group, target: Model | None, *, by: User) -> RoleGrant:
    """Give a role to somebody: on one object, or everywhere where there is no target. Superusers only."""
    require_superuser(by)
    if target is not None:
        require_meaning(role, target)
    holder = _holder(to)
    made, is_new = RoleGrant.objects.get_or_create(role=role, **holder, **_place(target))
    if not is_new:
        message = f"The role is already assigned to this {next(iter(holder))}."
        raise Invalid(message, field="non_field_errors")
    return made


def revoke(given: RoleGrant, *, by: User) -> None:
    """Take a role from somebody. Superusers only."""
    require_superuser(by)
    given.delete()


def _holder(who: User | Group) -> dict[str, Any]:
    return {"user": who} if isinstance(who, User) else {"group": who}


def _place(target: Model | None) -> dict[str, Any]:
    if target is None:
        return {"object_type": "", "object_id": ""}
    return {"object_type": object_type(target), "object_id": str(target.pk)}
