"""What supervisors do for the whole hub, each as if it were alone: every act is safe to do twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef
from django.utils import timezone

from cartwheel.engine import claims, clock, schedules
from cartwheel.engine.models import MISSING, RECENTLY, Pause, Task, Worker
from cartwheel.kit.ids import is_uuid
from cartwheel.kit.processes import is_surely_dead, kill_child, machine_id

DEATH_SECONDS = 1.0  # after SIGKILL, for all together; who lives on waits for a disk, and is looked at again
WORKERS_KEPT = timedelta(days=1)  # after their end, while tasks may still name them


# Asked every second on every host, also when nothing happens: one statement, and nothing to compile.
DUE = """
SELECT EXISTS (SELECT 1 FROM engine_task WHERE state = 'waiting' AND not_before IS NOT NULL AND not_before <= {now}),
       EXISTS (SELECT 1 FROM engine_schedule WHERE is_enabled AND next_dispatch <= {now})
"""


def every_second() -> None:
    """Start what is due."""
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(now=clock.NOW[connection.vendor]))
        is_task_due, is_schedule_due = cursor.fetchone()
    if is_task_due:
        claims.bring_scheduled()
    if is_schedule_due:
        schedules.fire_due()


def dead_workers(
    but: Collection[UUID], *, may_judge_silence: Callable[[Worker], bool] = lambda worker: True
) -> list[UUID]:
    """Workers that are gone, but for these: dead on this machine, silent for too long, or ended in order
    and yet with tasks under way.

    Time is the database's: the clocks of hosts may differ. Whether silence means anything is for whoever asks
    to say, once for each worker: it depends on whether they could have been heard all the time.
    """
    others = Worker.objects.filter(stopped_at=None).exclude(pk__in=list(but))
    alive = others.annotate(is_silent=ExpressionWrapper(MISSING, output_field=BooleanField()))
    gone = [
        each.pk
        for each in alive
        if (may_judge_silence(each) and each.__dict__["is_silent"]) or _is_dead(each)
    ]
    ended = Worker.objects.filter(stopped_at__lt=RECENTLY).order_by()
    left = Task.objects.under_way().filter(worker__in=ended).exclude(worker__in=list(but))
    return gone + [pk for pk in set(left.values_list("worker", flat=True)) if pk]


def at_rest(worker_ids: Collection[UUID]) -> list[UUID]:
    """Those of these workers that certainly do nothing any more on this machine.

    One whose supervisor is stopped or hangs may be at its task still: it is killed first, as its task is given
    to another. On other machines nobody can be killed: they do so themselves when they are heard again.
    """
    here = machine_id()
    until = time.monotonic() + DEATH_SECONDS
    return [
        each.pk
        for each in Worker.objects.filter(pk__in=list(worker_ids))
        if not here
        or each.machine != here
        or not each.supervisor_pid
        or kill_child(each.pid, each.supervisor_pid, max(0.0, until - time.monotonic()))
    ]


def _is_dead(worker: Worker) -> bool:
    # A supervisor that lives settles its own children, and knows better how they ended.
    pids = [worker.pid, *filter(None, [worker.supervisor_pid])]
    return all(is_surely_dead(pid, worker.machine) for pid in pids)


def forget_old_workers() -> None:
    """Delete the rows of workers that ended long ago and have no task, and the pauses that were for them."""
    under_way = Task.objects.under_way().filter(worker=OuterRef("pk"))
    old = Worker.objects.filter(stopped_at__lt=timezone.now() - WORKERS_KEPT)
    old.exclude(Exists(under_way)).delete()
    paused = dict(Pause.objects.filter(scope=Pause.Scope.WORKER).values_list("target", "pk"))
    left = Worker.objects.filter(pk__in=list(filter(is_uuid, paused))).values_list("pk", flat=True)
    for pk in left:
        del paused[str(pk)]
    Pause.objects.filter(pk__in=paused.values()).delete()
