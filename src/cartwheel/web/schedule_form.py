"""The form of a schedule: what a person types, read and checked, kept as typed when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext

from cartwheel.engine.dispatch import as_json
from cartwheel.engine.errors import BadArguments
from cartwheel.engine.models import Schedule
from cartwheel.engine.schedules import save
from cartwheel.kit.errors import Invalid

UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
LIMITS = {"name": 255, "task_name": 255, "cron": 255, "time_zone": 64, "args": 10_000, "kwargs": 10_000}
LONGEST = timedelta(days=3650)
FIELDS = (
    "name", "task_name", "plan", "every", "unit", "cron", "time_zone", "args", "kwargs", "exclusive", "shared"
)  # fmt: skip


@dataclass
class ScheduleForm:
    """What was typed, by field, and what is wrong with it."""

    typed: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, schedule: Schedule) -> ScheduleForm:
        """Filled with what a schedule says."""
        every, unit = _in_units(schedule.interval)
        return cls(
            {
                "name": schedule.name,
                "task_name": schedule.task_name,
                "plan": "cron" if schedule.cron else "interval",
                "every": every,
                "unit": unit,
                "cron": schedule.cron,
                "time_zone": schedule.time_zone,
                "args": json.dumps(schedule.args, ensure_ascii=False),
                "kwargs": json.dumps(schedule.kwargs, ensure_ascii=False),
                "exclusive": "\n".join(schedule.exclusive),
                "shared": "\n".join(schedule.shared),
            }
        )

    @classmethod
    def typed_in(cls, given: QueryDict) -> ScheduleForm:
        return cls({name: given.get(name, "").replace("\0", "").strip() for name in FIELDS})

    def save(self, schedule: Schedule) -> bool:
        """Write it to the schedule and keep that; false, and `wrong` says why, if it cannot be followed."""
        for name, limit in LIMITS.items():
            if len(self.typed[name]) > limit:
                self.wrong[name] = gettext("Use at most %d characters.") % limit
        schedule.name, schedule.task_name = self._given("name"), self._given("task_name")
        schedule.args, schedule.kwargs = self._json("args", list), self._json("kwargs", dict)
        schedule.exclusive, schedule.shared = self._lines("exclusive"), self._lines("shared")
        schedule.time_zone = self.typed["time_zone"] or "UTC"
        is_cron = self.typed["plan"] == "cron"
        schedule.cron = self._given("cron") if is_cron else ""
        schedule.interval = None if is_cron else self._interval()
        return not self.wrong and self._kept(schedule)

    def _kept(self, schedule: Schedule) -> bool:
        try:
            with transaction.atomic():
                save(schedule)
        except Invalid as problem:
            named = {"interval": "every"}.get(problem.field or "", problem.field or "task_name")
            self.wrong[named] = problem.message
        except IntegrityError:
            self.wrong["name"] = gettext("There is a schedule of that name already. Choose another.")
        return not self.wrong

    def _given(self, name: str) -> str:
        if not self.typed[name]:
            self.wrong[name] = gettext("Say something here.")
        return self.typed[name]

    def _json(self, name: str, kind: Callable[[], Any]) -> Any:
        text = self.typed[name]
        try:
            found = json.loads(text) if text else kind()
            as_json({name: found})  # NaN, for one, is read but cannot be kept
        except (ValueError, RecursionError, BadArguments):
            found = None
        if not isinstance(found, type(kind())):
            example = '["acme", 3]' if name == "args" else '{"days": 3}'
            self.wrong[name] = gettext("Write JSON such as %s.") % example
            return kind()
        return found

    def _lines(self, name: str) -> list[str]:
        return [line.strip() for line in self.typed[name].splitlines() if line.strip()]

    def _interval(self) -> timedelta | None:
        text = self.typed["every"]
        seconds = UNITS.get(self.typed["unit"], 1)
        if not text.isdecimal() or not 0 < int(text[:12]) * seconds <= LONGEST.total_seconds():
            self.wrong["every"] = gettext("Use a whole number, such as 15, of at most ten years.")
            return None
        return timedelta(seconds=int(text) * seconds)


def _in_units(interval: timedelta | None) -> tuple[str, str]:
    """The interval in the largest unit that says it in a whole number."""
    if interval is None:
        return "", "hours"
    seconds = int(interval.total_seconds())
    unit = next(name for name in reversed(UNITS) if seconds % UNITS[name] == 0)
    return str(seconds // UNITS[unit]), unit
