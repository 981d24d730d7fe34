"""What tasks log, on its way into the database: capped for each task, and written together."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import DatabaseError, transaction

from cartwheel.engine.events import record
from cartwheel.engine.models import Event, LogLine, Task
from cartwheel.engine.states import State

HELD_SECONDS = 0.25  # a line is written at most so long after it was logged
LINES = 10_000  # kept of one task
CHARACTERS = 1_000_000
CUT = "The log ends here: a task may log 10,000 lines or a million characters."


@dataclass
class Allowance:
    """How much of its log a task has used up."""

    lines: int = 0
    characters: int = 0

    def allowed(self, level: str, text: str) -> tuple[str, str] | None:
        """What to keep of a line: all, nothing, or instead of the first that is too much that it is."""
        if self.lines >= LINES:
            return None
        self.lines += 1
        self.characters += len(text)
        if self.characters > CHARACTERS:
            self.lines = LINES
        return ("WARNING", CUT) if self.lines == LINES else (level, text)


class TaskLog:
    """Lines that are not written yet."""

    def __init__(self) -> None:
        self._lines: list[LogLine] = []
        self.due = float("inf")  # monotonic: when the first of them has to be written

    def keep(self, task_id: UUID, allowance: Allowance, created: float, level: str, text: str) -> None:
        kept = allowance.allowed(level, text)
        if kept is None:
            return
        when = datetime.fromtimestamp(created, UTC)
        self._lines.append(LogLine(task_id=task_id, time=when, level=kept[0], message=kept[1]))
        self.due = min(self.due, time.monotonic() + HELD_SECONDS)

    def write(self) -> None:
        """Store them, but for those of tasks that are gone. Raises DatabaseError, and keeps them."""
        if not self._lines:
            return
        ids = {line.task_id for line in self._lines}
        known = set(Task.objects.filter(pk__in=ids).values_list("pk", flat=True))
        with transaction.atomic():
            LogLine.objects.bulk_create([line for line in self._lines if line.task_id in known])
            record(((task_id, State.RUNNING) for task_id in known), Event.Kind.LOG)
        self._take()

    def write_one_by_one(self) -> None:
        """Store those that can be."""
        for line in self._take():
            with suppress(DatabaseError):
                line.save(force_insert=True)

    def _take(self) -> list[LogLine]:
        taken, self._lines, self.due = self._lines, [], float("inf")
        return taken
