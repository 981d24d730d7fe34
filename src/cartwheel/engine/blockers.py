"""Why does a task wait? For its time, its resources, the end of a pause, the hub, or a worker.

The order of places in the queue of a resource is data (resources.py), so the answer is looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce

from cartwheel.engine.gate import HUB, Gate, first_gate
from cartwheel.engine.models import ONLINE, Pause, Reservation, Task, Worker
from cartwheel.engine.prepared import GivenSeveral, Query
from cartwheel.engine.states import State

HOLDERS_SHOWN = 20  # tasks that share a resource can be many; so many are named, over all resources

Hold = Reservation.Hold

_awaited = Query(
    lambda: Reservation.objects.filter(
        task_id__among=GivenSeveral("tasks", UUIDField()), hold=Hold.WAITING
    ).values("task_id", "resource")
)


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
    """What a waiting task waits for. The first of these that is there keeps it from starting.

    `until` its time, `blockers`, the end of a `pause`, a `gate`: a task that has the hub alone or is to
    have it first. Else only a worker is lacking: `ahead` tasks get one before, `workers` are online.
    """

    until: datetime | None = None
    blockers: tuple[Blocker, ...] = ()
    pause: Pause | None = None
    gate: Task | None = None
    ahead: int = 0
    workers: int = 0


@dataclass(frozen=True)
class HeldBack:
    """What keeps tasks from starting though they have all their resources."""

    pauses: tuple[Pause, ...]
    gate: Gate | None

    def pause_of(self, name: str) -> Pause | None:
        """The pause that holds tasks of that name back."""
        targets = ((Pause.Scope.HUB, ""), (Pause.Scope.FUNCTION, name))
        return next((each for each in self.pauses if (each.scope, each.target) in targets), None)

    def gate_before(self, task_id: UUID, root: UUID | None) -> UUID | None:
        """The task that this one has to let pass, because it needs the hub alone."""
        if self.gate is None or self.gate.task_id == task_id:
            return None
        was_there_before = (root or task_id) < self.gate.task_id
        return None if was_there_before and not self.gate.is_open_to_it else self.gate.task_id


def held_back() -> HeldBack:
    """What holds tasks back at present. Two statements."""
    return HeldBack(tuple(Pause.objects.order_by("-scope", "id")), first_gate())


def why_waiting(task: Task) -> Wait | None:
    """Why a task has not started; None if it does not wait. Five statements at most."""
    if task.state != State.WAITING:
        return None
    if task.not_before is not None:
        return Wait(until=task.not_before)
    blockers = blockers_of(task)
    if blockers:
        return Wait(blockers=blockers)
    held = held_back()
    if pause := held.pause_of(task.name):
        return Wait(pause=pause)
    if gate := held.gate_before(task.pk, task.root):
        return Wait(gate=Task.objects.get(pk=gate))
    before = Q(rank__lt=task.rank) | Q(rank=task.rank, pk__lt=task.pk)
    return Wait(
        ahead=Task.objects.ready().filter(before).count(), workers=Worker.objects.filter(ONLINE).count()
    )


def blockers_of(task: Task) -> tuple[Blocker, ...]:
    """The resources that a task does not hold yet, by name, with who holds them. Four statements at most."""
    waiting = Reservation.objects.filter(task=task, hold=Hold.WAITING)
    places = list(waiting.annotate(ahead=Coalesce(_ahead_of_outer(), 0)).order_by("resource"))
    if not places:
        return ()
    holders = _holders([place.resource for place in places])
    return tuple(
        _everything_before(task)
        if place.resource == HUB
        else Blocker(place.resource, place.exclusive, ahead, tuple(holders[place.resource]))
        for place, ahead in ((place, int(place.__dict__["ahead"])) for place in places)
    )


def _everything_before(task: Task) -> Blocker:
    """Who needs the hub alone waits for all that was there before."""
    before = Task.objects.incomplete().filter(root__lt=task.pk).order_by("root")
    holders = tuple(before.defer("args", "kwargs")[:HOLDERS_SHOWN])
    return Blocker(HUB, exclusive=True, ahead=before.count(), holders=holders)


def awaited(task_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The names of the resources that each of these tasks still waits for. One statement; none for no task."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in _awaited(tasks=task_ids) if task_ids else ():
        found[row["task_id"]].append(row["resource"])
    return {task: sorted(resources) for task, resources in found.items()}


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
