"""What supervisors do for the whole hub, each as if it were alone: every act is safe to do twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from cartwheel.engine import claims, schedules
from cartwheel.engine.models import ONLINE_SECONDS, Task, Worker
from cartwheel.kit.processes import is_alive, machine_id

WORKERS_KEPT = timedelta(days=1)  # after their end, while tasks may still name them


def every_second() -> None:
    """Start what is due."""
    claims.bring_scheduled()
    schedules.fire_due()


def dead_workers(but_of: UUID) -> list[UUID]:
    """Workers of other supervisors that are gone: dead on this machine, or silent for too long elsewhere."""
    others = Worker.objects.filter(stopped_at=None).exclude(supervisor=but_of)
    now, here = timezone.now(), machine_id()
    return [
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
