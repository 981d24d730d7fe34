"""What happened to tasks, in order: for pages, for held requests, for the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from cartwheel.engine.models import Event
from cartwheel.engine.wakeup import Topic, notify

KEPT = timedelta(hours=1)  # how far back a client that was away can take up the stream


def record(changes: Iterable[tuple[UUID, str]], kind: Event.Kind = Event.Kind.STATE) -> None:
    """Note that these tasks are now in these states. Joins the caller's transaction."""
    made = [Event(task_id=task_id, state=state, kind=kind) for task_id, state in changes]
    if made:
        Event.objects.bulk_create(made)
        notify(Topic.EVENT)


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
