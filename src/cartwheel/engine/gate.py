"""The hub itself as a resource. Every task shares it; one that takes it alone has the hub for itself.

Tasks that share it take no place in a queue, so it costs them nothing. A task that wants the hub alone
is a gate: what was there before passes, the gate waits for all of it, and what came after waits for
the gate. Three rules keep a gate from waiting for somebody who waits for it:

* The children of a task count as being there since the first of their ancestors, and those of the task
  that has the hub run beside it.
* What runs already passes, with its children, even if it came after: the gate was made, but not yet seen.
* Whoever holds what one from before waits for passes too.

Tasks that wait for their time, or to be tried again, stand in no queue and do not count as before.
Nor do tasks that have done their part and end with another: they have neither a worker nor resources.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Q
from django.utils import timezone

from cartwheel.engine.models import Reservation, Resource, Task, TaskQuerySet
from cartwheel.engine.prepared import Query, planned
from cartwheel.engine.states import State

# What Pulp calls a domain. It is the same on every hub: there is only one.
HUB_ID = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
HUB = f"prn:core.domain:{HUB_ID}"

CHAIN_LIMIT = 200  # tasks from before the gate whose obstacles are looked for at a time

Hold = Reservation.Hold


_first_at_the_hub = Query(
    lambda: Reservation.objects.active().named(HUB).order_by("id").values("task_id", "hold")[:1]
)


@dataclass(frozen=True)
class Gate:
    """The first task that wants the hub alone, and whether it has it."""

    task_id: UUID
    is_open_to_it: bool


def first_gate() -> Gate | None:
    """The gate that decides what may start now; usually there is none. One statement."""
    found = next(iter(_first_at_the_hub()), None)
    return Gate(found["task_id"], found["hold"] == Hold.HELD) if found else None


def let_through(gate: Gate) -> Gate | None:
    """Give the hub to the first gate if nothing is in its way. Returns that gate, None if it has just gone.

    Runs inside the transaction that starts tasks.
    """
    if gate.is_open_to_it or not _lock_alone():
        return gate
    now = first_gate()  # as it is now that nobody else starts tasks
    if now is None or now.is_open_to_it:
        return now
    waits = Task.objects.filter(pk=now.task_id, state=State.WAITING, pending=1)
    if not waits.exists() or any(each.values("pk").first() for each in in_the_way(now.task_id)):
        return now
    Reservation.objects.filter(task=now.task_id, resource=HUB).update(hold=Hold.HELD)
    waits.update(pending=0, unblocked_at=timezone.now())
    return Gate(now.task_id, is_open_to_it=True)


def keep_shut() -> None:
    """Let no gate open before this transaction ends: it starts tasks, which others do not see yet."""
    if connection.vendor == "sqlite":
        return
    with planned() as cursor:
        # The weakest of locks: all who start tasks have it at the same time, only _lock_alone minds.
        look = "SELECT 1 FROM engine_resource WHERE name = %s FOR KEY SHARE"
        cursor.execute(look, [HUB])
        if cursor.fetchone() is None:
            Resource.objects.bulk_create([Resource(name=HUB)], ignore_conflicts=True)
            cursor.execute(look, [HUB])


def _lock_alone() -> bool:
    """Let nobody start tasks before this transaction ends. False if somebody is just about to."""
    if connection.vendor == "sqlite":
        return True
    return bool(Resource.objects.select_for_update(skip_locked=True).filter(name=HUB))


def no_gate() -> Q:
    """The condition that there is no gate, for the very statement that reads what may start."""
    return ~Q(Exists(Reservation.objects.active().named(HUB)))


def in_the_way(gate_id: UUID) -> tuple[TaskQuerySet, TaskQuerySet]:
    """What a gate waits for: what is under way, and what waits and was there before."""
    others = Task.objects.exclude(pk=gate_id)
    gates = Reservation.objects.active().named(HUB).values("task")
    return (
        others.under_way().filter(worker__isnull=False),
        # Ordered, so that the index of what is incomplete is read: there may be very much after the gate.
        _waiting_before(others, gate_id).exclude(pk__in=gates).order_by("root"),
    )


def _waiting_before(tasks: TaskQuerySet, gate_id: UUID) -> TaskQuerySet:
    return tasks.incomplete().filter(root__lt=gate_id, state=State.WAITING, not_before=None)


def may_pass(gate: Gate) -> Q:
    """Which tasks may start in spite of a gate."""
    if gate.is_open_to_it:
        return Q(pk__in=[gate.task_id, *_descendants(gate.task_id)])
    may = Q(root__lt=gate.task_id)
    running = Task.objects.under_way().filter(root__gt=gate.task_id)
    if roots := set(running.values_list("root", flat=True)):
        may |= Q(root__in=roots)
    if obstacles := _obstacles(gate.task_id):
        may |= Q(pk__in=obstacles)
    return may


def _descendants(task_id: UUID) -> list[UUID]:
    found, last = [], [task_id]
    while last := list(Task.objects.filter(parent_task__in=last).values_list("pk", flat=True)):
        found += last
    return found


def _obstacles(gate_id: UUID) -> set[UUID]:
    """Who holds what tasks from before wait for, directly or by what they wait for themselves."""
    blocked = _waiting_before(Task.objects.all(), gate_id).filter(pending__gt=0).exclude(pk=gate_id)
    last = set(blocked.order_by("root").values_list("pk", flat=True)[:CHAIN_LIMIT])
    seen: set[UUID] = set()
    found: set[UUID] = set()
    while last := last - seen:
        seen |= last
        wanted = Reservation.objects.filter(task__in=last, hold=Hold.WAITING).exclude(resource=HUB)
        held = Reservation.objects.active().filter(
            resource__in=wanted.values("resource"), hold=Hold.HELD, task__state=State.WAITING
        )
        last = set(held.values_list("task", flat=True))
        found |= last
    return found
