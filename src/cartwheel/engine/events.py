"""What happened to tasks, in order: for pages, for held requests, for the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from cartwheel.engine.models import Event
from cartwheel.engine.wakeup import Topic, notify

ROWS = 200  # events in one statement
KEPT = timedelta(hours=1)  # how far back a client that was away can take up the stream

FORGET_ROWS, FORGET_STEPS = 2000, 20  # at a time

_fields = {field.attname: field for field in Event._meta.concrete_fields}
_prepare = [_fields[name].get_db_prep_value for name in ("task_id", "kind", "state", "time")]


def record(changes: Iterable[tuple[UUID, str]], kind: Event.Kind = Event.Kind.STATE) -> None:
    """Note that these tasks are now in these states. Joins the caller's transaction."""
    now = timezone.now()
    rows = [(task_id, str(kind), str(state), now) for task_id, state in changes]
    for start in range(0, len(rows), ROWS):
        _insert(rows[start : start + ROWS])
    if rows:
        notify(Topic.EVENT)


def _insert(rows: list[tuple[UUID, str, str, datetime]]) -> None:
    # Raw: a worker writes two events for each task, and making models of them costs more than all the rest.
    values = [
        prepare(value, connection, prepared=False)
        for row in rows
        for prepare, value in zip(_prepare, row, strict=True)
    ]
    places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO engine_event (task_id, kind, state, time) VALUES {places}", values)  # noqa: S608, places are nothing but marks


def newest() -> int:
    """The number of the last event so far, 0 before the first."""
    return Event.objects.aggregate(last=Max("id"))["last"] or 0


def since(number: int, limit: int = 500) -> list[Event]:
    """The events after one, oldest first."""
    return list(Event.objects.filter(id__gt=number).order_by("id")[:limit])


def forget_old() -> None:
    """Delete what nobody takes up any more, in small steps, but never the newest event: it keeps the count.

    Does no more than FORGET_STEPS of them; what is left is for the next time.
    """
    limit = timezone.now() - KEPT
    by_age = Event.objects.order_by("id").values_list("id", "time")
    if not any(time < limit for _, time in by_age[:1]):
        return
    for _ in range(FORGET_STEPS):
        # By the key, not by the time, which has no index: both grow together.
        oldest = list(by_age[: FORGET_ROWS + 1])
        old = [number for number, time in oldest[:-1] if time < limit]
        if old:
            Event.objects.filter(id__lte=old[-1]).delete()
        if len(old) < FORGET_ROWS:
            return
