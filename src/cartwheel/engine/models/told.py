"""What is told of tasks: how far they are, what they made and logged, and what happened to them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from cartwheel.engine.models.tasks import Task
from cartwheel.engine.states import State


class ProgressReport(models.Model):
    """How far a task is with one part of its work."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="progress_reports")
    message = models.TextField(default="")
    code = models.CharField(max_length=255, default="")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    total = models.PositiveBigIntegerField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    suffix = models.TextField(null=True, default=None)  # noqa: DJ001, null is what clients are shown

    def __str__(self) -> str:
        return f"{self.message}: {self.done} of {self.total}"


class CreatedResource(models.Model):
    """Something that a task made: its address below the root of Pulp's API, without a slash in front."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="created_resources")
    path = models.CharField(max_length=255, db_index=True)

    def __str__(self) -> str:
        return self.path


class LogLine(models.Model):
    """A line that a task logged."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="log")
    time = models.DateTimeField()
    level = models.CharField(max_length=16)
    message = models.TextField()

    def __str__(self) -> str:
        return f"{self.level} {self.message}"


class Event(models.Model):
    """Something happened to a task: it came to be, changed its state, or has a new report or log line; or
    tasks were paused or resumed, which is about none of them (pausing.NO_TASK).

    Written in the same transaction as the change. Whoever waits reads the rows above the last one
    it knows; the engine forgets old ones.
    """

    class Kind(models.TextChoices):
        STATE = "state"
        PROGRESS = "progress"
        LOG = "log"
        DELETED = "deleted"
        PAUSE = "pause"

    task_id = models.UUIDField()  # no foreign key: the row outlives the task
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.STATE)
    state = models.CharField(max_length=16, default="")
    time = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.task_id} {self.kind} {self.state}"
