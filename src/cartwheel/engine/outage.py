"""What the log says while the database is away: it may be so for long, and is asked all the time."""

from __future__ import annotations

import logging
import sys
import time

log = logging.getLogger(__name__)

TELL_SECONDS = 60.0  # so often, after the first time, that it is still away


class Outage:
    """Of one supervisor's database. Begins when it fails, and is over when it has done what it was asked for."""

    def __init__(self) -> None:
        self._since = self._told_at = 0.0

    def goes_on(self) -> None:
        """It has failed; call it where the exception is handled. Only the first time says where."""
        now = time.monotonic()
        if not self._since:
            self._since = self._told_at = now
            log.exception("the database does not answer; trying again")
        elif now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            log.error(
                "the database has not answered for %.0f s; trying again: %s",
                now - self._since,
                sys.exception(),
            )

    def is_over(self) -> None:
        """It answers."""
        if self._since:
            log.warning("the database answers again, after %.0f s", time.monotonic() - self._since)
        self._since = 0.0
