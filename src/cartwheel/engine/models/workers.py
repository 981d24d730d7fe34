"""The processes that run tasks."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from cartwheel.kit.ids import uuid7

ONLINE_SECONDS = 10  # a worker whose heartbeat is older is missing, and its tasks are settled by others
# Of workers, by the clock that all hosts share: is it there, did it end without saying so?
RECENTLY, SOON = Now() - timedelta(seconds=ONLINE_SECONDS), Now() + timedelta(seconds=ONLINE_SECONDS)
# A heartbeat that is to come was written before that clock was set back; who is there soon writes another.
ONLINE = Q(stopped_at=None, last_heartbeat__gte=RECENTLY, last_heartbeat__lte=SOON)
MISSING = Q(stopped_at=None) & (Q(last_heartbeat__lt=RECENTLY) | Q(last_heartbeat__gt=SOON))


class Worker(models.Model):
    """A process that runs tasks, one at a time. Its supervisor renews the heartbeats of all its workers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)  # <pid>@<host>
    machine = models.CharField(max_length=128, default="")  # where its pid has a meaning
    pid = models.PositiveIntegerField(default=0)
    supervisor = models.UUIDField(null=True)
    supervisor_pid = models.PositiveIntegerField(default=0)  # on the same machine
    created_at = models.DateTimeField(default=timezone.now)
    last_heartbeat = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)  # when it ended in order, or was found dead

    class Meta:
        indexes = [
            models.Index(fields=["last_heartbeat"], name="worker_alive", condition=Q(stopped_at=None)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_missing(self) -> bool:
        """The same as MISSING, by this host's clock."""
        age = timezone.now() - self.last_heartbeat
        return self.stopped_at is None and abs(age.total_seconds()) > ONLINE_SECONDS
