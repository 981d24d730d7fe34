"""Tasks that are dispatched again and again. One firing, however many workers and restarts there are."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from django.db import transaction
from django.utils import timezone

from cartwheel.engine import clock
from cartwheel.engine.context import correlated
from cartwheel.engine.dispatch import dispatch, resource_names
from cartwheel.engine.errors import BadArguments
from cartwheel.engine.functions import Call, find
from cartwheel.engine.models import Schedule, Task
from cartwheel.engine.states import INCOMPLETE
from cartwheel.kit.errors import Invalid

log = logging.getLogger(__name__)

SHORTEST = timedelta(seconds=1)


class BadSchedule(Invalid):
    """A schedule that cannot be followed."""

    code = "bad_schedule"


def check(schedule: Schedule) -> None:
    """Raises BadSchedule or UnknownFunction if it could never fire."""
    find(schedule.task_name, field="task_name")
    if (schedule.interval is None) == (not schedule.cron):
        raise BadSchedule("Give an interval or a cron expression, one of the two.", field="cron")
    if schedule.interval is not None and schedule.interval < SHORTEST:
        raise BadSchedule("The interval is too short; use at least one second.", field="interval")
    for field in ("exclusive", "shared"):
        try:
            resource_names(getattr(schedule, field))
        except BadArguments as problem:
            raise BadSchedule(problem.message, field=field) from None
    next_time(schedule, timezone.now())


def next_time(schedule: Schedule, after: datetime) -> datetime:
    """When it fires next, after that moment. Cron expressions are read in the schedule's time zone."""
    if schedule.interval is not None:
        try:
            return after + schedule.interval
        except OverflowError:
            raise BadSchedule("The interval is too long.", field="interval") from None
    try:
        zone = ZoneInfo(schedule.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: it is a directory of time zones
        message = f"{schedule.time_zone!r} is no time zone; use a name such as Europe/Berlin."
        raise BadSchedule(message, field="time_zone") from None
    try:
        found = next(CronSim(schedule.cron, after.astimezone(zone)))
    except (CronSimError, StopIteration):
        message = (
            f"{schedule.cron!r} is no cron expression that ever fires; use five fields such as 0 3 * * *."
        )
        raise BadSchedule(message, field="cron") from None
    return found.astimezone(timezone.get_default_timezone())


def _upcoming(schedule: Schedule, now: datetime) -> datetime:
    """When it fires next after a firing that is due: an interval is kept from firing to firing, however late one was."""
    planned = schedule.next_dispatch
    if schedule.interval is None or planned is None:
        return next_time(schedule, now)
    return next_time(schedule, planned + (now - planned) // schedule.interval * schedule.interval)


def save(schedule: Schedule) -> Schedule:
    """Keep a new or changed schedule, and plan its next firing. Raises what check raises."""
    check(schedule)
    schedule.next_dispatch = next_time(schedule, clock.now()) if schedule.is_enabled else None
    schedule.save()
    return schedule


def switch_off(schedule: Schedule) -> None:
    """Fire it no more, even if it could not be followed anyhow."""
    schedule.is_enabled, schedule.next_dispatch = False, None
    schedule.save(update_fields=["is_enabled", "next_dispatch", "updated_at"])


def fire_due() -> list[Task]:
    """Dispatch the tasks of all schedules that are due."""
    now = clock.now()
    due = Schedule.objects.filter(is_enabled=True, next_dispatch__lte=now)
    return [task for schedule in due if (task := _fire(schedule, now))]


def plan_anew() -> None:
    """Bring back into line what was planned while the database's clock was ahead."""
    now = clock.now()
    for schedule in Schedule.objects.filter(is_enabled=True, next_dispatch__gt=now):
        with suppress(BadSchedule):
            due = next_time(schedule, now)
            planned = schedule.next_dispatch
            if planned is not None and planned > due:
                Schedule.objects.filter(pk=schedule.pk, next_dispatch=planned).update(next_dispatch=due)


def _fire(schedule: Schedule, now: datetime) -> Task | None:
    """One firing. What was missed while nobody was there is made up for once, not many times."""
    planned = schedule.next_dispatch
    try:
        upcoming = _upcoming(schedule, now)
    except BadSchedule:
        _switch_off(schedule)
        return None
    try:
        with transaction.atomic(savepoint=False):
            mine = Schedule.objects.filter(pk=schedule.pk, next_dispatch=planned, is_enabled=True)
            if not mine.update(next_dispatch=upcoming):
                return None  # another supervisor was quicker
            last = schedule.last_task_id
            if last and Task.objects.filter(pk=last, state__in=INCOMPLETE).exists():
                return None  # it is still at it
            with correlated(uuid4().hex):  # each firing is something of its own
                return run_now(schedule)
    except (Invalid, TypeError, ValueError):  # or what no client could have given it
        _switch_off(schedule)
        return None


def _switch_off(schedule: Schedule) -> None:
    log.exception("schedule %s cannot be followed and is switched off", schedule.name)
    Schedule.objects.filter(pk=schedule.pk).update(is_enabled=False, next_dispatch=None)


def run_now(schedule: Schedule) -> Task:
    """Dispatch the schedule's task, whatever its plan."""
    call = Call(exclusive=schedule.exclusive, shared=schedule.shared, by=schedule.created_by)
    with transaction.atomic(savepoint=False):
        task = dispatch(schedule.task_name, schedule.args, schedule.kwargs, call=call)
        Schedule.objects.filter(pk=schedule.pk).update(last_task=task, updated_at=timezone.now())
    return task
