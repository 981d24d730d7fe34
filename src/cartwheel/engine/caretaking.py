"""What supervisors do for the whole hub, each as if it were alone: every act is safe to do twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cartwheel.engine import claims, schedules
from cartwheel.engine.models import ONLINE_SECONDS, Task, Worker
from cartwheel.kit.processes import is_alive, machine_id

WORKERS_KEPT = timedelta(days=1)  # after their end, while tasks may still name them


# Asked every second on every host, also when nothing happens: one statement, and nothing to compile.
DUE = """
SELECT EXISTS (SELECT 1 FROM engine_task WHERE state = 'waiting' AND not_before IS NOT NULL AND not_before <= %s),
       EXISTS (SELECT 1 FROM engine_schedule WHERE is_enabled AND next_dispatch <= %s)
"""


def every_second() -> None:
    """Start what is due."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(DUE, [now, now])
        is_task_due, is_schedule_due = cursor.fetchone()
    if is_task_due:
        claims.bring_scheduled()
    if is_schedule_due:
        schedules.fire_due()


def dead_workers(but_of: UUID) -> list[UUID]:
    """Workers of other supervisors that are gone: dead on this machine, or silent for too long elsewhere.

    And those whose end was noticed long ago, but whoever noticed it did not live to end their tasks.
    """
    others = Worker.objects.filter(stopped_at=None).exclude(supervisor=but_of)
    now, here = timezone.now(), machine_id()
    under_way = Task.objects.under_way().filter(worker=OuterRef("pk"))
    left_behind = Worker.objects.filter(stopped_at__lt=now - timedelta(seconds=ONLINE_SECONDS))
    return [
        *left_behind.filter(Exists(under_way)).values_list("pk", flat=True),
    ] + [
        each.pk
        for each in others
        if (here and each.machine == here and not is_alive(each.pid))
        or (now - each.last_heartbeat).total_seconds() > ONLINE_SECONDS
    ]


def forget_old_workers() -> None:
    """Delete the rows of workers that ended long ago and have no task."""
    under_way = Task.objects.under_way().filter(worker=OuterRef("pk"))
    old = Worker.objects.filter(stopped_at__lt=timezone.now() - WORKERS_KEPT)
    old.exclude(Exists(under_way)).delete()
