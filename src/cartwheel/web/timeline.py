"""Where a task's time went: waiting for its time, for resources, waiting for a worker, running, stopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.web import moments

WIDTH = 1000  # the whole line
NARROWEST = 6  # so that a short phase is still seen

WORDS = {  # while it lasts, and afterwards
    "time": (_("Waiting for its time"), _("Waited for its time")),
    "attempts": (_("Waiting for the next attempt"), _("Earlier attempts")),
    "resources": (_("Waiting for resources"), _("Waited for resources")),
    "worker": (_("Waiting for a worker"), _("Waited for a worker")),
    "run": (_("Running"), _("Ran")),
    "stop": (_("Stopping"), _("Stopping took")),
}


@dataclass(frozen=True)
class Phase:
    """A stretch of the line, from `x` on; `since` is there while it lasts."""

    kind: str
    seconds: float
    since: str
    x: int = 0
    width: int = 0

    @property
    def label(self) -> str:
        return str(WORDS[self.kind][0 if self.since else 1])

    @property
    def lasted(self) -> str:
        return moments.running_for(self.seconds) if self.since else moments.lasted(self.seconds)


def phases(task: Task, now: datetime) -> list[Phase]:
    """The phases that a task has been through, the last of which may still last."""
    begins = list(_begins(task))
    end = task.finished_at or (begins[-1][1] if task.is_final else now)
    spans = pairwise([*begins, ("", end)])
    found = [
        (kind, begin, max((until - begin).total_seconds(), 0)) for (kind, begin), (_kind, until) in spans
    ]
    last = None if task.is_final else found[-1][0]
    return _laid_out(
        [Phase(kind, seconds, moments.stamp(begin) if kind == last else "") for kind, begin, seconds in found]
    )


def _begins(task: Task) -> Iterator[tuple[str, datetime]]:
    """When each phase began. Rows made by hand lack some of the times."""
    is_under_way = task.state in (State.RUNNING, State.CANCELING)
    started = task.started_at or (task.created_at if is_under_way else None)
    if task.lined_up_at or task.not_before:
        yield "attempts" if task.attempt > 1 else "time", task.created_at
        if task.lined_up_at:
            yield "resources", task.lined_up_at
    elif started != task.created_at:
        yield "resources", task.created_at
    if task.unblocked_at:
        yield "worker", task.unblocked_at
    if started:
        yield "run", started
        if task.canceling_at:
            yield "stop", task.canceling_at


def _laid_out(found: list[Phase]) -> list[Phase]:
    """Give each phase its share of the line."""
    total = sum(each.seconds for each in found)
    laid, x = [], 0
    for each in found:
        share = round(WIDTH * each.seconds / total) if total else 0
        width = max(share, NARROWEST) if each.seconds else 0
        laid.append(replace(each, x=x, width=width))
        x += width
    return laid
