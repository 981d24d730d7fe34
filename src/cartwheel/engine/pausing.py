"""Holding tasks back: all of them, those of one function, those for one worker. What runs goes on."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from cartwheel.engine.errors import UnknownWorker
from cartwheel.engine.events import record
from cartwheel.engine.functions import find
from cartwheel.engine.models import Event, Pause, Worker
from cartwheel.engine.wakeup import Topic, notify
from cartwheel.kit.ids import is_uuid

NO_TASK = UUID(int=0)  # what events are about that are about all tasks


def pause(
    scope: Pause.Scope, target: str = "", *, reason: str = "", by: AbstractBaseUser | None = None
) -> Pause:
    """Start no more tasks. `target` is a function's name or a worker's id. Doing it twice is fine.

    Raises UnknownFunction or UnknownWorker for what is not there.
    """
    if scope == Pause.Scope.FUNCTION:
        find(target, field="target")
    if scope == Pause.Scope.WORKER:
        target = _worker(target)
    defaults = {"reason": reason, "created_by_id": getattr(by, "pk", None)}
    with transaction.atomic():
        made, _ = Pause.objects.update_or_create(scope=scope, target=target, defaults=defaults)
        record([(NO_TASK, "paused")], Event.Kind.PAUSE)
    return made


def _worker(target: str) -> str:
    """The id of a worker, as pauses name it. Raises UnknownWorker."""
    if not is_uuid(target) or not Worker.objects.filter(pk=target).exists():
        raise UnknownWorker(f"There is no worker {target!r}; give the id of one.", field="target")
    return target.lower()


def resume(scope: Pause.Scope, target: str = "") -> None:
    """Start tasks again. Doing it twice is fine."""
    with transaction.atomic(savepoint=False):
        if Pause.objects.filter(scope=scope, target=target).delete()[0]:
            record([(NO_TASK, "resumed")], Event.Kind.PAUSE)
            notify(Topic.READY)
