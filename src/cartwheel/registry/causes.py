"""Why a task failed may name what is private: a repository, what was to come into it, where from.

Everybody who is signed in sees the queue, and why tasks failed. What a task says of a private repository
is for those who may read that, and for those whose business the task is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext_noop as _

from cartwheel.engine import endings
from cartwheel.engine.models import Reservation, Task
from cartwheel.registry.models import CollectionImport, Repository, User
from cartwheel.registry.task_rights import KINDS, Reach, concerning, open_to, sees_all, visible

if TYPE_CHECKING:
    from cartwheel.registry.task_rights import Person

M = TypeVar("M", bound=Model)

REPOSITORIES = KINDS["repository"][0]  # how their resources' names begin
UNTOLD = _("Why is told to those who may see its repository.")


def told_causes(user: Person) -> Q:
    """Of which tasks the user may be told why they failed. Empty: of all. Three statements at most.

    A repository that is deleted tells no more whether it was private, and counts as that.
    """
    if not isinstance(user, User):
        return Q(pk__in=[])
    reach = Reach.of(user)
    if reach.is_operator or reach.reads_all:
        return Q()
    rows = Repository.objects.filter(Q(private=False) | Q(pk__in=reach.readable))
    readable = [each.prn for each in rows.only("pk")]
    of_repositories = Reservation.objects.filter(task=OuterRef("pk"), resource__startswith=REPOSITORIES)
    hidden_imports = CollectionImport.objects.filter(~open_to(user, reach), task=OuterRef("pk"))
    is_private = Exists(of_repositories.exclude(resource__in=readable)) | Exists(hidden_imports)
    return concerning(user, reach) | ~is_private


def told_why(user: Person, task_ids: Collection[UUID]) -> set[UUID]:
    """Those of the tasks of which the user may be told why they failed. Four statements; none for none."""
    wanted = set(task_ids)
    if not wanted or not (told := told_causes(user)):
        return wanted
    return set(Task.objects.filter(told, pk__in=wanted).values_list("pk", flat=True))


def error_for(error: dict[str, Any] | None, *, is_told: bool) -> dict[str, Any] | None:
    """A task's error as somebody reads it."""
    return error if error is None or is_told else endings.error_of(UNTOLD)


def with_last_sync(rows: QuerySet[M], *, to: Person, field: str = "last_sync_task") -> QuerySet[M]:
    """The rows with the task of their last sync, which is None to those who may not know of it.

    What a remote was last synced into may be private: see `error_of`. Who sees a repository is told why.
    """
    is_repositorys = rows.model is Repository and field == "last_sync_task"
    told = Q() if is_repositorys else told_causes(to)
    if not told and sees_all(to):
        return rows.select_related(field)
    tasks: QuerySet[Task] = visible(to)
    if told:
        tasks = tasks.annotate(is_told=ExpressionWrapper(told, output_field=BooleanField()))
    return rows.prefetch_related(Prefetch(field, tasks))


def error_of(task: Task) -> dict[str, Any] | None:
    """Why the last sync failed, without the traceback: that is for those who may read the task's own page."""
    error = error_for(task.error, is_told=getattr(task, "is_told", True))
    return {key: value for key, value in error.items() if key != "traceback"} if error else None
