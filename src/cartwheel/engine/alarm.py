"""The signals that tell a supervisor to end, as something that its loop can wait for."""

from __future__ import annotations

import selectors
import signal
import socket
from contextlib import suppress
from types import FrameType


class Alarm:
    """Counts SIGTERM and SIGINT. It is readable when one has come, and is registered with the selector."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.count = 0
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._ring)
        selector.register(self, selectors.EVENT_READ)

    def fileno(self) -> int:
        return self._reader.fileno()

    def silence(self) -> None:
        """Read what has made it readable."""
        with suppress(BlockingIOError):
            self._reader.recv(64)

    def let_go(self) -> None:
        """In a forked child, which has signals of its own."""
        self._reader.close()
        self._writer.close()

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1
