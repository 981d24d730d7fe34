"""What is said about tasks that are not made yet, and what is counted of those that were."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cartwheel.engine.models.tasks import Task
from cartwheel.kit.ids import uuid7


class Pause(models.Model):
    """Somebody has said that tasks shall not be started: none at all, none of a function, none by a worker.

    What runs goes on, what is dispatched waits.
    """

    class Scope(models.TextChoices):
        HUB = "hub"
        FUNCTION = "function"
        WORKER = "worker"

    scope = models.CharField(max_length=10, choices=Scope.choices)
    target = models.CharField(max_length=255, default="", blank=True)  # name of the function or worker
    reason = models.TextField(default="", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "target"], name="pause_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.target}".strip()


class Schedule(models.Model):
    """A task that is dispatched again and again: every so many seconds, or as a cron expression says."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255, unique=True)
    task_name = models.CharField(max_length=255)
    args = models.JSONField(default=list, blank=True)
    kwargs = models.JSONField(default=dict, blank=True)
    exclusive = models.JSONField(default=list, blank=True)
    shared = models.JSONField(default=list, blank=True)
    interval = models.DurationField(null=True)
    cron = models.CharField(max_length=255, default="", blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    is_enabled = models.BooleanField(default=True)
    next_dispatch = models.DateTimeField(null=True, db_index=True)
    last_task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(interval=None) ^ Q(cron=""), name="schedule_interval_or_cron"),
        ]

    def __str__(self) -> str:
        return self.name


class Statistic(models.Model):
    """How often something happened to the tasks of a function, for metrics; only ever grows.

    `kind` is an outcome ("completed"), or the upper bound in seconds of a histogram's bucket
    ("ran<=0.5"); a histogram's sum of seconds stands in `seconds` of its "…<=inf".
    """

    function = models.CharField(max_length=255)
    kind = models.CharField(max_length=64)
    count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "kind"], name="statistic_once")]

    def __str__(self) -> str:
        return f"{self.function} {self.kind}: {self.count}"
