"""Who runs tasks: hosts, their workers, and what each is at."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from cartwheel.engine.models import MISSING, ONLINE_SECONDS, Pause, Task, Worker
from cartwheel.kit.processes import machine_id
from cartwheel.web import moments

SHOWN = 500  # workers
# Silent for too long, and found so in the last hour.
SETTLED = Q(stopped_at__gte=Now() - timedelta(hours=1)) & Q(
    stopped_at__gt=F("last_heartbeat") + timedelta(seconds=ONLINE_SECONDS)
)
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Hand:
    """A worker and its task."""

    worker: Worker
    is_missing: bool
    task: Task | None
    pause: Pause | None
    memory_mb: int | None  # known of those on this machine
    now: datetime

    @property
    def state(self) -> str:
        if self.is_missing:
            return "missing"
        if self.task:
            return "busy"
        return "paused" if self.pause else "idle"

    @property
    def heartbeat(self) -> str:
        return moments.ago(self.worker.last_heartbeat, self.now)

    @property
    def heartbeat_stamp(self) -> str:
        return moments.stamp(self.worker.last_heartbeat)

    @property
    def heartbeat_exact(self) -> str:
        return moments.exact(self.worker.last_heartbeat)

    @property
    def since(self) -> str:
        return moments.stamp(self.task.started_at) if self.task and self.task.started_at else ""

    @property
    def lasts(self) -> str:
        if not self.task or not self.task.started_at:
            return ""
        return moments.running_for((self.now - self.task.started_at).total_seconds())


@dataclass(frozen=True)
class Host:
    name: str
    hands: tuple[Hand, ...]

    @property
    def busy(self) -> int:
        return sum(each.state == "busy" for each in self.hands)

    @property
    def missing(self) -> int:
        return sum(each.state == "missing" for each in self.hands)


@dataclass(frozen=True)
class Crew:
    """All that the page of workers shows."""

    hosts: list[Host]
    pauses: list[tuple[Pause, str]]  # what is held back, and what to call it


def read_crew(now: datetime) -> Crew:
    """Three statements, or four where workers have pauses of their own: each open page asks for it all the time."""
    pauses = list(Pause.objects.select_related("created_by").order_by("-scope", "id"))
    alone = {each.target: each for each in pauses if each.scope == Pause.Scope.WORKER}
    names = {str(each.pk): each.name for each in Worker.objects.filter(pk__in=list(alone))}
    return Crew(_hosts(now, alone), [(each, names.get(each.target, each.target)) for each in pauses])


def _hosts(now: datetime, pauses: Mapping[str, Pause]) -> list[Host]:
    """All workers that have not ended in order, by host; `pauses` by worker.

    When other hosts have settled what a silent one had, nothing waits for it any more; but whoever looks
    after the workers wants to know, until it is back or an hour has passed.
    """
    rows = Worker.objects.filter(Q(stopped_at=None) | SETTLED).order_by("name", "id")
    workers = list(rows.annotate(is_lost=ExpressionWrapper(MISSING, output_field=BooleanField()))[:SHOWN])
    tasks = Task.objects.under_way().filter(worker__in=workers).defer("args", "kwargs")
    at_work = {task.worker_id: task for task in tasks}
    here = machine_id()
    by_host: dict[str, list[Hand]] = defaultdict(list)
    for worker in workers:
        is_missing = worker.__dict__["is_lost"] or worker.stopped_at is not None
        memory = _memory_mb(worker.pid) if worker.machine == here and not is_missing else None
        task, pause = at_work.get(worker.pk), pauses.get(str(worker.pk))
        hand = Hand(worker, is_missing, task, pause, memory, now)
        by_host[worker.name.partition("@")[2]].append(hand)
    return [Host(name, tuple(_told(hands))) for name, hands in sorted(by_host.items())]


def _told(hands: list[Hand]) -> list[Hand]:
    """Without those from before, if the host is back."""
    is_back = not all(each.is_missing for each in hands)
    return [each for each in hands if not (is_back and each.worker.stopped_at)]


def _memory_mb(pid: int) -> int | None:
    """What a process has in memory."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * PAGE_BYTES // 2**20
