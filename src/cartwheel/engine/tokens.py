"""Who has a task that was sent ahead: the child that shall run it, or the supervisor that takes it back.

For each task that is sent and not begun, there is a token in a pipe, with the task's number. Reading from
a pipe is atomic, so each token is got by one of them, who has the task then; no lock has to be waited for.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

_NUMBER = struct.Struct("<I")
_CHUNK = 65_536  # bytes: all that a pipe holds


class Tokens:
    """The tokens of one child's tasks, in the order in which the child takes them."""

    def __init__(self) -> None:
        # Close-on-exec: programs that a task starts must not keep the pipe open.
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def put(self, numbers: Iterable[int]) -> None:
        """At most a thousand at a time: so much is written as a whole."""
        os.write(self._writing, b"".join(map(_NUMBER.pack, numbers)))

    def take(self) -> int | None:
        """The first number; None if there is none any more."""
        try:
            number: int = _NUMBER.unpack(os.read(self._reading, _NUMBER.size))[0]
        except BlockingIOError:
            return None
        return number

    def take_all(self) -> int:
        """Take all that are left; returns how many: they are of the last tasks."""
        try:
            return len(os.read(self._reading, _CHUNK)) // _NUMBER.size
        except BlockingIOError:
            return 0

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)
