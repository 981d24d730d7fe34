"""How long an answer may take, whatever comes and however slowly.

A server may send byte by byte what the one who waits for the answer never sees: headers, the lengths of
chunks. So the time that is left is looked at before each read from the network.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

from cartwheel.registry.sync.errors import Again, UpstreamProblem, plain
from cartwheel.registry.sync.pace import Pace

GRACE_SECONDS = 60.0  # an answer may take so long however slow it is
SLOWEST = 1024  # bytes per second that have to come after that


class Deadline:
    """Of one request and its answer, from now on. In each GRACE_SECONDS something worth it has to come."""

    def __init__(self, url: str, total_seconds: float | None, pace: Pace) -> None:
        self._url = url
        self._total = total_seconds or inf
        self._pace = pace
        self._end = time.monotonic() + self._total
        self._demand(0)

    def _demand(self, received: int) -> None:
        self._received = received
        self._wanted = received + SLOWEST * GRACE_SECONDS
        self._turn = time.monotonic() + GRACE_SECONDS

    def received(self, count: int) -> None:
        """So many bytes of the body are there. Raises Again, Stopped."""
        self._received = count
        if count >= self._wanted:
            self._demand(count)
        self.check()

    def check(self) -> None:
        """Raises Again, Stopped."""
        self._pace.check()
        now = time.monotonic()
        if now >= self._end:
            raise Again(UpstreamProblem(f"{plain(self._url)} takes longer than {self._total:g} s."))
        if now >= self._turn:
            raise Again(
                UpstreamProblem(f"{plain(self._url)} sends too slowly: {self._received} bytes so far.")
            )

    def within(self, timeout: float | None) -> float:
        """The seconds of a time-out that are left. Raises Again, Stopped."""
        self.check()
        left = max(min(self._end, self._turn) - time.monotonic(), 0.001)  # 0 would mean not to wait at all
        return left if timeout is None else min(timeout, left)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def until(deadline: Deadline) -> Iterator[Deadline]:
    """What this thread does on the network in here has to keep to it."""
    before = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(before)


def within_deadline(timeout: float | None) -> float | None:
    """What is left of a time-out to whatever this thread does. Raises Again, Stopped."""
    deadline = _current.get()
    return timeout if deadline is None else deadline.within(timeout)
