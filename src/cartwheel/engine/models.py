"""What the engine remembers.

Models know what is true of one row. What changes a task's state is in claims.py, endings.py
and stopping.py, what gives and takes resources in resources.py, and nowhere else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

from cartwheel.engine.prepared import Insert
from cartwheel.engine.states import FINAL, State
from cartwheel.kit.ids import uuid7

ONLINE_SECONDS = 10  # a worker whose heartbeat is older is missing, and its tasks are settled by others
# Of workers, by the clock that all hosts share: is it there, did it end without saying so?
RECENTLY = Now() - timedelta(seconds=ONLINE_SECONDS)
ONLINE = Q(stopped_at=None, last_heartbeat__gte=RECENTLY)
MISSING = Q(stopped_at=None, last_heartbeat__lt=RECENTLY)


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
        return self.stopped_at is None and age.total_seconds() > ONLINE_SECONDS


class TaskGroup(models.Model):
    """Tasks that belong to one act."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    description = models.TextField(default="")
    all_tasks_dispatched = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.description or str(self.pk)


class Priority(models.IntegerChoices):
    """Who goes first when workers are few. Waiting makes up for it: see rules.py."""

    LOW = -1
    NORMAL = 0
    HIGH = 1


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, asked for in the ways that have an index of their own.

    The states stand in the SQL as literals: SQLite takes a partial index only for a query in which it
    finds the index's very condition, and a parameter hides it.
    """

    def ready(self) -> TaskQuerySet:
        """Those that lack only a worker."""
        return self.filter(
            _literally("state = 'waiting' AND unblocked_at IS NOT NULL AND not_before IS NULL")
        )

    def made_by_hand(self) -> TaskQuerySet:
        """Waiting rows that no dispatch prepared: they hold no place in any queue."""
        return self.filter(
            _literally("state = 'waiting' AND unblocked_at IS NULL AND pending = 0 AND not_before IS NULL")
        )

    def scheduled(self) -> TaskQuerySet:
        """Those that wait for their time."""
        return self.filter(_literally("state = 'waiting' AND not_before IS NOT NULL"))

    def incomplete(self) -> TaskQuerySet:
        """Those that have not ended."""
        # Not by the states that it has: SQLite would look them up in an index of all tasks.
        return self.filter(_literally("NOT (state IN ('completed', 'failed', 'canceled', 'skipped'))"))

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
    is_kept = models.BooleanField(default=False)  # something else still needs it: retention passes it over
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
            # claim: the first task that lacks only a worker
            models.Index(
                fields=["state", "rank", "id"],
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
            # the lists: newest first, alone or by state and name; by when they started and ended; by the request
            models.Index(fields=["-created_at", "-id"], name="task_newest"),
            models.Index(fields=["state", "-created_at"], name="task_by_state"),
            models.Index(fields=["name", "-created_at"], name="task_by_name"),
            models.Index(fields=["started_at", "created_at"], name="task_started"),
            models.Index(fields=["finished_at", "created_at"], name="task_ended"),  # and retention
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


class Resource(models.Model):
    """A name that tasks reserve. Its row is what dispatches to the same resource line up on."""

    name = models.CharField(max_length=255, primary_key=True)

    def __str__(self) -> str:
        return self.name


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def active(self) -> ReservationQuerySet:
        """Those whose task has not ended; literally, as SQLite's partial indexes want it."""
        return self.filter(_literally("hold < 2"))

    def alone(self) -> ReservationQuerySet:
        """Those of them that have a resource for themselves, or want it so."""
        return self.filter(_literally("hold < 2"), _literally("exclusive"))

    def named(self, resource: str) -> ReservationQuerySet:
        """Those of a resource that the code knows; literally, since PostgreSQL keeps plans.

        A plan for any resource is made for one that many want: it may read the whole table to find none.
        """
        return self.filter(_literally(f"resource = '{resource}'"))


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

    objects = ReservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "resource"], name="reservation_once"),
        ]
        indexes = [
            # who is ahead, who is next; and who of those wants it alone
            models.Index(fields=["resource", "id"], name="reservation_queue", condition=Q(hold__lt=2)),
            models.Index(
                fields=["resource", "id"], name="reservation_alone", condition=Q(hold__lt=2, exclusive=True)
            ),
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
