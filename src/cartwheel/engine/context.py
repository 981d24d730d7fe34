"""What a running task knows of itself, and what it notes of what it made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.db.models import F

from cartwheel.engine.errors import LostClaim
from cartwheel.engine.models import CreatedResource, Task
from cartwheel.engine.states import State

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
