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
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    F,
    IntegerField,
    UUIDField,
    When,
)
from django.utils import timezone

from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Reservation, Resource, Task
from cartwheel.engine.prepared import Change, Given, GivenSeveral, Insert, Query, Row
from cartwheel.engine.states import State

Hold = Reservation.Hold
NAME_LIMIT = 255  # characters of a resource's name
STEP = 500  # rows named in one statement
KNOWN_LIMIT = 10_000  # resources of which a process remembers that they have a row

_there: set[str] = set()

T = TypeVar("T")
Places = Mapping[UUID, Sequence[tuple[str, bool]]]  # task -> its resources, and whether it wants them alone


_TASKS = GivenSeveral("tasks", UUIDField())
_RESOURCE = Given("resource", CharField())
_NUMBER = Given("number", IntegerField())

_places = Query(
    lambda: (
        Reservation.objects.active().filter(task_id__among=_TASKS).values("task_id", "resource", "exclusive")
    )
)
_release = Change(lambda: Reservation.objects.active().filter(task_id__among=_TASKS), hold=Hold.RELEASED)
_first = Query(
    lambda: (
        Reservation.objects.active()
        .filter(resource=_RESOURCE)
        .order_by("id")
        .values("id", "task_id", "exclusive", "hold")[:1]
    )
)
_first_alone = Query(
    lambda: Reservation.objects.alone().filter(resource=_RESOURCE).order_by("id").values("id")[:1]
)
_insert = Insert(Reservation)
_grant = Change(
    lambda: Reservation.objects.filter(id__among=GivenSeveral("places", BigIntegerField())), hold=Hold.HELD
)
_lock_in_order = Query(
    lambda: Task.objects.select_for_update(no_key=True).filter(pk__among=_TASKS).order_by("pk").values("pk")
)
_count_down = Change(
    lambda: Task.objects.filter(pk__among=_TASKS),
    pending=F("pending") - _NUMBER,
    unblocked_at=Case(
        When(
            pending=_NUMBER,
            state=State.WAITING,
            unblocked_at=None,
            then=Given("now", DateTimeField()),
        ),
        default=F("unblocked_at"),
    ),
)
_lock_named = Query(
    lambda: (
        Resource.objects.select_for_update(no_key=True)
        .filter(name__among=GivenSeveral("names", CharField()))
        .order_by("name")
        .values("name")
    )
)


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
    for place in places:
        _insert(place)
    return sum(place.hold == Hold.WAITING for place in places)


def _hold_for_new(name: str, is_alone: bool) -> Hold:
    """What somebody who comes last gets at once."""
    if name == HUB:
        return Hold.WAITING
    before = _first(resource=name) if is_alone else _first_alone(resource=name)
    return Hold.WAITING if before else Hold.HELD


def places_of(task_ids: Sequence[UUID]) -> Places:
    """The places that tasks have now."""
    found: dict[UUID, list[tuple[str, bool]]] = defaultdict(list)
    for row in _places(tasks=task_ids):
        found[row["task_id"]].append((row["resource"], row["exclusive"]))
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
    _release(tasks=task_ids)
    granted = [
        place
        for name in sorted(left)
        if name != HUB
        for place in _next_in_line(name, also_sharers=left[name])
    ]
    for some in _steps([place["id"] for place in granted]):
        _grant(places=some)
    _unblock(Counter(place["task_id"] for place in granted))
    return bool(granted) or HUB in left


def leave(task_ids: Sequence[UUID], places: Places | None = None) -> bool:
    """Let tasks that will come back later give up their places; see release."""
    is_any = release(task_ids, places)
    Reservation.objects.filter(task__in=task_ids).delete()
    return is_any


def _next_in_line(name: str, *, also_sharers: bool) -> list[Row]:
    """The places whose turn it is now: the first, and if it shares, those after it that share too.

    Sharers can only have waited for somebody who wanted it alone. If none of those left, they are not
    looked for: there may be very many that hold it.
    """
    first = next(iter(_first(resource=name)), None)
    if first is None:
        return []
    if first["exclusive"]:
        return [first] if first["hold"] == Hold.WAITING else []
    if not also_sharers:
        return []
    next_alone = next(iter(_first_alone(resource=name)), None)
    sharing = Reservation.objects.active().filter(resource=name, hold=Hold.WAITING).order_by("id")
    before = sharing.filter(id__lt=next_alone["id"]) if next_alone else sharing
    found: list[Any] = list(before.values("id", "task_id", "exclusive", "hold"))
    return found


def _unblock(given: Counter[UUID]) -> None:
    """Count down what tasks wait for, by what they were given; who came to nothing is unblocked."""
    for ids in _steps(sorted(given)):
        if connection.vendor != "sqlite" and len(ids) > 1:
            # Two that end at the same moment may both unblock the same tasks: each in the same order.
            _lock_in_order(tasks=ids)
        for number in {given[each] for each in ids}:
            some = [each for each in ids if given[each] == number]
            _count_down(tasks=some, number=number, now=timezone.now())


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
    if names and len(_lock_named(names=names)) < len(names):
        _there.clear()  # a row is gone, which no part of the hub does
        _make_rows(names)
        _lock_named(names=names)


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
