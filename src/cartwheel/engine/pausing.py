"""Holding tasks back: all of them, those of one function, those for one worker. What runs goes on."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from cartwheel.engine.events import record
from cartwheel.engine.models import Event, Pause
from cartwheel.engine.wakeup import Topic, notify

NO_TASK = UUID(int=0)  # what events are about that are about all tasks


def pause(
    scope: Pause.Scope, target: str = "", *, reason: str = "", by: AbstractBaseUser | None = None
) -> Pause:
    """Start no more tasks. `target` is a function's name or a worker's id. Doing it twice is fine."""
    defaults = {"reason": reason, "created_by_id": getattr(by, "pk", None)}
    with transaction.atomic():
        made, _ = Pause.objects.update_or_create(scope=scope, target=target, defaults=defaults)
        record([(NO_TASK, "paused")], Event.Kind.PAUSE)
    return made


def resume(scope: Pause.Scope, target: str = "") -> None:
    """Start tasks again. Doing it twice is fine."""
    with transaction.atomic(savepoint=False):
        if Pause.objects.filter(scope=scope, target=target).delete()[0]:
            record([(NO_TASK, "resumed")], Event.Kind.PAUSE)
            notify(Topic.READY)
