"""What keeps tasks from starting though they have all their resources: pauses, and a task that wants the hub alone.

Whoever starts tasks asks for all of it at once: on PostgreSQL each statement is a way to the server and back.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from cartwheel.engine import gate
from cartwheel.engine.gate import HUB, Gate
from cartwheel.engine.models import Pause, Reservation
from cartwheel.engine.prepared import planned

# The first at the hub; if there is nobody, its row is locked as gate.keep_shut does, in this very statement.
_FIRST = f"""
WITH first AS (
    SELECT task_id, hold FROM engine_reservation WHERE hold < 2 AND resource = '{HUB}' ORDER BY id LIMIT 1
)"""  # noqa: S608, nothing of it comes from outside
_SHUT = f""", shut AS (
    SELECT name FROM engine_resource WHERE name = '{HUB}' AND NOT EXISTS (SELECT 1 FROM first) FOR KEY SHARE
)"""  # noqa: S608, nor of this
_PAUSES = """
SELECT scope, target, 0 FROM engine_pause
UNION ALL SELECT 'gate', CAST(task_id AS text), hold FROM first"""
LOOK = {
    "sqlite": _FIRST + _PAUSES,
    "postgresql": _FIRST + _SHUT + _PAUSES + "\nUNION ALL SELECT 'shut', name, 0 FROM shut",  # noqa: S608, all from above
}


@dataclass(frozen=True)
class Brakes:
    """What is paused, and the gate, if there is one."""

    is_everything: bool
    functions: frozenset[str]
    workers: frozenset[str]
    gate: Gate | None

    @property
    def is_nothing(self) -> bool:
        return not (self.is_everything or self.functions or self.workers or self.gate)


def look() -> Brakes:
    """How things stood when it looked; from then on no gate opens before the caller's transaction ends.

    One statement. On PostgreSQL a gate may have come, and opened, between its looking and its locking: whoever
    is told of none looks for one once more, in the statement that starts tasks or before it.
    """
    with planned() as cursor:
        cursor.execute(LOOK[connection.vendor])
        rows = cursor.fetchall()
    found: dict[str, list[tuple[str, int]]] = {}
    for kind, text, hold in rows:
        found.setdefault(kind, []).append((text, hold))
    first = next(
        (Gate(UUID(text), hold == Reservation.Hold.HELD) for text, hold in found.get("gate", ())), None
    )
    if first is None and "shut" not in found:
        gate.keep_shut()  # on a hub where nobody has wanted it alone yet, it has no row
    return Brakes(
        bool(found.get(Pause.Scope.HUB)),
        frozenset(target for target, _ in found.get(Pause.Scope.FUNCTION, ())),
        frozenset(target for target, _ in found.get(Pause.Scope.WORKER, ())),
        first,
    )
