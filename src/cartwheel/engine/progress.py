"""How far a task is.

with progress("Downloading", code="sync.downloading", total=len(files)) as report:
    for file in files:
        ...
        report.increase()
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from django.db import DatabaseError, connection, transaction

from cartwheel.engine.context import current_task
from cartwheel.engine.errors import TaskCanceled
from cartwheel.engine.events import record
from cartwheel.engine.models import Event, ProgressReport, Task
from cartwheel.engine.states import State
from cartwheel.kit.texts import storable

REPORT_SECONDS = 0.25  # a report is written at most so often
LATE_SECONDS = 0.5  # and what was not written then is, if nothing more is told, after so long
MOST = 2**63 - 1  # that a report can tell; figures may come from other servers


@dataclass
class Report:
    """A progress report under way. It may be set at will: it is written at most every REPORT_SECONDS."""

    row: ProgressReport
    done: int = 0
    _next: float = field(default=0, repr=False)  # monotonic
    _later: threading.Timer | None = field(default=None, repr=False)

    def increase(self, by: int = 1) -> None:
        self.set(self.done + by)

    def set(self, done: int) -> None:
        self.done = done
        if time.monotonic() >= self._next:
            self.write()
        elif self._later is None:
            self._later = threading.Timer(LATE_SECONDS, self._write_late)
            self._later.daemon = True
            self._later.start()

    def write(self, **changes: object) -> None:
        """Write it, unless the task was taken away: what others say of it now is right."""
        self.forget()
        self._next = time.monotonic() + REPORT_SECONDS
        self._store(**changes)

    def forget(self) -> None:
        """Write nothing later: it is written now, or nobody is to be told."""
        later, self._later = self._later, None
        if later is not None:
            later.cancel()

    def _write_late(self) -> None:
        """Write, in a thread of its own, how far it is: the task may be busy with its next step for long."""
        self._later = None
        try:
            with suppress(DatabaseError):  # it is but a figure, and there will be others
                self._store()
        finally:
            connection.close()

    def _store(self, **changes: object) -> None:
        task = self.row.task
        mine = Task.objects.under_way().filter(pk=task.pk, claim=task.claim)
        with transaction.atomic():
            rows = ProgressReport.objects.filter(pk=self.row.pk, task__in=mine, state=State.RUNNING)
            if rows.update(done=_sane(self.done), **changes):
                record([(task.pk, State.RUNNING)], Event.Kind.PROGRESS)


@contextmanager
def progress(
    message: str, *, code: str, total: int | None = None, suffix: str | None = None
) -> Iterator[Report]:
    """Report how far a part of the current task's work is. It ends as the block ends.

    Outside of tasks nothing is kept.
    """
    task = current_task()
    row = ProgressReport(
        task=task,
        message=storable(message),
        code=code,
        total=None if total is None else _sane(total),
        suffix=suffix,
        state=State.RUNNING,
    )
    if task is None:
        yield _Silent(row)
        return
    with transaction.atomic():
        row.save()
        record([(task.pk, State.RUNNING)], Event.Kind.PROGRESS)
    report = Report(row, _next=time.monotonic() + REPORT_SECONDS)
    try:
        yield report
    except TaskCanceled:
        report.write(state=State.CANCELED)
        raise
    except BaseException:  # whatever a task raises; it is raised on
        report.write(state=State.FAILED)
        raise
    report.write(state=State.COMPLETED)


def _sane(number: int) -> int:
    return max(0, min(number, MOST))


class _Silent(Report):
    def set(self, done: int) -> None:
        self.done = done

    def write(self, **changes: object) -> None:
        """Nobody reads it."""
