"""Gzip, unpacked as it is read: in bounded memory and time, whatever its headers say.

Python's own reader takes file names in headers byte by byte, however long they are, and any number of members with
nothing in them: a file of some megabytes keeps it busy for minutes.
"""

from __future__ import annotations

import io
import zlib
from typing import Any, BinaryIO

MEMBERS_LIMIT = 10_000
PIECE = 1 << 16  # bytes
GZIP = 16 + zlib.MAX_WBITS  # the format that zlib shall expect


class BadGzip(ValueError):
    """What was packed is damaged, cut off, or no gzip."""


class NoGzip(BadGzip):
    """It does not even begin like gzip."""


def unpacked(packed: BinaryIO) -> io.BufferedReader:
    """The plain bytes. Reading them raises BadGzip."""
    return io.BufferedReader(_Unpacking(packed), PIECE)


class _Unpacking(io.RawIOBase):
    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._taken = b""  # from `packed`, not unpacked yet
        self._member: Any = None
        self._members = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = b""
        while not piece and (self._member is not None or self._begins()):
            piece = self._next(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _begins(self) -> bool:
        """Is there another member? Zeros at the end are padding."""
        while not self._taken.strip(b"\0"):
            self._taken = self._packed.read(PIECE)
            if not self._taken:
                return False
        self._taken = self._taken.lstrip(b"\0") if self._members else self._taken
        self._members += 1
        if self._members > MEMBERS_LIMIT:
            raise BadGzip(f"it has more than {MEMBERS_LIMIT} gzip members")
        self._member = zlib.decompressobj(GZIP)
        return True

    def _next(self, most: int) -> bytes:
        """Some bytes of this member; none where it has ended, or more has to be taken first."""
        taken = self._taken or self._packed.read(PIECE)
        try:
            piece: bytes = self._member.decompress(taken, most)
        except zlib.error as problem:
            kind = NoGzip if self._members == 1 and "header" in str(problem) else BadGzip
            raise kind(str(problem).rpartition(": ")[2]) from None
        self._taken = self._member.unconsumed_tail
        if self._member.eof:
            self._taken, self._member = self._member.unused_data, None
        elif not taken and not piece:
            raise BadGzip("it ends too soon")
        return piece
