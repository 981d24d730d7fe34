"""A supervisor's end of the line to one child. It never waits for the child, whatever that does or does not."""

from __future__ import annotations

import selectors
import socket

CHUNK = 65_536  # bytes read at once, so that one who talks much does not keep others waiting
LIMIT = 16 * 1_048_576  # bytes of one message; more than any that a child sends


class Line:
    """Messages are bytes without a line break, and end with one.

    Registers itself with `selector`, as of that child, and asks for its turn to write when there is
    something left to write.
    """

    def __init__(self, end: socket.socket, selector: selectors.BaseSelector, child: int) -> None:
        end.setblocking(False)
        self._end = end
        self._selector = selector
        self._child = child
        self._unread = b""
        self._unsent = bytearray()
        self._wanted = selectors.EVENT_READ
        self._is_open = True
        selector.register(self, self._wanted, child)

    def fileno(self) -> int:
        return self._end.fileno()

    def send(self, message: bytes) -> None:
        """Send a message as soon as the child takes it."""
        self._unsent += message + b"\n"
        self.go_on_sending()

    def go_on_sending(self) -> None:
        try:
            del self._unsent[: self._end.send(self._unsent)]
        except BlockingIOError:
            pass
        except OSError:  # it has just died: its end is handled when it is seen
            self._unsent.clear()
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        if self._is_open and wanted != self._wanted:
            self._selector.modify(self, wanted, self._child)
            self._wanted = wanted

    def receive(self) -> list[bytes]:
        """The messages that have come as a whole, of one chunk at most.

        Raises BlockingIOError if nothing has come, EOFError if nothing will, and ValueError if a
        message has no end.
        """
        chunk = self._end.recv(CHUNK) if self._is_open else b""
        if not chunk:
            raise EOFError
        *whole, self._unread = (self._unread + chunk).split(b"\n")
        if len(self._unread) > LIMIT:
            raise ValueError(f"a message of more than {LIMIT} bytes")
        return whole

    def hang_up(self) -> None:
        """Neither send nor receive any more."""
        if self._is_open:
            self._is_open = False
            self._selector.unregister(self)

    def close(self) -> None:
        self._end.close()
