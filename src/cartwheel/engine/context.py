"""What a running task knows of itself, and what it can tell: progress, what it made, its log.

with progress("Downloading", code="sync.downloading", total=len(files)) as report:
    for file in files:
        ...
        report.increase()
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from cartwheel.engine.errors import LostClaim, TaskCanceled
from cartwheel.engine.events import record
from cartwheel.engine.models import CreatedResource, Event, ProgressReport, Task
from cartwheel.engine.states import State
from cartwheel.kit.texts import storable

REPORT_SECONDS = 0.25  # a report is written at most so often
MOST = 2**63 - 1  # that a report can tell; figures may come from other servers

_task: ContextVar[Task | None] = ContextVar("task", default=None)
_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


def current_task() -> Task | None:
    """The task that this code runs in, or None outside of tasks."""
    return _task.get()


def correlation_id() -> str:
    """The id of the request that all this began with; a new one where there is none."""
    known = _correlation_id.get()
    if not known:
        known = uuid4().hex
        _correlation_id.set(known)
    return known


@contextmanager
def correlated(identifier: str) -> Iterator[None]:
    """Work on behalf of a request."""
    mark = _correlation_id.set(identifier)
    try:
        yield
    finally:
        _correlation_id.reset(mark)


@contextmanager
def running(task: Task) -> Iterator[None]:
    """Be that task."""
    mark = _task.set(task)
    try:
        with correlated(task.logging_cid):
            yield
    finally:
        _task.reset(mark)


def require_claim() -> Task:
    """The current task, its row locked until the transaction ends. Raises LostClaim if it was taken away.

    Call it first in a transaction that changes the hub, so that a worker which lost its task while it
    worked changes nothing any more.
    """
    task = _task.get()
    if task is None:
        raise LostClaim
    held = Task.objects.filter(pk=task.pk, claim=task.claim, state__in=[State.RUNNING, State.CANCELING])
    if not held.update(claim=F("claim")):
        raise LostClaim
    return task


def created(*paths: str) -> None:
    """Note what the current task has made. Outside of tasks, nothing is noted."""
    task = _task.get()
    if task is not None:
        CreatedResource.objects.bulk_create([CreatedResource(task=task, path=path) for path in paths])


@dataclass
class Report:
    """A progress report under way. Written at most every REPORT_SECONDS; `done` may be set at will."""

    row: ProgressReport
    done: int = 0
    _next: float = field(default=0, repr=False)

    def increase(self, by: int = 1) -> None:
        self.set(self.done + by)

    def set(self, done: int) -> None:
        self.done = done
        if time.monotonic() >= self._next:
            self.write()

    def write(self, **changes: object) -> None:
        """Write it, unless the task was taken away: what others say of it now is right."""
        self._next = time.monotonic() + REPORT_SECONDS
        task = self.row.task
        mine = Task.objects.under_way().filter(pk=task.pk, claim=task.claim)
        with transaction.atomic():
            if ProgressReport.objects.filter(pk=self.row.pk, task__in=mine).update(
                done=_sane(self.done), **changes
            ):
                record([(task.pk, State.RUNNING)], Event.Kind.PROGRESS)


@contextmanager
def progress(
    message: str, *, code: str, total: int | None = None, suffix: str | None = None
) -> Iterator[Report]:
    """Report how far a part of the current task's work is. It ends as the block ends.

    Outside of tasks nothing is kept.
    """
    task = _task.get()
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
    except BaseException:
        report.write(state=State.FAILED)
        raise
    report.write(state=State.COMPLETED)


def _sane(number: int) -> int:
    return max(0, min(number, MOST))


class _Silent(Report):
    def write(self, **changes: object) -> None:
        """Nobody reads it."""
