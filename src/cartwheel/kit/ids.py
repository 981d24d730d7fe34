"""Identifiers that sort by the time when they were made."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A version 7 UUID: 48 bits of Unix milliseconds, then chance.

    The twelve bits behind the milliseconds hold the fraction of the millisecond, so ids made one
    after the other by one process sort in that order, but for a clock that is set back.

    Format: RFC 9562, section 5.7, with method 3 of section 6.2.
    """
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    chance = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (fraction << 64) | (0b10 << 62) | chance)


def is_uuid(text: str) -> bool:
    """Is it a UUID in the form with dashes, as it stands in addresses?"""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
