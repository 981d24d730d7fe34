"""Who may use which resource: first come, first served, readers share, nobody overtakes.

A task takes its place in the queue of each of its resources when it is dispatched. It is unblocked
when it holds them all. What a dispatch or an end costs depends on that task's own resources, never
on how many tasks wait.

Rule, per resource, in the order of places: the first holds it, whether alone or shared; whoever
shares holds it too as long as nobody before wants it alone. The hub itself is given by gate.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Reservation, Resource, Task
from cartwheel.engine.states import State

Hold = Reservation.Hold
NAME_LIMIT = 255  # characters of a resource's name


def line_up(task_id: UUID, exclusive: Iterable[str], shared: Iterable[str]) -> int:
    """Give a task its places. Returns how many of its resources it must still wait for.

    Runs inside the transaction that makes the task, and before it: whether the task is there is
    checked at the end of the transaction.
    """
    alone = dict.fromkeys(exclusive)
    wanted = {name: name in alone for name in (*alone, *shared)}  # who wants it both ways wants it alone
    if wanted.get(HUB) is False:
        del wanted[HUB]  # every task shares it anyway
    if not wanted:
        return 0
    _lock(wanted)
    places = [
        Reservation(task_id=task_id, resource=name, exclusive=is_alone, hold=_hold_for_new(name, is_alone))
        for name, is_alone in wanted.items()
    ]
    Reservation.objects.bulk_create(places)
    return sum(place.hold == Hold.WAITING for place in places)


def _hold_for_new(name: str, is_alone: bool) -> Hold:
    """What somebody who comes last gets at once."""
    if name == HUB:
        return Hold.WAITING
    before = Reservation.objects.active() if is_alone else Reservation.objects.alone()
    return Hold.WAITING if before.filter(resource=name).order_by("id").values("id").first() else Hold.HELD


def release(task_ids: Sequence[UUID]) -> bool:
    """Take tasks that have ended out of all queues. Tells whether others can go on now.

    Runs inside the transaction that ends the tasks.
    """
    places = Reservation.objects.active().filter(task__in=task_ids)
    left: dict[str, bool] = {}  # name -> did somebody leave who had or wanted it alone?
    for name, exclusive in places.values_list("resource", "exclusive"):
        left[name] = left.get(name, False) or exclusive
    if not left:
        return False
    _lock(left)
    places.update(hold=Hold.RELEASED)
    granted = [
        place
        for name in sorted(left)
        if name != HUB
        for place in _next_in_line(name, also_sharers=left[name])
    ]
    if granted:
        Reservation.objects.filter(id__in=[place.pk for place in granted]).update(hold=Hold.HELD)
        _unblock([place.task_id for place in granted])
    return bool(granted) or HUB in left


def leave(task_ids: Sequence[UUID]) -> bool:
    """Let tasks that will come back later give up their places; see release."""
    is_any = release(task_ids)
    Reservation.objects.filter(task__in=task_ids).delete()
    return is_any


def _next_in_line(name: str, *, also_sharers: bool) -> list[Reservation]:
    """The places whose turn it is now: the first, and if it shares, those after it that share too.

    Sharers can only have waited for somebody who wanted it alone. If none of those left, they are not
    looked for: there may be very many that hold it.
    """
    queue = Reservation.objects.active().filter(resource=name).order_by("id")
    first = queue.first()
    if first is None:
        return []
    if first.exclusive:
        return [first] if first.hold == Hold.WAITING else []
    if not also_sharers:
        return []
    next_alone = Reservation.objects.alone().filter(resource=name).order_by("id").first()
    sharing = queue.filter(hold=Hold.WAITING)
    return list(sharing.filter(id__lt=next_alone.pk) if next_alone else sharing)


def _unblock(task_ids: list[UUID]) -> None:
    """Count down what the tasks wait for; the ones that came to nothing are unblocked."""
    for task_id in task_ids:  # a task stands here once for each resource it was given
        Task.objects.filter(pk=task_id).update(pending=F("pending") - 1)
    ready = Task.objects.filter(pk__in=task_ids, pending=0, state=State.WAITING, unblocked_at=None)
    ready.update(unblocked_at=timezone.now())


def _lock(names: Iterable[str]) -> None:
    """Let nobody else change these queues before the transaction ends.

    SQLite has one writer at a time anyway. Elsewhere the row of each resource is locked, in the order
    of the names, so that two tasks with the same resources never wait for each other.
    """
    if connection.vendor == "sqlite":
        return
    ordered = sorted(names)
    rows = Resource.objects.select_for_update().filter(name__in=ordered).order_by("name")
    if len(rows) < len(ordered):
        Resource.objects.bulk_create([Resource(name=name) for name in ordered], ignore_conflicts=True)
        len(rows.all())  # locks the new ones too
