"""The child processes of a supervisor: forked warm, watched, killed with all that they started, reaped."""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from cartwheel.engine.begun import Begun
from cartwheel.engine.child import Child
from cartwheel.engine.hand import Hand
from cartwheel.engine.line import Line
from cartwheel.engine.models import Worker
from cartwheel.engine.tokens import Tokens
from cartwheel.kit.ids import uuid7
from cartwheel.kit.processes import cause_of_death, die_with_parent, machine_id, out_of_memory_kills

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Death:
    """How a child ended, in words and in figures."""

    reason: str
    facts: dict[str, Any]


class Crew:
    """All children of one supervisor."""

    def __init__(self, supervisor_id: UUID, selector: selectors.BaseSelector) -> None:
        self._id = supervisor_id
        self._selector = selector
        self._hands: dict[int, Hand] = {}  # by pid

    def __len__(self) -> int:
        return len(self._hands)

    def __iter__(self) -> Iterator[Hand]:
        return iter(tuple(self._hands.values()))

    def by_pid(self, pid: int) -> Hand | None:
        return self._hands.get(pid)

    def hire(self, before_work: Callable[[], None]) -> Hand:
        """Fork a child. `before_work` closes, in the child, what only the parent shall have.

        The connection is closed first: one that two processes share is broken. Raises DatabaseError
        and OSError.
        """
        connection.close()
        worker_id, parent = uuid7(), os.getpid()
        (ours, theirs), tokens, begun = socket.socketpair(), Tokens(), Begun(worker_id)
        try:
            pid = os.fork()
            pidfd = _pidfd(pid) if pid else -1
        except OSError:
            for each in (ours, theirs, tokens, begun):
                each.close()
            raise
        if pid == 0:
            ours.close()  # else it would never see that the parent has closed it
            self._be_child(Child(theirs, tokens, begun), parent, before_work)
        theirs.close()
        line = Line(ours, self._selector, pid)
        hand = Hand(pid, pidfd, line, tokens, begun, worker_id, out_of_memory_kills())
        self._hands[pid] = hand
        self._selector.register(hand.pidfd, selectors.EVENT_READ, pid)
        try:
            name = f"{pid}@{socket.gethostname()}"
            Worker.objects.create(
                id=worker_id,
                name=name,
                pid=pid,
                machine=machine_id(),
                supervisor=self._id,
                supervisor_pid=os.getpid(),
                last_heartbeat=Now(),
            )
        except DatabaseError:
            hand.kill("It could not be entered into the database.")
            raise
        return hand

    def _be_child(self, child: Child, parent: int, before_work: Callable[[], None]) -> None:
        """What the forked process does; never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            os.setpgid(0, 0)  # so that what a task starts is killed with it
            die_with_parent(parent)
            before_work()
            self._selector.close()
            for other in self._hands.values():
                other.line.close()
                other.tokens.close()
                os.close(other.pidfd)
            child.run()
            code = 0
        except BaseException:  # a forked process must not return into its parent's code
            log.exception("a worker failed")
        finally:
            logging.shutdown()
            os._exit(code)

    def bury(self, hand: Hand) -> Death:
        """Reap a child that has ended, and kill what its task had started.

        That the worker is gone is entered by the supervisor, together with how its tasks ended.
        """
        self._hands.pop(hand.pid, None)
        self._selector.unregister(hand.pidfd)
        os.close(hand.pidfd)
        hand.line.hang_up()
        hand.line.close()
        hand.tokens.close()
        hand.begun.close()
        hand.kill_group()
        _, status, usage = os.wait4(hand.pid, 0)
        return _death(hand, status, usage.ru_maxrss)


def _pidfd(pid: int) -> int:
    """What tells of a child that it has ended. Raises OSError if there can be none; then it is gone."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        os.kill(pid, signal.SIGKILL)  # nobody would know it, and another be forked for it
        os.waitpid(pid, 0)
        raise


def _death(hand: Hand, status: int, peak_kb: int) -> Death:
    code = os.waitstatus_to_exitcode(status)
    reason = hand.killed_because or cause_of_death(status)
    facts: dict[str, Any] = {"peak_memory_mb": round(peak_kb / 1024)}
    if code < 0:
        facts["signal"] = -code
    else:
        facts["exit_code"] = code
    if not hand.killed_because and code == -signal.SIGKILL and out_of_memory_kills() > hand.memory_kills:
        reason += f" The machine was out of memory; the task had taken {facts['peak_memory_mb']} MB."
        facts["out_of_memory"] = True
    return Death(reason, facts)
