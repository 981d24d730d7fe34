"""Who may do what. One question, asked everywhere: may this user do that to this object?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Model, Q

from cartwheel.kit.errors import Denied
from cartwheel.registry.models import RoleGrant, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

DENIED = "You do not have permission to perform this action."


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


def permissions_on(user: AbstractBaseUser | AnonymousUser, target: Model | None = None) -> set[str]:
    """All that the user's roles allow, everywhere or on the target. A superuser is not asked for here."""
    if not isinstance(user, User):
        return set()
    rows = _grants(user, target).values_list("role__permissions", flat=True)
    return {permission for row in rows for permission in row}


def _grants(user: User, target: Model | None) -> RoleGrantQuerySet:
    mine = Q(user=user) | Q(group__in=Group.objects.filter(user=user))
    where = Q(object_type="")
    if target is not None:
        where |= Q(object_type=object_type(target), object_id=str(target.pk))
    return RoleGrant.objects.filter(mine, where)


def object_type(target: Model) -> str:
    """The name of an object's kind, as role grants keep it."""
    return str(target._meta.model_name)


if TYPE_CHECKING:
    from django.db.models import QuerySet

    RoleGrantQuerySet = QuerySet[RoleGrant, RoleGrant]
