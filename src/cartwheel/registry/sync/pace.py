"""How fast: as many requests a second as a remote allows, pauses between attempts, and what is too slow."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from cartwheel.registry.sync.errors import Stopped

PAUSE_SECONDS = 0.5  # before the second attempt; doubled before each further one
PAUSE_LIMIT = 30.0
RETRY_AFTER_LIMIT = 600.0  # seconds; a server that wants us to wait longer is not waited for


class Pace:
    """Shared by all threads of a sync. Whatever waits here ends at once when the sync stops."""

    def __init__(self, per_second: int | None) -> None:
        self._between = 1 / per_second if per_second and per_second > 0 else 0.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def stop(self) -> None:
        with self._lock:
            self._stopped.set()

    @contextmanager
    def before_stop(self) -> Iterator[None]:
        """What is done in here is done before anybody stops this, or not at all. Raises Stopped."""
        with self._lock:
            self.check()
            yield

    def check(self) -> None:
        """Raises Stopped."""
        if self._stopped.is_set():
            raise Stopped

    def take_turn(self) -> None:
        """Wait until the next request may go out. Raises Stopped."""
        self.check()
        if not self._between:
            return
        with self._lock:
            now = time.monotonic()
            mine = max(self._next, now)
            self._next = mine + self._between
        self.rest(mine - now)

    def rest(self, seconds: float) -> None:
        """Raises Stopped."""
        if self._stopped.wait(max(seconds, 0)):
            raise Stopped


def pause(attempt: int) -> float:
    """Seconds before the attempt after this one; somewhere below the full pause, so that not all come at once."""
    full: float = min(PAUSE_LIMIT, PAUSE_SECONDS * 2.0 ** (attempt - 1))
    return full * random.uniform(0.5, 1.0)  # noqa: S311, not for secrets


def retry_after(header: str | None) -> float | None:
    """The seconds that a Retry-After asks for, which may say them or a date. None for what is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
