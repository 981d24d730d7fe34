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
        cursor.execute(f"INSERT INTO engine_event (task_id, kind, state, time) VALUES {places}", values)  # noqa: S608


def newest() -> int:
    """The number of the last event so far, 0 before the first."""
    return Event.objects.aggregate(last=Max("id"))["last"] or 0


def since(number: int, limit: int = 500) -> list[Event]:
    """The events after one, oldest first."""
    return list(Event.objects.filter(id__gt=number).order_by("id")[:limit])


def forget_old() -> None:
    """Delete what nobody takes up any more, but never the newest event: it keeps the count."""
    last = newest()
    Event.objects.filter(time__lt=timezone.now() - KEPT, id__lt=last).delete()
