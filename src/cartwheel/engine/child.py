"""A warm process that runs tasks, one at a time, for the supervisor that forked it.

They talk over a socket, in lines of JSON. The supervisor sends tasks, some ahead, which it may take back
(tokens.py); the child sends log lines and how each task ended. The child writes no state: its word counts
only if the supervisor still holds the claim.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import close_old_connections

from cartwheel.engine import connections
from cartwheel.engine.away import DATABASE_AWAY, is_database_away
from cartwheel.engine.begun import Begun
from cartwheel.engine.context import running
from cartwheel.engine.endings import error_of
from cartwheel.engine.errors import TaskCanceled, TaskTimeout
from cartwheel.engine.functions import Options, TaskFunction, find
from cartwheel.engine.models import Task
from cartwheel.engine.packing import is_storable_json, pack, unpack
from cartwheel.engine.rules import pause_after_loss
from cartwheel.engine.scrubbing import forget_secrets, keep_secret, scrub, secrets_in
from cartwheel.engine.states import State
from cartwheel.engine.tokens import Tokens
from cartwheel.kit.errors import CartwheelError
from cartwheel.kit.texts import storable

log = logging.getLogger(__name__)

STOP_SIGNAL = signal.SIGUSR1
TIMEOUT_SIGNAL = signal.SIGUSR2
MESSAGE_LIMIT = 10_000  # characters of a log line, and of an error's description
TRACEBACK_LIMIT = 20_000  # characters
RESULT_LIMIT = 1_048_576  # bytes of JSON
NO_MORE = b"{}"  # instead of a task: end

_PLAIN = {"state", "seconds", "peak_kb"}  # all that is told of a task that simply ended

Message = dict[str, Any]


class EndsWith:
    """Returned by a task function that has done its own part: the task ends as this child task ends.

    Until then it is running, but has no worker and no resources, so that tasks which wait for their
    children cannot keep from them what they need. The child stands in line by itself: it asks for all
    that it needs, and has its place since it was dispatched. To wait for a child in any other way may
    take for ever.
    """

    def __init__(self, task: Task, result: Any = None) -> None:
        self.task_id = task.pk
        self.result = result


class Child:
    """The loop of a child process."""

    def __init__(self, end: socket.socket, tokens: Tokens, begun: Begun) -> None:
        self._end = end
        self._tokens = tokens
        self._begun = begun
        self._token: int | None = None  # of a task that is still to come
        self._sending = threading.Lock()
        self._can_stop = False  # is there a task, in a place where stopping it is safe?
        self._is_held = False  # is there something that must not be left half done?
        self._missed: type[BaseException] | None = None  # what would have been raised meanwhile

    def run(self) -> None:
        """Run tasks until the supervisor says that there are no more, or is gone."""
        signal.signal(STOP_SIGNAL, self._stop)
        signal.signal(TIMEOUT_SIGNAL, self._time_out)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor, which drains
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for handler in logging.getLogger().handlers:
            handler.setLevel(max(handler.level, logging.WARNING))  # the rest is in the tasks' own logs
        logging.getLogger().addHandler(_ToSupervisor(self))
        connections.end_with_this_process()
        for received in self._end.makefile("rb"):
            if received.rstrip() == NO_MORE:
                return
            message = unpack(received)
            if not self._may_begin(message["number"]):
                continue
            self._begun.note(UUID(message["task_id"]))
            close_old_connections()  # one that broke while there was nothing to do is no reason to fail
            began = time.perf_counter()
            outcome = self._perform(message)
            outcome["seconds"] = time.perf_counter() - began
            outcome["peak_kb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if outcome.keys() == _PLAIN and outcome["state"] == State.COMPLETED:
                self._begun.done()
            self.send(outcome)

    def _may_begin(self, number: int) -> bool:
        """Is the task of that number still this child's? If so, it cannot be taken back any more."""
        if self._token is None:
            self._token = self._tokens.take()
        if self._token != number:
            return False
        self._token = None
        return True

    def send(self, message: Message) -> None:
        """Send a whole message. Threads that a task has left running may log while another is sent."""
        with self._sending:
            self._end.sendall(pack(message) + b"\n")

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Let signals raise their exceptions only after the block: half a message would garble the rest."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        missed, self._missed = self._missed, None
        if missed is not None:
            raise missed

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._can_stop:
            self._can_stop = False
            self._raise(TaskCanceled)

    def _time_out(self, _signal: int, _frame: FrameType | None) -> None:
        if self._can_stop:
            self._raise(TaskTimeout)

    def _raise(self, what: type[BaseException]) -> None:
        if not self._is_held:
            raise what
        if self._missed is not TaskCanceled:
            self._missed = what

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
        if outcome["state"] in (
            State.FAILED,
            State.CANCELED,
        ):  # also if it is tried again: it may be stopped before
            self._undo(function.options, message)
        return outcome

    def _run(self, function: TaskFunction[..., Any], message: Message) -> Message:
        try:
            self._can_stop = True
            with running(_known(message)):
                result = function(*message["args"], **message["kwargs"])
            self._can_stop = False
        except TaskCanceled:
            connections.abandon()
            return {"state": State.CANCELED}
        except BaseException as problem:  # noqa: BLE001, whatever a task raises is how the task ended
            self._can_stop = False
            connections.abandon()
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
        except Exception:  # the task has ended already; what is left is for the operators to read
            connections.abandon()
            log.exception("the clean-up of %s failed", message["name"])


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
        kept = _completed(result.result)
        return kept if kept["state"] == State.FAILED else kept | _of_running(result)
    if result is None:
        return {"state": State.COMPLETED}
    try:
        text = json.dumps(result, cls=DjangoJSONEncoder, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        return {"state": State.FAILED, "error": error_of(f"The task's result is no JSON: {problem}")}
    if len(text) > RESULT_LIMIT:
        return {"state": State.FAILED, "error": error_of(f"The task's result is {len(text)} bytes of JSON.")}
    if not is_storable_json(text):
        return {
            "state": State.FAILED,
            "error": error_of("The task's result has characters that cannot be kept."),
        }
    return {"state": State.COMPLETED, "result": result}


def _of_running(result: EndsWith) -> Message:
    return {"state": State.RUNNING, "ends_with": str(result.task_id)}


def _failed(problem: BaseException, options: Options, attempt: int) -> Message:
    outcome: Message = {"state": State.FAILED, "error": _describe(problem)}
    attempts, seconds = _again(problem, options, attempt)
    if attempt < attempts:
        outcome["retry_seconds"] = seconds
        log.warning(
            "attempt %d of %d failed, trying again in %.1f s: %s",
            attempt,
            attempts,
            seconds,
            outcome["error"]["description"],
        )
    return outcome


def _again(problem: BaseException, options: Options, attempt: int) -> tuple[int, float]:
    """How often it is attempted in all where it failed so, and the seconds until the next time."""
    retry = options.retry
    if retry and isinstance(problem, retry.on):
        return retry.attempts, retry.pause(attempt)
    if options.repeatable and is_database_away(problem):
        return options.attempts, pause_after_loss(attempt)
    return 1, 0.0


class _ToSupervisor(logging.Handler):
    """Hands what is logged to the supervisor, which stores it even if this process is killed next."""

    def __init__(self, child: Child) -> None:
        super().__init__(logging.INFO)
        self._child = child

    def emit(self, record: logging.LogRecord) -> None:
        with self._child.undisturbed():
            try:
                text = record.getMessage()
                if record.exc_info and record.exc_info[1] is not None:
                    text = f"{text}: {record.exc_info[1]!r}"
                line = [record.created, record.levelname, storable(scrub(text)[:MESSAGE_LIMIT])]
                self._child.send({"log": line})
            except Exception:  # noqa: BLE001, logging must not end a task
                self.handleError(record)


def _sentence_of(problem: BaseException) -> str:
    if isinstance(problem, CartwheelError):
        return problem.message
    if isinstance(problem, SystemExit):
        return f"The task called exit({problem.code!r})."
    if is_database_away(problem):
        return DATABASE_AWAY
    try:
        return str(problem)
    except Exception:  # noqa: BLE001, it cannot even say what it is: its name has to do
        return ""


def _describe(problem: BaseException) -> dict[str, Any]:
    """An exception as a task's error: the sentence first, the traceback for operators."""
    sentence = storable(scrub(_sentence_of(problem) or type(problem).__name__)[:MESSAGE_LIMIT])
    frames = storable(scrub("".join(traceback.format_exception(problem)))[-TRACEBACK_LIMIT:])
    described = error_of(sentence, traceback=frames)
    if isinstance(problem, CartwheelError):
        described["code"] = problem.code
        if problem.pulp_code:
            described["error_code"] = problem.pulp_code
    return described
