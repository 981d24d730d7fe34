"""The process that gives tasks to its children, watches them, and writes how the tasks ended.

One thread, one database connection, one loop: it sleeps until a hint, a child or a signal wakes it.
It never runs a task and never touches the artifact store, so it can fork at any time.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cartwheel.engine import events, transitions
from cartwheel.engine.child import STOP_SIGNAL, Child
from cartwheel.engine.models import ONLINE_SECONDS, Event, LogLine, Worker
from cartwheel.engine.states import State
from cartwheel.engine.transitions import Claimed, Outcome
from cartwheel.engine.wakeup import Listener, Topic
from cartwheel.kit.ids import uuid7
from cartwheel.kit.processes import cause_of_death, die_with_parent, is_alive, machine_id

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0
LOOK_SECONDS = 1.0  # heals lost hints
TIDY_SECONDS = 300.0  # old events are forgotten so often
KILL_AFTER_SECONDS = 5.0  # between asking a task to stop and killing it
LOG_SECONDS = 0.25  # log lines are written together so often
LOG_LIMIT = 10_000  # lines kept of one task


@dataclass
class _Process:
    """A child as its supervisor knows it."""

    pid: int
    pidfd: int
    pipe: Connection
    worker_id: UUID
    task: Claimed | None = None
    asked_at: float = 0  # when its task was first asked to stop
    is_killed: bool = False
    lines: int = 0


@dataclass
class Supervisor:
    """Runs tasks with `count` children until it gets SIGTERM or SIGINT, then drains.

    While draining it takes no new tasks; those under way may go on for `grace_seconds`. A second
    signal ends the grace.
    """

    count: int
    grace_seconds: float = 10
    _id: UUID = field(default_factory=uuid7)
    _children: dict[int, _Process] = field(default_factory=dict)  # by pid
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _outcomes: list[Outcome] = field(default_factory=list)
    _lines: list[LogLine] = field(default_factory=list)
    _due: dict[str, float] = field(default_factory=dict)
    _signals: int = 0
    _drained_by: float = float("inf")
    _look: bool = True
    _look_for_stops: bool = True

    def run(self) -> None:
        """Work until told to stop."""
        self._listener = Listener("worker")
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake_on_signals()
        with suppress(DatabaseError):
            self._settle_dead_neighbours()
        self._staff()
        try:
            while not self._is_done():
                self._turn()
        finally:
            self._close()

    # -- the loop ---------------------------------------------------------------------------------

    def _turn(self) -> None:
        for key, _ in self._selector.select(self._patience()):
            self._handle(key)
        try:
            self._write_lines()
            self._write_outcomes()
            self._assign()
            self._stop_tasks()
            self._housekeeping()
        except DatabaseError:
            # Nothing is lost: what is to be written stays in the lists, what is to be done in the database.
            log.exception("the database does not answer; trying again")
            connection.close()
            self._look = self._look_for_stops = True
            time.sleep(0.2)
        self._staff()

    def _handle(self, key: selectors.SelectorKey) -> None:
        if key.fileobj is self._listener:
            topics = self._listener.drain()
            self._look |= Topic.READY in topics
            self._look_for_stops |= Topic.CANCEL in topics
        elif key.fileobj is self._alarm:
            with suppress(BlockingIOError):
                self._alarm.recv(64)
            self._begin_to_drain()
        elif key.data in self._children:
            child = self._children[key.data]
            if key.fileobj is child.pipe:
                self._read(child)
            else:
                self._bury(child)

    def _patience(self) -> float:
        """How long to sleep if nothing happens."""
        now = time.monotonic()
        deadlines = [self._due.get("look", now), self._due.get("heartbeat", now)]
        if self._lines or self._outcomes:
            deadlines.append(self._due.get("lines", now))
        deadlines += [
            child.asked_at + KILL_AFTER_SECONDS for child in self._children.values() if child.asked_at
        ]
        return max(0.0, min(deadlines) - now)

    def _is_due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0):
            return False
        self._due[what] = now + seconds
        return True

    # -- children ---------------------------------------------------------------------------------

    def _staff(self) -> None:
        """Have as many children as there shall be."""
        if self._signals:
            return
        while len(self._children) < self.count:
            try:
                self._hire()
            except (DatabaseError, OSError):
                log.exception("a worker could not be started; trying again")
                time.sleep(0.2)
                return

    def _hire(self) -> None:
        """Fork a child. The connection is closed first: one that two processes share is broken."""
        connection.close()
        ours, theirs = Pipe()
        worker_id = uuid7()
        pid = os.fork()
        if pid == 0:
            self._be_child(theirs)
        theirs.close()
        child = _Process(pid, os.pidfd_open(pid), ours, worker_id)
        self._children[pid] = child
        try:
            host = socket.gethostname()
            Worker.objects.create(
                id=worker_id, name=f"{pid}@{host}", pid=pid, machine=machine_id(), supervisor=self._id
            )
        except DatabaseError:
            self._dismiss(child)
            raise
        self._selector.register(child.pidfd, selectors.EVENT_READ, pid)
        self._selector.register(child.pipe, selectors.EVENT_READ, pid)
        self._look = True

    def _be_child(self, pipe: Connection) -> None:
        """What the forked process does; never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            os.setpgid(0, 0)  # so that what a task starts is killed with it
            die_with_parent()
            self._selector.close()
            for other in self._children.values():
                other.pipe.close()
                os.close(other.pidfd)
            Child(pipe).run()
            code = 0
        except BaseException:
            log.exception("a worker failed")
        finally:
            logging.shutdown()
            os._exit(code)

    def _dismiss(self, child: _Process) -> None:
        """Kill a child and all that it started; its end is handled when it is seen."""
        child.is_killed = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        if child.pidfd not in self._selector.get_map():
            self._forget(child)

    def _bury(self, child: _Process) -> None:
        """A child has ended: settle what it had."""
        while child.pipe.poll():
            if not self._read(child):
                break
        status = self._forget(child)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # what its task had started
        if child.task:
            reason = cause_of_death(status)
            log.error("task lost its worker id=%s worker=%s: %s", child.task.task_id, child.pid, reason)
            self._outcomes.append(
                Outcome(
                    child.task.task_id,
                    child.task.claim,
                    State.FAILED,
                    error=transitions.error_of(reason),
                    has_parent=child.task.has_parent,
                    is_abrupt=True,
                )
            )
        self._gone(child.worker_id)

    def _forget(self, child: _Process) -> int:
        """Reap it; returns how it ended, as waitpid says."""
        self._children.pop(child.pid, None)
        for each in (child.pidfd, child.pipe):
            with suppress(KeyError, ValueError):
                self._selector.unregister(each)
        os.close(child.pidfd)
        child.pipe.close()
        return os.waitpid(child.pid, 0)[1]

    def _gone(self, worker_id: UUID) -> None:
        with suppress(DatabaseError):
            Worker.objects.filter(pk=worker_id).update(stopped_at=timezone.now())

    def _read(self, child: _Process) -> bool:
        """Take one message from a child; False if it has closed its end."""
        try:
            message: dict[str, Any] = json.loads(child.pipe.recv_bytes())
        except (EOFError, OSError):
            with suppress(KeyError, ValueError):
                self._selector.unregister(child.pipe)
            return False
        if child.task is None:
            return True  # a line logged between two tasks
        if "log" in message:
            self._keep_line(child, *message["log"])
        else:
            self._ended(child, child.task, message)
        return True

    def _keep_line(self, child: _Process, created: float, level: str, text: str) -> None:
        child.lines += 1
        if child.task is None or child.lines > LOG_LIMIT:
            return
        if child.lines == LOG_LIMIT:
            level, text = "WARNING", f"The log ends here: a task may log {LOG_LIMIT} lines."
        when = datetime.fromtimestamp(created, UTC)
        self._lines.append(LogLine(task_id=child.task.task_id, time=when, level=level, message=text))
        self._due.setdefault("lines", time.monotonic() + LOG_SECONDS)

    def _ended(self, child: _Process, task: Claimed, message: dict[str, Any]) -> None:
        self._outcomes.append(
            Outcome(
                task.task_id,
                task.claim,
                State(message["state"]),
                result=message.get("result"),
                error=message.get("error"),
                ends_with=UUID(message["ends_with"]) if "ends_with" in message else None,
                has_parent=task.has_parent,
                is_abrupt=message["state"] != State.COMPLETED,
            )
        )
        child.task = None
        child.asked_at = 0
        self._look = True

    # -- tasks ------------------------------------------------------------------------------------

    def _write_lines(self) -> None:
        """Store what tasks have logged: now and then, and always before they end."""
        if not self._lines or (not self._outcomes and time.monotonic() < self._due.get("lines", 0)):
            return
        known = set(transitions.existing(line.task_id for line in self._lines))
        with transaction.atomic():
            LogLine.objects.bulk_create([line for line in self._lines if line.task_id in known])
            events.record(((task_id, State.RUNNING) for task_id in known), Event.Kind.LOG)
        self._lines.clear()
        self._due.pop("lines", None)

    def _write_outcomes(self) -> None:
        if self._outcomes:
            transitions.finish(self._outcomes)
            self._outcomes.clear()

    def _assign(self) -> None:
        """Give the idle children tasks, as far as there are any."""
        if not (self._look or self._is_due("look", LOOK_SECONDS)) or self._signals:
            return
        self._look = False
        self._due["look"] = time.monotonic() + LOOK_SECONDS
        idle = {
            child.worker_id: child
            for child in self._children.values()
            if not child.task and not child.is_killed
        }
        if not idle or not transitions.is_any_ready():
            return
        for task in transitions.claim(list(idle)):
            self._hand_over(idle[task.worker_id], task)

    def _hand_over(self, child: _Process, task: Claimed) -> None:
        child.task, child.lines, child.asked_at = task, 0, 0
        message = {
            "task_id": task.task_id,
            "claim": task.claim,
            "name": task.name,
            "args": task.args,
            "kwargs": task.kwargs,
            "logging_cid": task.logging_cid,
            "created_by": task.created_by,
            "task_group": task.task_group,
        }
        with suppress(OSError):  # it has just died: its end is handled when it is seen
            child.pipe.send_bytes(json.dumps(message, cls=DjangoJSONEncoder).encode())

    def _stop_tasks(self) -> None:
        """Ask tasks to stop, and kill those that were asked and did not."""
        now = time.monotonic()
        for child in self._children.values():
            if child.asked_at and now - child.asked_at >= KILL_AFTER_SECONDS and not child.is_killed:
                self._dismiss(child)
        if not self._look_for_stops:
            return
        self._look_for_stops = False
        busy = {child.worker_id: child for child in self._children.values() if child.task}
        if not busy:
            return
        for worker_id, task_id, number, _ in transitions.to_stop(list(busy)):
            child = busy[worker_id]
            if (
                child.task
                and (child.task.task_id, child.task.claim) == (task_id, number)
                and not child.asked_at
            ):
                child.asked_at = now
                with suppress(ProcessLookupError):
                    os.kill(child.pid, STOP_SIGNAL)

    # -- housekeeping -----------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        if not self._is_due("heartbeat", HEARTBEAT_SECONDS):
            return
        self._look_for_stops = True
        self._beat()
        self._settle_dead_neighbours()
        transitions.settle_rows_made_by_hand()
        if self._is_due("tidy", TIDY_SECONDS):
            events.forget_old()

    def _beat(self) -> None:
        """Renew the lease of all children. Those that lost it, as this host slept too long, are replaced."""
        mine = Worker.objects.filter(supervisor=self._id, stopped_at=None)
        if mine.update(last_heartbeat=timezone.now()) >= len(self._children):
            return
        held = set(mine.values_list("pk", flat=True))
        for child in list(self._children.values()):
            if child.worker_id not in held:
                log.error("worker %s was taken for dead while it lived; replacing it", child.pid)
                self._dismiss(child)

    def _settle_dead_neighbours(self) -> None:
        """End what workers had that are gone: found dead on this machine, or silent for too long elsewhere."""
        others = Worker.objects.filter(stopped_at=None).exclude(supervisor=self._id)
        now, here = timezone.now(), machine_id()
        gone = [
            each.pk
            for each in others
            if (each.machine == here and here and not is_alive(each.pid))
            or (now - each.last_heartbeat).total_seconds() > ONLINE_SECONDS
        ]
        if gone:
            count = transitions.settle(gone, "Worker has gone missing.")
            log.warning("settled %d tasks of %d workers that are gone", count, len(gone))

    # -- the end ----------------------------------------------------------------------------------

    def _wake_on_signals(self) -> None:
        self._alarm, writer = socket.socketpair()
        self._alarm.setblocking(False)
        writer.setblocking(False)
        self._writer = writer
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._count_signal)
        self._selector.register(self._alarm, selectors.EVENT_READ)

    def _count_signal(self, _signal: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _begin_to_drain(self) -> None:
        if not self._signals:
            return
        grace = self.grace_seconds if self._signals == 1 else 0
        self._drained_by = min(self._drained_by, time.monotonic() + grace)
        busy = sum(1 for child in self._children.values() if child.task)
        if busy:
            log.info("draining: %d tasks may go on for %.0f s", busy, grace)

    def _is_done(self) -> bool:
        if not self._signals:
            return False
        is_busy = any(child.task for child in self._children.values()) or bool(self._outcomes)
        return not is_busy or time.monotonic() >= self._drained_by

    def _close(self) -> None:
        """Fail what did not end in time, and say that these workers are gone."""
        for child in list(self._children.values()):
            if child.task:
                self._outcomes.append(
                    Outcome(
                        child.task.task_id,
                        child.task.claim,
                        State.FAILED,
                        error=transitions.error_of("Aborted during worker shutdown."),
                        is_abrupt=True,
                    )
                )
            self._dismiss(child)
            self._forget(child) if child.pid in self._children else None
        with suppress(DatabaseError):
            self._due.pop("lines", None)
            self._write_lines()
            self._write_outcomes()
            Worker.objects.filter(supervisor=self._id, stopped_at=None).update(stopped_at=timezone.now())
        self._listener.close()
        signal.set_wakeup_fd(-1)
        connection.close()
