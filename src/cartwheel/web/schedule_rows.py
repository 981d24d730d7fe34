"""Schedules in words: "every 15 min", "0 3 * * * (Europe/Berlin)", when next and what came of the last time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from cartwheel.engine.functions import title_of
from cartwheel.engine.models import Schedule, Task
from cartwheel.registry.models import User
from cartwheel.registry.task_rights import visible
from cartwheel.web import moments


@dataclass(frozen=True)
class ScheduleRow:
    schedule: Schedule
    last: Task | None  # if the person may know of it
    title: str
    next_stamp: str
    next_exact: str
    next_in: str

    @property
    def plan(self) -> str:
        if self.schedule.interval:
            return every_words(self.schedule.interval)
        return f"{self.schedule.cron} ({self.schedule.time_zone})"


def schedule_rows(found: Collection[Schedule], user: User, now: datetime) -> list[ScheduleRow]:
    """These schedules as somebody may see them. One statement."""
    tasks = (
        visible(user)
        .defer("args", "kwargs")
        .in_bulk([each.last_task_id for each in found if each.last_task_id])
    )
    return [_row(each, tasks.get(each.last_task_id) if each.last_task_id else None, now) for each in found]


def _row(schedule: Schedule, last: Task | None, now: datetime) -> ScheduleRow:
    upcoming = schedule.next_dispatch
    title = title_of(schedule.task_name, schedule.args, schedule.kwargs)
    if upcoming is None:
        return ScheduleRow(schedule, last, title, "", "", "")
    seconds = (upcoming - now).total_seconds()
    return ScheduleRow(
        schedule, last, title, moments.stamp(upcoming), moments.exact(upcoming),
        gettext("now") if seconds < 1 else gettext("in %s") % moments.running_for(seconds),
    )  # fmt: skip


def every_words(interval: timedelta) -> str:
    """ "every hour", "every 15 min"."""
    once = {60: gettext("every minute"), 3600: gettext("every hour"), moments.DAY: gettext("every day")}
    return once.get(int(interval.total_seconds())) or gettext("every %s") % interval_words(interval)


def interval_words(interval: timedelta) -> str:
    """ "15 min", "1 h 30 min", "7 days"."""
    days, rest = divmod(int(interval.total_seconds()), moments.DAY)
    parts = [
        (days, gettext("d")),
        (rest // 3600, gettext("h")),
        (rest % 3600 // 60, gettext("min")),
        (rest % 60, gettext("s")),
    ]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
