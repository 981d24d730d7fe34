"""Waiting for a condition, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 120  # after so long a test fails; nothing else depends on how long anything takes

T = TypeVar("T")


def eventually(look: Callable[[], T], *, what: str = "it") -> T:
    """What `look` gives once that is true. Fails when the patience is at its end.

    Whoever looks keeps others from working: the longer it takes, the more seldom it is looked.
    """
    begun = time.monotonic()
    while not (seen := look()):
        waited = time.monotonic() - begun
        assert waited < PATIENCE_SECONDS, f"{what} did not happen; last seen: {seen!r}"
        time.sleep(min(0.01 + waited / 100, 0.1))
    return seen


async def never() -> None:
    """What does not come: the end of a client that stays, or news where there are none."""
    await asyncio.Event().wait()
