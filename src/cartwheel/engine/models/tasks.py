"""Tasks and their groups."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cartwheel.engine.models.literally import literally
from cartwheel.engine.models.workers import Worker
from cartwheel.engine.prepared import Insert
from cartwheel.engine.states import FINAL, State
from cartwheel.kit.ids import uuid7


class TaskGroup(models.Model):
    """Tasks that belong to one act."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    description = models.TextField(default="")
    all_tasks_dispatched = models.BooleanField(default=False)
    # Those too that its tasks still add until they hear of it.
    is_stopped = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.description or str(self.pk)


class Priority(models.IntegerChoices):
    """Who goes first when workers are few. Waiting makes up for it: see rules.py."""

    LOW = -1
    NORMAL = 0
    HIGH = 1


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, asked for in the ways that have an index of their own."""

    def ready(self) -> TaskQuerySet:
        """Those that lack only a worker."""
        return self.filter(literally("state = 'waiting' AND unblocked_at IS NOT NULL AND not_before IS NULL"))

    def made_by_hand(self) -> TaskQuerySet:
        """Waiting rows that no dispatch prepared: they hold no place in any queue."""
        return self.filter(
            literally("state = 'waiting' AND unblocked_at IS NULL AND pending = 0 AND not_before IS NULL")
        )

    def scheduled(self) -> TaskQuerySet:
        """Those that wait for their time."""
        return self.filter(literally("state = 'waiting' AND not_before IS NOT NULL"))

    def incomplete(self) -> TaskQuerySet:
        """Those that have not ended."""
        # Not by the states that it has: SQLite would look them up in an index of all tasks.
        return self.filter(literally("NOT (state IN ('completed', 'failed', 'canceled', 'skipped'))"))

    def under_way(self) -> TaskQuerySet:
        """Those that have begun and not ended."""
        return self.filter(literally("state IN ('running', 'canceling')"))


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
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    # Among tasks that lack only a worker, the smallest goes first: when it was made, shifted by its priority.
    rank = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(null=True)  # no worker gets it until then
    logging_cid = models.CharField(max_length=255, default="", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    # Most tasks have none of these: their indexes, below, hold those that do. Full of nulls they cost each
    # insert, and SQLite, once it has counted them, reads the table rather than such an index.
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    parent_task = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="child_tasks", db_index=False
    )
    task_group = models.ForeignKey(
        TaskGroup, null=True, on_delete=models.SET_NULL, related_name="tasks", db_index=False
    )
    root = models.UUIDField(null=True)  # the first of its ancestors, or itself
    again_of = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="repeats", db_index=False
    )
    # A task that has done its own part and ends as that child ends. It needs no worker meanwhile.
    ends_with = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="continues", db_index=False
    )
    # No constraint: workers are forgotten long before tasks, and looking for the tasks that name one would
    # read the whole table.
    worker = models.ForeignKey(
        Worker,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="tasks",
        db_index=False,
        db_constraint=False,
    )
    claim = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1)
    coalesce_key = models.CharField(
        max_length=64, default="", blank=True
    )  # waiting twins share it, so one is enough
    # It is asked to stop together with its children: those too that it makes until it hears of it.
    is_stopped_with_children = models.BooleanField(default=False, db_default=False)
    is_kept = models.BooleanField(default=False)  # something else still needs it: retention passes it over
    pending = models.PositiveIntegerField(default=0)  # how many of its resources it does not hold yet
    reserved_resources_record = models.JSONField(null=True, default=None)

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    # Since when it stands in line, if not since it was made: it was for later, or is tried again.
    lined_up_at = models.DateTimeField(null=True)
    unblocked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    canceling_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    error = models.JSONField(null=True, default=None)
    result = models.JSONField(null=True, default=None)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            # claim: the first task that lacks only a worker; with its name, so that SQLite passes over those of
            # paused functions without reading their rows
            models.Index(
                fields=["state", "rank", "id", "name"],
                name="task_ready",
                condition=Q(state="waiting", unblocked_at__isnull=False, not_before__isnull=True),
            ),
            # whose time has come?
            models.Index(
                fields=["state", "not_before"],
                name="task_scheduled",
                condition=Q(state="waiting", not_before__isnull=False),
            ),
            # rows that were put to waiting by hand and hold no place in any queue
            models.Index(
                fields=["state", "pending", "unblocked_at", "created_at"],
                name="task_by_hand",
                condition=Q(state="waiting", unblocked_at__isnull=True, pending=0, not_before__isnull=True),
            ),
            # what is under way, for stopping and for settling what lost workers left
            models.Index(
                fields=["worker", "state"],
                name="task_under_way",
                condition=Q(state__in=["running", "canceling"]),
            ),
            # is anything left from before?
            models.Index(
                fields=["root"],
                name="task_incomplete",
                condition=~Q(state__in=["completed", "failed", "canceled", "skipped"]),
            ),
            # what hangs together
            *(
                models.Index(fields=[field], name=f"task_{name}", condition=Q(**{f"{field}__isnull": False}))
                for name, field in {
                    "children": "parent_task",
                    "of_group": "task_group",
                    "repeats": "again_of",
                    "continues": "ends_with",
                    "stopped_by": "stopped_by",
                }.items()
            ),
            # the lists: newest first, alone or by state and name; by when they were unblocked, started, ended, and
            # were changed last; by the request
            models.Index(fields=["-created_at", "-id"], name="task_newest"),
            models.Index(fields=["state", "-created_at"], name="task_by_state"),
            models.Index(fields=["name", "-created_at"], name="task_by_name"),
            models.Index(fields=["started_at", "created_at"], name="task_started"),
            models.Index(fields=["finished_at", "created_at"], name="task_ended"),  # and retention
            models.Index(fields=["updated_at", "created_at"], name="task_updated"),
            models.Index(fields=["unblocked_at", "created_at"], name="task_unblocked"),
            models.Index(fields=["logging_cid"], name="task_of_request"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["coalesce_key"],
                name="task_coalesced",
                condition=Q(state="waiting") & ~Q(coalesce_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and let everybody who watches know."""
        from cartwheel.engine.events import record

        with transaction.atomic(savepoint=False):
            if options == {"force_insert": True} and not args:
                _insert(self)  # the same, for a third of the price
            else:
                super().save(*args, **options)
            record([(self.pk, self.state)])

    @property
    def is_final(self) -> bool:
        return self.state in FINAL


_insert = Insert(Task)
