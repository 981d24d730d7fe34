"""Who may do what. One question, asked everywhere: may this user do that to this object?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Model, Q
from django.utils.translation import gettext_noop as _

from cartwheel.kit.errors import Denied
from cartwheel.registry.models import RoleGrant, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Right = tuple[str, str, str]  # kind and id of an object, both empty for all of them, and a permission
Need = tuple[str, Model | None]  # a permission, and what it must hold on; None: everywhere
DENIED = _("You do not have permission to perform this action.")


def allows(user: AbstractBaseUser | AnonymousUser, permission: str, target: Model | None = None) -> bool:
    """May the user do that? `permission` is a name such as "galaxy.change_namespace".

    A role gives its permissions everywhere, or on the one object that it was granted for. Without a
    target, only what holds everywhere counts. One query.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_superuser:
        return True
    return any(
        permission in each for each in _grants(user, target).values_list("role__permissions", flat=True)
    )


def require(user: AbstractBaseUser | AnonymousUser, permission: str, target: Model | None = None) -> None:
    """Raises Denied if the user may not do that."""
    if not allows(user, permission, target):
        raise Denied(DENIED)


def allowed(user: AbstractBaseUser | AnonymousUser, needs: Collection[Need]) -> set[Need]:
    """Those of the needs that the user's roles meet. One query, however many."""
    if not isinstance(user, User) or not user.is_active or not needs:
        return set()
    if user.is_superuser:
        return set(needs)
    where = Q(object_type="")
    for kind, keys in _by_kind(need[1] for need in needs if need[1] is not None).items():
        where |= Q(object_type=kind, object_id__in=keys)
    held = _held(RoleGrant.objects.filter(_mine(user), where))
    return {need for need in needs if ("", "", need[0]) in held or _on_target(*need) in held}


def _by_kind(targets: Iterable[Model]) -> dict[str, set[str]]:
    keys: dict[str, set[str]] = {}
    for target in targets:
        keys.setdefault(object_type(target), set()).add(str(target.pk))
    return keys


def _on_target(permission: str, target: Model | None) -> Right | None:
    return None if target is None else (object_type(target), str(target.pk), permission)


def require_superuser(user: AbstractBaseUser | AnonymousUser) -> None:
    """Raises Denied for everybody else."""
    if not (isinstance(user, User) and user.is_active and user.is_superuser):
        raise Denied(DENIED)


def permissions_on(user: AbstractBaseUser | AnonymousUser, target: Model | None = None) -> set[str]:
    """All that the user's roles allow, everywhere or on the target. A superuser is not asked for here."""
    if not isinstance(user, User):
        return set()
    rows = _grants(user, target).values_list("role__permissions", flat=True)
    return {permission for row in rows for permission in row}


def permissions_on_alone(user: AbstractBaseUser | AnonymousUser, target: Model) -> set[str]:
    """What roles allow there that the user was given on just this target. A superuser is not asked for here."""
    if not isinstance(user, User) or not user.is_active:
        return set()
    grants = RoleGrant.objects.filter(_mine(user), object_type=object_type(target), object_id=str(target.pk))
    return {permission for _, _, permission in _held(grants)}


def permissions_by_object(
    user: AbstractBaseUser | AnonymousUser, kind: str, *, object_ids: Iterable[str] | None = None
) -> tuple[set[str], dict[str, set[str]]]:
    """What the user's roles allow everywhere, and beyond that on each object of a kind, by its id.

    One query, however many objects. A superuser is not asked for here.
    """
    everywhere: set[str] = set()
    on_object: dict[str, set[str]] = {}
    if isinstance(user, User) and user.is_active:
        here = Q(object_type=kind) if object_ids is None else Q(object_type=kind, object_id__in=object_ids)
        rows = RoleGrant.objects.filter(_mine(user), Q(object_type="") | here)
        for object_id, permissions in rows.values_list("object_id", "role__permissions"):
            (on_object.setdefault(object_id, set()) if object_id else everywhere).update(permissions)
    return everywhere, on_object


def gives_more(group: Group, user: User) -> bool:
    """Would the group's roles let the user do what one may not do already? Two queries."""
    if user.is_superuser:
        return False
    held = _held(RoleGrant.objects.filter(_mine(user)))
    given = _held(RoleGrant.objects.filter(group=group))
    return any(each not in held and ("", "", each[2]) not in held for each in given)


def _held(grants: RoleGrantQuerySet) -> set[Right]:
    """All that these grants allow."""
    rows = grants.values_list("object_type", "object_id", "role__permissions")
    return {(kind, key, permission) for kind, key, permissions in rows for permission in permissions}


def _mine(user: User) -> Q:
    return Q(user=user) | Q(group__in=Group.objects.filter(user=user))


def _grants(user: User, target: Model | None) -> RoleGrantQuerySet:
    where = Q(object_type="")
    if target is not None:
        where |= Q(object_type=object_type(target), object_id=str(target.pk))
    return RoleGrant.objects.filter(_mine(user), where)


def object_type(target: Model) -> str:
    """The name of an object's kind, as role grants keep it."""
    return str(target._meta.model_name)


if TYPE_CHECKING:
    from django.db.models import QuerySet

    RoleGrantQuerySet = QuerySet[RoleGrant, RoleGrant]
