"""Forgetting tasks that ended long ago, in small steps that never hold up others."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cartwheel.engine import rules
from cartwheel.engine.context import current_task
from cartwheel.engine.functions import Call, Options, task
from cartwheel.engine.models import LogLine, Priority, Task, TaskGroup, TaskQuerySet
from cartwheel.engine.progress import progress
from cartwheel.engine.states import FINAL, State

BATCH = 500  # tasks deleted in one transaction
FEWEST = 50  # where others wait for its end: to delete one costs hardly less
LINES = 5000  # of their logs that may go with them
COMPLETED_KEPT = timedelta(days=30)
OTHERS_KEPT = timedelta(days=90)


@task(
    "pulpcore.app.tasks.purge.purge",
    title="Forget old tasks",
    options=Options(repeatable=True, priority=Priority.LOW),
)
def purge(finished_before: str, states: list[str], owner: int | None = None) -> None:
    """Delete tasks in these final states that ended before that time; of one person only, if one is named."""
    before = parse_datetime(finished_before)
    assert before is not None  # noqa: S101, whoever dispatches has parsed it
    _forget(before, states, owner)


@task(
    "cartwheel.engine.retention.retire",
    title="Forget tasks that have outlived their use",
    options=Options(repeatable=True, coalesces=True, priority=Priority.LOW),
)
def retire() -> None:
    """What a schedule does every night: completed tasks are kept for 30 days, others for 90, groups while they have any."""
    now = timezone.now()
    _forget(now - COMPLETED_KEPT, [State.COMPLETED], None)
    _forget(now - OTHERS_KEPT, [state for state in FINAL if state != State.COMPLETED], None)
    empty = TaskGroup.objects.filter(created_at__lt=now - OTHERS_KEPT, tasks=None).values_list(
        "pk", flat=True
    )
    while some := list(empty[:BATCH]):
        TaskGroup.objects.filter(pk__in=some).delete()


def _forget(before: datetime, states: Iterable[str], owner: int | None) -> None:
    found = _ended(before, states)
    if owner is not None:
        found = found.filter(created_by=owner)
    me = current_task()
    if me is not None:
        found = found.exclude(pk=me.pk)
    total = found.count()
    with (
        progress("Purged task-related-objects total", code="purge.tasks.total", total=total) as all_rows,
        progress(
            "Purged task-objects of type core.Task", code="purge.tasks.key.core.Task", total=total
        ) as tasks,
        progress("Tasks failed to purge", code="purge.tasks.error", total=0),
    ):
        since, size = datetime.min.replace(tzinfo=UTC), BATCH if _has_many_writers() else FEWEST
        # From where the last step ended: else each would pass over all that stays.
        while batch := list(_first(found.filter(finished_at__gte=since), size)):
            ids = [pk for pk, _ in batch]
            _forget_logs(ids)
            began = time.monotonic()
            with transaction.atomic():
                Task.objects.filter(pk__in=ids).delete()
            if not _has_many_writers():
                took = time.monotonic() - began
                time.sleep(took)  # for those who wait to write, and look only now and then whether they may
                size = min(BATCH, max(FEWEST, rules.step(size, took)))
            since = batch[-1][1]
            all_rows.increase(len(batch))
            tasks.increase(len(batch))


def _has_many_writers() -> bool:
    return connection.vendor != "sqlite"


def _ended(before: datetime, states: Iterable[str]) -> TaskQuerySet:
    """The tasks in these states that may go."""
    # By the states that are not wanted: for the others SQLite would read all tasks in them, and sort them, each time.
    others = set(State).difference(map(State, states))
    return Task.objects.filter(finished_at__lt=before, is_kept=False).exclude(state__in=sorted(others))


def _first(tasks: TaskQuerySet, count: int) -> QuerySet[Task, Any]:
    return tasks.order_by("finished_at").values_list("pk", "finished_at")[:count]


def _forget_logs(task_ids: list[UUID]) -> None:
    """These tasks may have five million lines, which in one transaction would hold up everybody."""
    if LogLine.objects.filter(task__in=task_ids).count() > LINES:
        for each in task_ids:
            LogLine.objects.filter(task=each).delete()


def start_purge(
    finished_before: datetime, states: Iterable[str], *, call: Call, owner: int | None = None
) -> Task:
    """Dispatch a purge."""
    return purge.dispatch(finished_before.isoformat(), sorted(states), owner, call=call)
