"""Who may do what with a task. Everybody who is signed in sees the queue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Q

from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied
from cartwheel.registry.models import RoleGrant, User
from cartwheel.registry.permissions import DENIED, allows

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

CHANGE = "core.change_task"


def may_stop(user: AbstractBaseUser | AnonymousUser, task: Task) -> bool:
    """May the user stop the task? Asking for it does not give the right to stop it."""
    return allows(user, CHANGE, task)


def require_stop(user: AbstractBaseUser | AnonymousUser, task: Task) -> None:
    """Raises Denied if the user may not stop the task."""
    if not may_stop(user, task):
        raise Denied(DENIED)


def stoppable(user: AbstractBaseUser | AnonymousUser, task_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the tasks that the user may stop. Two statements, however many tasks."""
    wanted = set(task_ids)
    if allows(user, CHANGE):
        return wanted
    if not isinstance(user, User) or not user.is_active or not wanted:
        return set()
    mine = Q(user=user) | Q(group__in=Group.objects.filter(user=user))
    grants = RoleGrant.objects.filter(mine, object_type="task", object_id__in=[str(each) for each in wanted])
    rows = grants.values_list("object_id", "role__permissions")
    return {UUID(task_id) for task_id, permissions in rows if CHANGE in permissions}


def may_read_log(user: AbstractBaseUser | AnonymousUser, task: Task) -> bool:
    """May the user read what the task logged? Whoever asked for it may, and whoever may stop it."""
    return (user.pk is not None and task.created_by_id == user.pk) or may_stop(user, task)


def may_read_traceback(user: AbstractBaseUser | AnonymousUser) -> bool:
    """A traceback tells how the hub works inside: it is for those who run it."""
    return isinstance(user, User) and user.is_active and user.is_superuser
