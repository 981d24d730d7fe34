"""Times and durations in words. static/web/js/ticking.js says the same, and a test compares them."""

from __future__ import annotations

from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
DATES_AFTER = 30 * DAY


def ago(moment: datetime, now: datetime) -> str:
    """How long ago that was: "12 s ago", "3 min ago", or the date when it is more than a month."""
    seconds = int((now - moment).total_seconds())
    if seconds < 2:
        return "just now"
    if seconds < MINUTE:
        return f"{seconds} s ago"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR} h ago"
    if seconds < DATES_AFTER:
        days = seconds // DAY
        return f"{days} day{'' if days == 1 else 's'} ago"
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def lasted(seconds: float) -> str:
    """How long that took: "40 ms", "4.2 s", "42 s", "3 min 12 s", "2 h 5 min", "3 d 4 h"."""
    if seconds < 1:
        return f"{int(max(seconds, 0) * 1000)} ms"
    if seconds < 10:
        return f"{int(seconds * 10) / 10:.1f} s"
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def running_for(seconds: float) -> str:
    """The same for what still runs, in whole seconds: it is told anew each second."""
    return lasted(seconds) if seconds >= 10 else f"{int(max(seconds, 0))} s"


def exact(moment: datetime) -> str:
    """For people: "2026-03-01 09:05:32 UTC"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def stamp(moment: datetime) -> str:
    """For <time datetime>: "2026-03-01T09:05:32.123Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
