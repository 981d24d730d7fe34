"""What the engine remembers.

Models know what is true of one row. What changes a task's state is in transitions.py, what gives
and takes resources in resources.py, and nowhere else.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from cartwheel.engine.states import FINAL, State
from cartwheel.kit.ids import uuid7

ONLINE_SECONDS = 10  # a worker whose heartbeat is older is missing, and its tasks are settled by others


class Worker(models.Model):
    """A process that runs tasks, one at a time. Its supervisor renews the heartbeats of all its workers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)  # <pid>@<host>
    machine = models.CharField(max_length=128, default="")  # where its pid has a meaning
    pid = models.PositiveIntegerField(default=0)
    supervisor = models.UUIDField(null=True)
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
        """Did it end without saying so?"""
        age = timezone.now() - self.last_heartbeat
        return self.stopped_at is None and age.total_seconds() > ONLINE_SECONDS


class TaskGroup(models.Model):
    """Tasks that belong to one act."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    description = models.TextField(default="")
    all_tasks_dispatched = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.description or str(self.pk)


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, asked for in the ways that have an index of their own.

    The states stand in the SQL as literals: SQLite takes a partial index only for a query in which it
    finds the index's very condition, and a parameter hides it.
    """

    def ready(self) -> TaskQuerySet:
        """Those that lack only a worker."""
        return self.filter(_literally("state = 'waiting' AND unblocked_at IS NOT NULL"))

    def made_by_hand(self) -> TaskQuerySet:
        """Waiting rows that no dispatch prepared: they hold no place in any queue."""
        return self.filter(_literally("state = 'waiting' AND unblocked_at IS NULL AND pending = 0"))

    def under_way(self) -> TaskQuerySet:
        """Those that have begun and not ended."""
        return self.filter(_literally("state IN ('running', 'canceling')"))


def _literally(condition: str) -> RawSQL:
    return RawSQL(f"({condition})", [], output_field=models.BooleanField())  # noqa: S611, written above


class Task(models.Model):
    """One change of the hub: asked for, waiting, under way or done.

    A row made by hand is as good a task as any: no function and no worker need belong to it.
    `claim` counts how often the task was given to a worker. What a worker writes about a task names
    its claim, so a worker that lost the task cannot finish it.
    """

    State = State

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)  # the public name of its function
    title = models.CharField(max_length=500, default="", blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    logging_cid = models.CharField(max_length=255, default="", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    parent_task = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="child_tasks")
    task_group = models.ForeignKey(TaskGroup, null=True, on_delete=models.SET_NULL, related_name="tasks")
    # A task that has done its own part and ends as that child ends. It needs no worker meanwhile.
    ends_with = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="continues")
    worker = models.ForeignKey(
        Worker, null=True, on_delete=models.SET_NULL, related_name="tasks", db_index=False
    )
    claim = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1)
    pending = models.PositiveIntegerField(default=0)  # how many of its resources it does not hold yet
    reserved_resources_record = models.JSONField(null=True, default=None)

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    unblocked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    canceling_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    error = models.JSONField(null=True, default=None)
    result = models.JSONField(null=True, default=None)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            # claim: the oldest task that lacks only a worker
            models.Index(
                fields=["state", "id"],
                name="task_ready",
                condition=Q(state="waiting", unblocked_at__isnull=False),
            ),
            # rows that were put to waiting by hand and hold no place in any queue
            models.Index(
                fields=["state", "pending", "unblocked_at", "created_at"],
                name="task_by_hand",
                condition=Q(state="waiting", unblocked_at__isnull=True, pending=0),
            ),
            # what is under way, for stopping and for settling what lost workers left
            models.Index(
                fields=["worker", "state"],
                name="task_under_way",
                condition=Q(state__in=["running", "canceling"]),
            ),
            # the lists: newest first, alone or by state, name, person
            models.Index(fields=["-created_at", "-id"], name="task_newest"),
            models.Index(fields=["state", "-created_at"], name="task_by_state"),
            models.Index(fields=["name", "-created_at"], name="task_by_name"),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and let everybody who watches know."""
        from cartwheel.engine.events import record

        with transaction.atomic(savepoint=False):
            super().save(*args, **options)
            record([(self.pk, self.state)])

    @property
    def is_final(self) -> bool:
        return self.state in FINAL


class Resource(models.Model):
    """A name that tasks reserve. Its row is what dispatches to the same resource line up on."""

    name = models.CharField(max_length=255, primary_key=True)

    def __str__(self) -> str:
        return self.name


class Reservation(models.Model):
    """A task's place in the queue of one resource: first come, first served, readers share."""

    class Hold(models.IntegerChoices):
        WAITING = 0
        HELD = 1
        RELEASED = 2

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reservations")
    resource = models.CharField(max_length=255)
    exclusive = models.BooleanField()
    hold = models.SmallIntegerField(choices=Hold.choices, default=Hold.WAITING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "resource"], name="reservation_once"),
        ]
        indexes = [
            # who is ahead, who is next
            models.Index(fields=["resource", "id"], name="reservation_queue", condition=~Q(hold=2)),
            # the tasks of a resource, also those that have ended
            models.Index(fields=["resource", "-task"], name="reservation_history"),
        ]

    def __str__(self) -> str:
        return f"{'' if self.exclusive else 'shared:'}{self.resource}"


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
    """Something happened to a task: it came to be, changed its state, or has a new report or log line.

    Written in the same transaction as the change. Whoever waits reads the rows above the last one
    it knows; the engine forgets old ones.
    """

    class Kind(models.TextChoices):
        STATE = "state"
        PROGRESS = "progress"
        LOG = "log"
        DELETED = "deleted"

    task_id = models.UUIDField()  # no foreign key: the row outlives the task
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.STATE)
    state = models.CharField(max_length=16, default="")
    time = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.task_id} {self.kind} {self.state}"
