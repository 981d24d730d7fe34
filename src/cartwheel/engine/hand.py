"""A child as its supervisor knows it: what it has been given, what it is at, and how it is told.

A child is sent its tasks ahead, all at once, so that it need not wait for its supervisor between two of
them. Those that it has not begun can be taken back at any time.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cartwheel.engine.begun import Begun
from cartwheel.engine.child import NO_MORE
from cartwheel.engine.claims import Claimed
from cartwheel.engine.line import Line
from cartwheel.engine.packing import pack
from cartwheel.engine.rules import HOLD_SECONDS
from cartwheel.engine.tasklog import Allowance
from cartwheel.engine.tokens import Tokens

TASKS_LIMIT = 1000  # tasks that a child runs before it is replaced
MEMORY_LIMIT_KB = 768 * 1024  # a child that once took more is replaced after its task


@dataclass(eq=False)
class Hand:
    """One child of a supervisor."""

    pid: int
    pidfd: int
    line: Line
    tokens: Tokens
    begun: Begun
    worker_id: UUID
    memory_kills: int  # of the kernel's, when it was forked
    tasks: deque[Claimed] = field(default_factory=deque)  # given to it, whose ends are not known; in order
    began_at: float = 0  # the first of them, or when it was given that; monotonic, as all times here
    asked_at: float = 0  # when that was first asked to stop
    is_timed_out: bool = False
    killed_because: str = ""
    allowance: Allowance = field(default_factory=Allowance)  # of that one's log
    tasks_run: int = 0
    is_retiring: bool = False
    _given: int = 0  # tasks, ever

    @property
    def is_idle(self) -> bool:
        return not self.tasks and self.is_fit

    @property
    def is_fit(self) -> bool:
        """Shall it get another task?"""
        return not self.is_retiring and not self.killed_because

    @property
    def is_brisk(self) -> bool:
        """Is it at a task that may be over soon? Behind one that takes its time, none shall wait."""
        return bool(self.tasks) and self.is_fit and time.monotonic() - self.began_at < HOLD_SECONDS / 2

    def give(self, tasks: Sequence[Claimed]) -> None:
        """Send tasks, which it begins when it has done what it was given before."""
        if not tasks:
            return
        if not self.tasks:
            self._begins()
        numbers = range(self._given, self._given + len(tasks))
        self._given = numbers.stop
        self.tokens.put(numbers)
        self.line.send(b"\n".join(map(_message, numbers, tasks)))
        self.tasks.extend(tasks)

    def take_back(self) -> list[Claimed]:
        """Take back all that it has not begun: it never will."""
        return [self.tasks.pop() for _ in range(self.tokens.take_all())][::-1]

    def ended(self, peak_kb: int) -> None:
        """It has told that the first of its tasks has ended."""
        self.tasks.popleft()
        self.tasks_run += 1
        self._begins()
        # After many tasks, or one that took much memory, a fresh child is better than this one.
        self.is_retiring |= self.tasks_run >= TASKS_LIMIT or peak_kb > MEMORY_LIMIT_KB

    def _begins(self) -> None:
        self.began_at, self.asked_at, self.is_timed_out = time.monotonic(), 0, False
        self.allowance = Allowance()

    def dismiss(self) -> None:
        """Let it end by itself."""
        self.line.send(NO_MORE)

    def next_deadline(self, kill_after: float) -> float:
        """When it has to be looked at again, whatever it does."""
        deadlines = [float("inf")]
        if self.asked_at and not self.killed_because:
            deadlines.append(self.asked_at + kill_after)
        if len(self.tasks) > 1:
            deadlines.append(self.began_at + HOLD_SECONDS)
        return min(deadlines)

    def signal(self, sign: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, sign)

    def kill(self, because: str) -> None:
        """Kill it and all that it started. Its end is handled when it is seen."""
        self.killed_because = self.killed_because or because
        self.kill_group()
        self.signal(signal.SIGKILL)

    def kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def await_death(self) -> None:
        """Wait until it does nothing any more: what it did last can be relied on then."""
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)


def _message(number: int, task: Claimed) -> bytes:
    message: dict[str, Any] = {
        "number": number,
        "task_id": task.task_id,
        "claim": task.claim,
        "name": task.name,
        "args": task.args,
        "kwargs": task.kwargs,
        "attempt": task.attempt,
        "root": task.root,
        "logging_cid": task.logging_cid,
        "created_by": task.created_by,
        "task_group": task.task_group,
        "work": task.work,
        "error": task.error,
    }
    return pack(message)
