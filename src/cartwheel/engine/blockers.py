"""Why does a task wait? Because its resources are others', or because no worker is free.

The order of places in the queue of a resource is data (resources.py), so the answer is looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from cartwheel.engine.models import ONLINE_SECONDS, Reservation, Task, Worker
from cartwheel.engine.states import State

HOLDERS_SHOWN = 20  # tasks that share a resource can be many; so many are named, over all resources

Hold = Reservation.Hold


@dataclass(frozen=True)
class Blocker:
    """One resource that a task waits for.

    `ahead` is how many tasks come before it there, those that hold it included. `holders` are the ones
    that hold it, the first in line first; of very many only some.
    """

    resource: str
    exclusive: bool
    ahead: int
    holders: tuple[Task, ...]


@dataclass(frozen=True)
class Wait:
    """What a waiting task waits for: resources, or else a worker.

    `blockers` is empty when it holds all that it needs. Then `ahead` tasks get a worker before it;
    `workers` is how many are online.
    """

    blockers: tuple[Blocker, ...] = ()
    ahead: int = 0
    workers: int = 0


def why_waiting(task: Task) -> Wait | None:
    """Why a task has not started; None if it does not wait. Three statements at most."""
    if task.state != State.WAITING:
        return None
    blockers = blockers_of(task)
    if blockers:
        return Wait(blockers=blockers)
    ready = Task.objects.ready().filter(pk__lt=task.pk)
    return Wait(ahead=ready.count(), workers=_online().count())


def blockers_of(task: Task) -> tuple[Blocker, ...]:
    """The resources that a task does not hold yet, by name, with who holds them. Two statements."""
    waiting = Reservation.objects.filter(task=task, hold=Hold.WAITING)
    places = list(waiting.annotate(ahead=Coalesce(_ahead_of_outer(), 0)).order_by("resource"))
    if not places:
        return ()
    holders = _holders([place.resource for place in places])
    return tuple(
        Blocker(place.resource, place.exclusive, ahead, tuple(holders[place.resource]))
        for place, ahead in ((place, int(place.__dict__["ahead"])) for place in places)
    )


def awaited(task_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The names of the resources that each of these tasks still waits for. One statement."""
    found: dict[UUID, list[str]] = defaultdict(list)
    waiting = Reservation.objects.filter(task__in=task_ids, hold=Hold.WAITING).order_by("resource")
    for task_id, resource in waiting.values_list("task_id", "resource"):
        found[task_id].append(resource)
    return dict(found)


def _ahead_of_outer() -> Subquery:
    """How many places come before the one of the outer query."""
    before = Reservation.objects.active().filter(resource=OuterRef("resource"), id__lt=OuterRef("id"))
    counted = before.order_by().values("resource").annotate(number=Count("id")).values("number")
    return Subquery(counted, output_field=IntegerField())


def _holders(resources: Collection[str]) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = defaultdict(list)
    held = Reservation.objects.active().filter(resource__in=resources, hold=Hold.HELD)
    for place in (
        held.select_related("task").defer("task__args", "task__kwargs").order_by("id")[:HOLDERS_SHOWN]
    ):
        found[place.resource].append(place.task)
    return found


def _online() -> QuerySet[Worker]:
    recently = timezone.now() - timedelta(seconds=ONLINE_SECONDS)
    return Worker.objects.filter(stopped_at=None, last_heartbeat__gt=recently)
