"""Who may use which resource: first come, first served, readers share, nobody overtakes.

A task takes its place in the queue of each of its resources when it is dispatched. It is unblocked
when it holds them all. What a dispatch or an end costs depends on that task's own resources, never
on how many tasks wait.

Rule, per resource, in the order of places: the first holds it, whether alone or shared; whoever
shares holds it too as long as nobody before wants it alone. The hub itself is given by gate.py.

Whoever changes queues locks them first, in one order, and only then the rows of tasks, a child's before
its parent's. So nobody waits for each other: a stop, an end and a dispatch may meet in any way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Reservation, Resource, Task
from cartwheel.engine.states import State

Hold = Reservation.Hold
NAME_LIMIT = 255  # characters of a resource's name
STEP = 500  # rows named in one statement
KNOWN_LIMIT = 10_000  # resources of which a process remembers that they have a row

_there: set[str] = set()

T = TypeVar("T")
Places = Mapping[UUID, Sequence[tuple[str, bool]]]  # task -> its resources, and whether it wants them alone


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
    lock([HUB] if HUB in wanted else wanted)
    places = [
        Reservation(task_id=task_id, resource=name, exclusive=is_alone, hold=_hold_for_new(name, is_alone))
        for name, is_alone in wanted.items()
    ]
    if HUB in wanted:
        # Who has the hub alone has all of it. A place elsewhere would hold up those whom it has to let pass.
        for place in places:
            place.hold = Hold.WAITING if place.resource == HUB else Hold.RELEASED
    Reservation.objects.bulk_create(places)
    return sum(place.hold == Hold.WAITING for place in places)


def _hold_for_new(name: str, is_alone: bool) -> Hold:
    """What somebody who comes last gets at once."""
    if name == HUB:
        return Hold.WAITING
    before = Reservation.objects.active() if is_alone else Reservation.objects.alone()
    return Hold.WAITING if before.filter(resource=name).order_by("id").values("id").first() else Hold.HELD


def places_of(task_ids: Sequence[UUID]) -> Places:
    """The places that tasks have now."""
    found: dict[UUID, list[tuple[str, bool]]] = defaultdict(list)
    active = Reservation.objects.active().filter(task__in=task_ids)
    for task_id, name, exclusive in active.values_list("task", "resource", "exclusive"):
        found[task_id].append((name, exclusive))
    return found


def lock_places_of(task_ids: Sequence[UUID]) -> Places:
    """The places of tasks that workers have; nobody else changes those queues any more in this transaction."""
    found = places_of(task_ids)
    lock({name for places in found.values() for name, _ in places}, are_there=True)
    return found


def release(task_ids: Sequence[UUID], places: Places | None = None) -> bool:
    """Take tasks that have ended out of all queues. Tells whether others can go on now.

    Runs inside the transaction that ends the tasks, which has locked the queues. `places` are the ones
    that the tasks have, if that is known.
    """
    known = places_of(task_ids) if places is None else places
    left: dict[str, bool] = {}  # name -> did somebody leave who had or wanted it alone?
    for task_id in task_ids:
        for name, exclusive in known.get(task_id, ()):
            left[name] = left.get(name, False) or exclusive
    if not left:
        return False
    Reservation.objects.active().filter(task__in=task_ids).update(hold=Hold.RELEASED)
    granted = [
        place
        for name in sorted(left)
        if name != HUB
        for place in _next_in_line(name, also_sharers=left[name])
    ]
    for some in _steps([place.pk for place in granted]):
        Reservation.objects.filter(id__in=some).update(hold=Hold.HELD)
    _unblock(Counter(place.task_id for place in granted))
    return bool(granted) or HUB in left


def leave(task_ids: Sequence[UUID], places: Places | None = None) -> bool:
    """Let tasks that will come back later give up their places; see release."""
    is_any = release(task_ids, places)
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


def _unblock(given: Counter[UUID]) -> None:
    """Count down what tasks wait for, by what they were given; who came to nothing is unblocked."""
    for ids in _steps(sorted(given)):
        if connection.vendor != "sqlite":
            # Two that end at the same moment may both unblock the same tasks: each in the same order.
            list(Task.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values("pk"))
        for number in {given[each] for each in ids}:
            some = [each for each in ids if given[each] == number]
            Task.objects.filter(pk__in=some).update(pending=F("pending") - number)
        ready = Task.objects.filter(pk__in=ids, pending=0, state=State.WAITING, unblocked_at=None)
        ready.update(unblocked_at=timezone.now())


def _steps(all_of_them: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(all_of_them), STEP):
        yield all_of_them[start : start + STEP]


def lock(names: Iterable[str], *, are_there: bool = False) -> None:
    """Let nobody else change these queues before the transaction ends; `are_there` if they certainly exist.

    SQLite has one writer at a time anyway. Elsewhere the row of each resource is locked, in the order
    of the names and the hub last, so that two tasks with the same resources never wait for each other.
    A transaction that changes several queues one after the other calls it first, with all of them.
    """
    ordered = sorted(set(names))
    if connection.vendor == "sqlite" or not ordered:
        return
    if not are_there:
        _make_rows(ordered)
    if HUB in ordered:
        ordered.remove(HUB)
        _lock_rows(ordered)
        ordered = [HUB]
    _lock_rows(ordered)


def _lock_rows(names: list[str]) -> None:
    # Those who start tasks hold the hub's row in a way that this does not wait for; see gate.py.
    rows = Resource.objects.select_for_update(no_key=True).filter(name__in=names).order_by("name")
    if names and len(rows) < len(names):
        _there.clear()  # a row is gone, which no part of the hub does
        _make_rows(names)
        len(rows.all())


def _make_rows(names: Sequence[str]) -> None:
    """See to it that resources have rows, before any is locked: making one waits for whoever is making it."""
    new = [name for name in names if name not in _there]
    if not new:
        return
    missing = set(new).difference(Resource.objects.filter(name__in=new).values_list("name", flat=True))
    if missing:
        Resource.objects.bulk_create([Resource(name=each) for each in sorted(missing)], ignore_conflicts=True)
    elif len(_there) < KNOWN_LIMIT:
        _there.update(new)  # only what others have committed: what is made here may yet be rolled back
