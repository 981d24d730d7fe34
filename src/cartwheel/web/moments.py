"""Times and durations in words. static/web/js/ticking.js and clocks.js say the same, and a test compares them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
DATES_AFTER = 30 * DAY
WORDS = {
    "now": _("just now"),
    "s_ago": _("%(s)s s ago"),
    "min_ago": _("%(min)s min ago"),
    "h_ago": _("%(h)s h ago"),
    "d_ago": _("%(d)s d ago"),
    "ms": _("%(ms)s ms"),
    "s": _("%(s)s s"),
    "min_s": _("%(min)s min %(s)s s"),
    "h_min": _("%(h)s h %(min)s min"),
    "d_h": _("%(d)s d %(h)s h"),
}


def ago(moment: datetime, now: datetime) -> str:
    """How long ago that was: "12 s ago", "3 min ago", or the date when it is more than a month."""
    seconds = int((now - moment).total_seconds())
    if seconds < 2:
        return _say("now")
    if seconds < MINUTE:
        return _say("s_ago", s=seconds)
    if seconds < HOUR:
        return _say("min_ago", min=seconds // MINUTE)
    if seconds < DAY:
        return _say("h_ago", h=seconds // HOUR)
    if seconds < DATES_AFTER:
        return _say("d_ago", d=seconds // DAY)
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def lasted(seconds: float) -> str:
    """How long that took: "40 ms", "4.2 s", "42 s", "3 min 12 s", "2 h 5 min", "3 d 4 h"."""
    if seconds < 1:
        return _say("ms", ms=int(max(seconds, 0) * 1000))
    if seconds < 10:
        return _say("s", s=f"{int(seconds * 10) / 10:.1f}")
    whole = int(seconds)
    if whole < MINUTE:
        return _say("s", s=whole)
    if whole < HOUR:
        return _say("min_s", min=whole // MINUTE, s=whole % MINUTE)
    if whole < DAY:
        return _say("h_min", h=whole // HOUR, min=whole % HOUR // MINUTE)
    return _say("d_h", d=whole // DAY, h=whole % DAY // HOUR)


def running_for(seconds: float) -> str:
    """The same for what still runs, in whole seconds: it is told anew each second."""
    return lasted(seconds) if seconds >= 10 else _say("s", s=int(max(seconds, 0)))


def exact(moment: datetime) -> str:
    """For people: "2026-03-01 09:05:32 UTC"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def time_of_day(moment: datetime, unit: str) -> str:
    """In UTC, as far as the unit goes: "09:05:32" for seconds, "09:05" for minutes, "Sun 09:05" for days.

    With its date for what may be long ago, the unit "moment": "2026-03-01 09:05 UTC".
    """
    there = moment.astimezone(UTC)
    if unit == "moment":
        return there.strftime("%Y-%m-%d %H:%M UTC")
    told = there.strftime("%H:%M:%S" if unit == "second" else "%H:%M")
    return f"{WEEKDAYS_ABBR[there.weekday()]} {told}" if unit == "day" else told


def stamp(moment: datetime) -> str:
    """For <time datetime>: "2026-03-01T09:05:32.123Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def words_for_scripts() -> str:
    """What times are told in, as JSON."""
    return json.dumps({name: str(words) for name, words in WORDS.items()})


def _say(name: str, **values: object) -> str:
    return str(WORDS[name]) % values
