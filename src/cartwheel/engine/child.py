"""A warm process that runs tasks, one at a time, for the supervisor that forked it.

They talk over a pipe, in JSON. The supervisor sends tasks; the child sends log lines and how each
task ended. The child writes no state: its word counts only if the supervisor still holds the claim.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import time
import traceback
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection

from cartwheel.engine.context import running
from cartwheel.engine.endings import error_of
from cartwheel.engine.errors import TaskCanceled, TaskTimeout
from cartwheel.engine.functions import Options, TaskFunction, find
from cartwheel.engine.models import Task
from cartwheel.engine.packing import pack, unpack
from cartwheel.engine.scrubbing import forget_secrets, keep_secret, scrub, secrets_in
from cartwheel.engine.states import State
from cartwheel.kit.errors import CartwheelError

log = logging.getLogger(__name__)

STOP_SIGNAL = signal.SIGUSR1
TIMEOUT_SIGNAL = signal.SIGUSR2
MESSAGE_LIMIT = 10_000  # characters of a log line, and of an error's description
TRACEBACK_LIMIT = 20_000  # characters
RESULT_LIMIT = 1_048_576  # bytes of JSON
NO_MORE = b"{}"  # instead of a task: end

Message = dict[str, Any]


class EndsWith:
    """Returned by a task function that has done its own part: the task ends as this child task ends.

    Until then it is running, but needs no worker, so that tasks which wait for their children cannot
    take all the workers that the children need.
    """

    def __init__(self, task: Task, result: Any = None) -> None:
        self.task_id = task.pk
        self.result = result


class Child:
    """The loop of a child process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._can_stop = False  # is there a task, in a place where stopping it is safe?

    def run(self) -> None:
        """Run tasks until the supervisor says that there are no more, or is gone."""
        signal.signal(STOP_SIGNAL, self._stop)
        signal.signal(TIMEOUT_SIGNAL, self._time_out)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor, which drains
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for handler in logging.getLogger().handlers:
            handler.setLevel(max(handler.level, logging.WARNING))  # the rest is in the tasks' own logs
        logging.getLogger().addHandler(_ToSupervisor(self._pipe))
        while True:
            try:
                received = self._pipe.recv_bytes()
            except (EOFError, OSError):
                return
            if received == NO_MORE:
                return
            message = unpack(received)
            began = time.perf_counter()
            outcome = self._perform(message)
            outcome["seconds"] = time.perf_counter() - began
            outcome["peak_kb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            self._pipe.send_bytes(pack(outcome))

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._can_stop:
            self._can_stop = False
            raise TaskCanceled

    def _time_out(self, _signal: int, _frame: FrameType | None) -> None:
        if self._can_stop:
            raise TaskTimeout

    def _perform(self, message: Message) -> Message:
        forget_secrets()
        keep_secret(*secrets_in(message["args"]), *secrets_in(message["kwargs"]))
        if message["work"] == "clean_up":
            return self._undo_for_another(message)
        try:
            function = find(message["name"])
        except CartwheelError as problem:
            return {"state": State.FAILED, "error": _describe(problem)}
        outcome = self._run(function, message)
        if outcome["state"] in (State.FAILED, State.CANCELED) and "retry_seconds" not in outcome:
            self._undo(function.options, message)
        return outcome

    def _run(self, function: TaskFunction[..., Any], message: Message) -> Message:
        try:
            self._can_stop = True
            with running(_known(message)):
                result = function(*message["args"], **message["kwargs"])
            self._can_stop = False
        except TaskCanceled:
            connection.close()  # whatever it was in the middle of
            return {"state": State.CANCELED}
        except BaseException as problem:  # noqa: BLE001, whatever a task raises is how the task ended
            self._can_stop = False
            if isinstance(problem, DatabaseError) or connection.in_atomic_block:
                connection.close()
            return _failed(problem, function.options, message["attempt"])
        return _completed(result)

    def _undo_for_another(self, message: Message) -> Message:
        """Undo what a worker that is gone had half done."""
        try:
            self._undo(find(message["name"]).options, message)
        except CartwheelError:
            log.exception("cannot clean up after %s", message["name"])
        return {"state": State.FAILED, "error": message["error"]}

    def _undo(self, options: Options, message: Message) -> None:
        """Call the function's clean-up hook. What it raises is logged: the task has ended as it has."""
        if options.clean_up is None:
            return
        try:
            with running(_known(message)):
                options.clean_up(*message["args"], **message["kwargs"])
        except Exception:
            log.exception("the clean-up of %s failed", message["name"])
            connection.close()


def _known(message: Message) -> Task:
    """The task as far as the message tells it: most tasks need no more from the database."""
    return Task(
        id=UUID(message["task_id"]),
        root=UUID(message["root"]) if message["root"] else None,
        name=message["name"],
        claim=message["claim"],
        attempt=message["attempt"],
        state=State.RUNNING,
        logging_cid=message["logging_cid"],
        created_by_id=message["created_by"],
        task_group_id=message["task_group"],
    )


def _completed(result: Any) -> Message:
    if isinstance(result, EndsWith):
        return {"state": State.RUNNING, "ends_with": str(result.task_id), "result": result.result}
    if result is None:
        return {"state": State.COMPLETED}
    try:
        size = len(json.dumps(result, cls=DjangoJSONEncoder, allow_nan=False))
    except (TypeError, ValueError) as problem:
        return {"state": State.FAILED, "error": error_of(f"The task's result is no JSON: {problem}")}
    if size > RESULT_LIMIT:
        return {"state": State.FAILED, "error": error_of(f"The task's result is {size} bytes of JSON.")}
    return {"state": State.COMPLETED, "result": result}


def _failed(problem: BaseException, options: Options, attempt: int) -> Message:
    outcome: Message = {"state": State.FAILED, "error": _describe(problem)}
    retry = options.retry
    if retry and isinstance(problem, retry.on) and attempt < retry.attempts:
        outcome["retry_seconds"] = retry.pause(attempt)
        log.warning(
            "attempt %d of %d failed, trying again in %.1f s: %s",
            attempt,
            retry.attempts,
            outcome["retry_seconds"],
            outcome["error"]["description"],
        )
    return outcome


class _ToSupervisor(logging.Handler):
    """Hands what is logged to the supervisor, which stores it even if this process is killed next."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__(logging.INFO)
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                text = f"{text}: {record.exc_info[1]!r}"
            line = [record.created, record.levelname, scrub(text)[:MESSAGE_LIMIT]]
            self._pipe.send_bytes(pack({"log": line}))
        except Exception:  # noqa: BLE001, logging must not end a task
            self.handleError(record)


def _describe(problem: BaseException) -> dict[str, Any]:
    """An exception as a task's error: the sentence first, the traceback for operators."""
    text = problem.message if isinstance(problem, CartwheelError) else str(problem)
    if isinstance(problem, SystemExit):
        text = f"The task called exit({problem.code!r})."
    frames = "".join(traceback.format_exception(problem))[-TRACEBACK_LIMIT:]
    described = error_of(scrub(text or type(problem).__name__)[:MESSAGE_LIMIT], traceback=scrub(frames))
    if isinstance(problem, CartwheelError):
        described["code"] = problem.code
        if problem.pulp_code:
            described["error_code"] = problem.pulp_code
    return described
