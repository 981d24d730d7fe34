"""Tasks that are so short that the request which asks for them may as well run them.

Such a task runs at once, in the process that dispatches it, if its resources are free; it comes to be,
runs and ends in one transaction. After IMMEDIATE_SECONDS, or if it fails in a way that is no answer to
what was asked, all that it did is undone and it waits for a worker, as an ordinary task.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from contextlib import suppress
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from cartwheel.engine import holding
from cartwheel.engine.context import running
from cartwheel.engine.endings import End, after_end, error_of
from cartwheel.engine.functions import find
from cartwheel.engine.gate import first_gate
from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.engine.wakeup import Topic, notify
from cartwheel.kit.errors import CartwheelError

log = logging.getLogger(__name__)

IMMEDIATE_SECONDS = 5.0
CANCEL_SECONDS = 0.02  # between attempts to cancel the statement of one that takes longer


class TooLong(BaseException):
    """Raised in the thread that runs an immediate task for too long.

    No Exception, so that few catch it.
    """


def may_run_now(task: Task) -> bool:
    """Does a task that is about to be saved hold all it needs, and may tasks start at all?"""
    if task.pending or task.not_before or not holding.look().is_nothing:
        return False
    # A gate may have come, and opened, between its looking and its locking. From now on none opens.
    return connection.vendor == "sqlite" or first_gate() is None


def run_now(task: Task) -> Task:
    """Save a task and run it, in the caller's transaction; returns it ended, or waiting for a worker."""
    try:
        with transaction.atomic():
            task.state, task.claim, task.started_at = State.RUNNING, 1, timezone.now()
            task.save(force_insert=True)
            return _end(task, *_run(task))
    except (Exception, TooLong) as problem:  # noqa: BLE001, whatever it is, a worker shall say it: undone here
        log.warning("immediate task %s goes to a worker: %r", task.name, problem)
    task.state, task.claim, task.started_at = State.WAITING, 0, None
    task.save(force_insert=True)
    notify(Topic.READY)
    return task


def _run(task: Task) -> tuple[State, Any, dict[str, Any] | None]:
    """State, result and error. An error that answers what was asked for ends the task; others are raised."""
    try:
        with transaction.atomic(), running(task):
            return State.COMPLETED, _in_time(task), None
    except CartwheelError as problem:
        return State.FAILED, None, error_of(problem.message, code=problem.code)


def _in_time(task: Task) -> Any:
    """What its function returns. Raises TooLong after IMMEDIATE_SECONDS, and whatever it raises."""
    watch = _Watch()
    try:
        try:
            return find(task.name)(*task.args, **task.kwargs)
        finally:
            watch.stop()
    finally:
        watch.stop()  # again: TooLong, which comes only once, may have come before that one did anything


def _end(task: Task, state: State, result: Any, error: dict[str, Any] | None) -> Task:
    task.state, task.result, task.error, task.finished_at = state, result, error, timezone.now()
    Task.objects.filter(pk=task.pk).update(
        state=state, result=result, error=error, finished_at=task.finished_at, updated_at=task.finished_at
    )
    after_end([End(task.pk, state, error, has_parent=False)])
    return task


class _Watch:
    """Raises TooLong in this thread after IMMEDIATE_SECONDS, as soon as it is in Python code.

    A statement of the database that it waits for is canceled, again and again until `stop`.
    """

    def __init__(self) -> None:
        django: Any = connection
        database, self._failures = django.connection, django.Database.Error
        self._cancel = database.cancel_safe if django.vendor == "postgresql" else database.interrupt
        self._thread = ctypes.c_ulong(threading.get_ident())
        self._timer = threading.Timer(IMMEDIATE_SECONDS, self._raise)
        self._timer.daemon = True
        self._timer.start()

    def _raise(self) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, ctypes.py_object(TooLong))
        while not self._timer.finished.wait(CANCEL_SECONDS):  # the statement may have been about to begin
            with suppress(self._failures):
                self._cancel()

    def stop(self) -> None:
        """Raise nothing more; twice is fine."""
        self._timer.cancel()
        # It may be about to raise: what came a moment later would hit whatever runs next. What has been raised
        # comes here at the latest. It is not taken back: Python then looks for it at every call, for good.
        self._timer.join()
