"""Who may see what of a task, and stop it.

Everybody who is signed in sees the queue. What a task logged, and where in the code it failed, are for who
asked for it, for who may change an object that it works on, and for operators (`core.change_task`). One may
stop one's own tasks, and repeat them while one may still do what they do (repeating.py); operators all. With
CARTWHEEL_TASKS_VISIBLE_TO=owners, whoever may not read what a task logged does not see it at all, unless a
role lets them view all tasks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Exists, OuterRef, Q, QuerySet

from cartwheel.engine.models import Reservation, Task, TaskGroup
from cartwheel.engine.models.tasks import TaskQuerySet
from cartwheel.kit.errors import Denied
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.models import CollectionImport, Namespace, RoleGrant, User
from cartwheel.registry.permissions import DENIED, allows

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    Person = AbstractBaseUser | AnonymousUser

CHANGE, VIEW = "core.change_task", "core.view_task"
READ = "ansible.view_ansiblerepository"
CHANGE_NAMESPACE = "galaxy.change_namespace"
KINDS = {  # kind of object in grants -> how its resources are called, and the right to change it
    "repository": ("prn:ansible.ansiblerepository:", "ansible.change_ansiblerepository"),
    "collectionremote": ("prn:ansible.collectionremote:", "ansible.change_collectionremote"),
}
SHARED = "shared:"  # before a resource that a task only reads


# -- stopping, and doing again ----------------------------------------------------------------------


def may_stop(user: Person, task: Task) -> bool:
    """May the user stop the task, or have it done again?"""
    return _asked_for(user, task.created_by_id) or allows(user, CHANGE, task)


def require_stop(user: Person, task: Task) -> None:
    """Raises Denied if the user may not stop the task."""
    if not may_stop(user, task):
        raise Denied(DENIED)


def stoppable(user: Person, task_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the tasks that the user may stop. Three statements, however many tasks."""
    wanted = set(task_ids)
    if not isinstance(user, User) or not user.is_active or not wanted:
        return set()
    if allows(user, CHANGE):
        return wanted
    grants = _grants(user).filter(object_type="task", object_id__in=[str(each) for each in wanted])
    rows = grants.values_list("object_id", "role__permissions")
    granted = {UUID(task_id) for task_id, permissions in rows if CHANGE in permissions}
    return granted | set(Task.objects.filter(pk__in=wanted, created_by=user).values_list("pk", flat=True))


def require_stop_all(user: Person, group: TaskGroup) -> None:
    """Raises Denied unless the user may stop every task of the group."""
    members = set(group.tasks.values_list("pk", flat=True))
    if (not members and not allows(user, CHANGE)) or members != stoppable(user, members):
        raise Denied(DENIED)


# -- what a task tells --------------------------------------------------------------------------------


def may_read_log(user: Person, task: Task) -> bool:
    """May the user read what the task logged, and where it failed?"""
    return bool(told_all(user, [(task.pk, task.created_by_id, task.reserved_resources_record)]))


def told_all(user: Person, tasks: Collection[tuple[UUID, int | None, list[str] | None]]) -> set[UUID]:
    """Those of the tasks whose log and traceback the user may read.

    Takes their ids, who asked for each and what it reserves. Three statements at most, however many tasks.
    """
    told = {pk for pk, created_by, _ in tasks if _asked_for(user, created_by)}
    others = [(pk, resources) for pk, _, resources in tasks if pk not in told]
    if not others or not isinstance(user, User):
        return told
    reach = Reach.of(user)
    told |= {pk for pk, resources in others if reach.covers(pk, resources or ())}
    left = [pk for pk, _ in others if pk not in told]
    if left and reach.namespaces:
        imports = CollectionImport.objects.filter(reach.namespaces, pk__in=left)
        told |= set(imports.values_list("pk", flat=True))
    return told


@dataclass(frozen=True)
class Reach:
    """What somebody's roles let them change, as far as it matters for tasks."""

    is_operator: bool = False
    sees_all: bool = False
    tasks: frozenset[str] = frozenset()  # ids of those that one may change
    seen: frozenset[str] = frozenset()  # and of those that one may at least see
    resources: frozenset[str] = frozenset()  # single objects, by the names of their resources
    families: tuple[str, ...] = ()  # all objects whose resources' names begin so
    namespaces: Q | None = None  # which imports; None: of no namespace
    reads_all: bool = False
    read: frozenset[str] = frozenset()  # ids of single repositories that one may read

    @classmethod
    def of(cls, user: User) -> Reach:
        """Two statements at most; none for a superuser."""
        if not user.is_active:
            return cls()
        if user.is_superuser:
            return cls(is_operator=True, sees_all=True, reads_all=True)
        everywhere: set[str] = set()
        on_one: dict[tuple[str, str], set[str]] = {}
        kinds = ("", "task", "namespace", *KINDS)
        rows = _grants(user).filter(object_type__in=kinds)
        for kind, key, permissions in rows.values_list("object_type", "object_id", "role__permissions"):
            (on_one.setdefault((kind, key), set()) if kind else everywhere).update(permissions)
        return cls(
            is_operator=CHANGE in everywhere,
            sees_all=not everywhere.isdisjoint((CHANGE, VIEW)),
            tasks=frozenset(key for (kind, key), held in on_one.items() if kind == "task" and CHANGE in held),
            seen=frozenset(
                key for (kind, key), held in on_one.items() if kind == "task" and held & {CHANGE, VIEW}
            ),
            resources=frozenset(
                f"{KINDS[kind][0]}{key}"
                for (kind, key), held in on_one.items()
                if kind in KINDS and KINDS[kind][1] in held
            ),
            families=tuple(prefix for prefix, right in KINDS.values() if right in everywhere),
            namespaces=_namespaces(everywhere, on_one),
            reads_all=READ in everywhere,
            read=frozenset(
                key for (kind, key), held in on_one.items() if kind == "repository" and READ in held
            ),
        )

    @property
    def readable(self) -> list[str]:
        """`read`, without what is no id at all."""
        return [each for each in self.read if is_uuid(each)]

    def covers(self, task_id: UUID, resources: Iterable[str]) -> bool:
        """Is the task somebody's business by their rights on it, or on what it reserves?"""
        if self.is_operator or str(task_id) in self.tasks:
            return True
        names = [each.removeprefix(SHARED) for each in resources]
        return any(each in self.resources or each.startswith(self.families) for each in names)


# -- the queue ----------------------------------------------------------------------------------------


def visible(user: Person) -> TaskQuerySet:
    """The tasks that the user may know of."""
    if sees_all(user):
        return Task.objects.all()
    if not isinstance(user, User):
        return Task.objects.none()
    return Task.objects.filter(concerning(user, Reach.of(user)))


def sees_all(user: Person) -> bool:
    """May the user know of every task? Costs nothing where everybody who is signed in may."""
    if not isinstance(user, User):
        return False
    return settings.CONFIG.tasks_visible_to == "everybody" or Reach.of(user).sees_all


def visible_groups(user: Person) -> QuerySet[TaskGroup]:
    """The groups of tasks of which the user may know one."""
    if sees_all(user):
        return TaskGroup.objects.all()
    return TaskGroup.objects.filter(Exists(visible(user).filter(task_group=OuterRef("pk"))))


def visible_imports(user: Person) -> QuerySet[CollectionImport]:
    """The imports that the user may know of: those of tasks that one may know of, but for what is private."""
    if not isinstance(user, User):
        return CollectionImport.objects.none()
    rows = CollectionImport.objects.filter(open_to(user, Reach.of(user)))
    return rows if sees_all(user) else rows.filter(task__in=visible(user))


def may_see(user: Person, made: CollectionImport) -> bool:
    """Is the import one of those? Its task must be. No statement if it is for no private repository."""
    return made.private_repository is None or visible_imports(user).filter(pk=made.pk).exists()


def open_to(user: User, reach: Reach) -> Q:
    """Of imports: for no private repository, or for one that the user may read; or their own business."""
    if reach.is_operator or reach.reads_all:
        return Q()
    asked_for = Q(Exists(Task.objects.filter(pk=OuterRef("pk"), created_by=user)))
    readable = Q(private_repository__in=reach.readable)
    return Q(private_repository=None) | readable | asked_for | (reach.namespaces or Q())


def known_among(user: Person, task_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the tasks that the user may know of. One statement; none where everybody may know of all."""
    wanted = set(task_ids)
    if not wanted or sees_all(user):
        return wanted
    return set(visible(user).filter(pk__in=wanted).values_list("pk", flat=True))


def visible_ids(user_id: int, task_ids: Collection[UUID]) -> set[UUID]:
    """Those of the tasks that a user may know of, who may be gone meanwhile."""
    user = User.objects.filter(pk=user_id).first()
    return known_among(user, task_ids) if user else set()


def concerning(user: User, reach: Reach) -> Q:
    """Which tasks are somebody's business: their own, and those on what they may change."""
    wanted = Q(created_by=user) | Q(pk__in=[each for each in reach.seen if is_uuid(each)])
    named = Q(resource__in=reach.resources) if reach.resources else Q()
    for family in reach.families:
        named |= Q(resource__startswith=family)
    if named:
        wanted |= Q(Exists(Reservation.objects.filter(named, task=OuterRef("pk"))))
    if reach.namespaces:
        wanted |= Q(Exists(CollectionImport.objects.filter(reach.namespaces, task=OuterRef("pk"))))
    return wanted


def _namespaces(everywhere: set[str], on_one: dict[tuple[str, str], set[str]]) -> Q | None:
    """Which imports are somebody's business: those into namespaces that they may change."""
    if CHANGE_NAMESPACE in everywhere:
        return Q(namespace__isnull=False)
    mine = [key for (kind, key), held in on_one.items() if kind == "namespace" and CHANGE_NAMESPACE in held]
    return Q(namespace__in=Namespace.objects.filter(pk__in=mine).values("name")) if mine else None


def _grants(user: User) -> QuerySet[RoleGrant, Any]:
    return RoleGrant.objects.filter(Q(user=user) | Q(group__in=Group.objects.filter(user=user)))


def _asked_for(user: Person, created_by: int | None) -> bool:
    return created_by is not None and user.is_active and user.pk == created_by
