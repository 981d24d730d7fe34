"""The hub itself as a resource. Every task shares it; one that takes it alone has the hub for itself.

Tasks that share it take no place in a queue, so it costs them nothing. A task that wants the hub alone
is a gate: what was there before passes, the gate waits for all of it, and what came after waits for
the gate. The children of a task count as being there since the first of their ancestors, else a gate
and a parent that waits for its child would wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils import timezone

from cartwheel.engine.models import Reservation, Resource, Task
from cartwheel.engine.states import State

# What Pulp calls a domain. It is the same on every hub: there is only one.
HUB_ID = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
HUB = f"prn:core.domain:{HUB_ID}"

Hold = Reservation.Hold


@dataclass(frozen=True)
class Gate:
    """The first task that wants the hub alone, and whether it has it."""

    task_id: UUID
    is_open_to_it: bool


def first_gate() -> Gate | None:
    """The gate that decides what may start now; usually there is none. One statement."""
    places = Reservation.objects.active().filter(resource=HUB).order_by("id")
    found = places.values_list("task_id", "hold").first()
    return Gate(found[0], found[1] == Hold.HELD) if found else None


def let_through() -> Gate | None:
    """Give the hub to the first gate if nothing from before it is left. Returns that gate.

    Runs inside the transaction that claims. While there is a gate, claims line up on the hub's row.
    """
    gate = first_gate()
    if gate is None or gate.is_open_to_it:
        return gate
    if connection.vendor != "sqlite":
        list(Resource.objects.select_for_update().filter(name=HUB))
        gate = first_gate()  # as it is now that nobody else claims
        if gate is None or gate.is_open_to_it:
            return gate
    lacks_only_the_hub = Task.objects.filter(pk=gate.task_id, state=State.WAITING, pending=1).exists()
    if not lacks_only_the_hub or _is_anything_before(gate.task_id):
        return gate
    Reservation.objects.filter(task=gate.task_id, resource=HUB).update(hold=Hold.HELD)
    Task.objects.filter(pk=gate.task_id).update(pending=0, unblocked_at=timezone.now())
    return Gate(gate.task_id, is_open_to_it=True)


def _is_anything_before(task_id: UUID) -> bool:
    # Ordered, so that the index of what is incomplete is read: there may be very much after the gate.
    before = Task.objects.incomplete().filter(root__lt=task_id).order_by("root")
    return before.values("pk").first() is not None
