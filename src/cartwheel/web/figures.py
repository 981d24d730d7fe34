"""How many tasks ended when, how long they waited and ran: what charts are made of.

Read with one statement and kept for a few seconds: fifty open pages ask for the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, F, FloatField, Func, IntegerField, Max, QuerySet

from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.registry.models import User
from cartwheel.registry.task_rights import sees_all, visible

KEPT_SECONDS = 10
COUNTED = 100_000  # tasks that ended last; what ended before is not in the figures
WAITING_COUNTED = 10_000


class Slot(Func):
    """In which stretch of so many seconds since 1970 a time lies."""

    output_field = IntegerField()
    arity = 1

    def __init__(self, moment: str, *, seconds: int) -> None:
        super().__init__(F(moment), seconds=int(seconds))

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> Any:
        template = "CAST((julianday(%(expressions)s) - 2440587.5) * 86400.0 / %(seconds)s AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **options)

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> Any:
        template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / %(seconds)s) AS BIGINT)"
        return super().as_sql(compiler, connection, template=template, **options)


class SecondsBetween(Func):
    """From one time to another."""

    output_field = FloatField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> Any:
        template = "((%(expressions)s) * 86400.0)"
        days = self.copy()
        days.set_source_expressions(
            [Func(each, function="julianday") for each in self.get_source_expressions()[::-1]]
        )
        return super(SecondsBetween, days).as_sql(
            compiler, connection, template=template, arg_joiner=" - ", **options
        )

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> Any:
        turned = self.copy()
        turned.set_source_expressions(self.get_source_expressions()[::-1])
        return super(SecondsBetween, turned).as_sql(
            compiler,
            connection,
            template="EXTRACT(EPOCH FROM (%(expressions)s))",
            arg_joiner=" - ",
            **options,
        )


@dataclass
class Stretch:
    """What ended in a stretch of time, by state, and how long those tasks had waited, in seconds."""

    begin: datetime
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    waited: float | None = None
    waited_most: float | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def completed(self) -> int:
        return self.counts.get(State.COMPLETED, 0)

    @property
    def failed(self) -> int:
        return self.counts.get(State.FAILED, 0)

    @property
    def others(self) -> int:
        return self.total - self.completed - self.failed


def ended(now: datetime, *, slots: int, seconds: int, user: User) -> list[Stretch]:
    """What ended in the last `slots` stretches of `seconds` each, as far as the user may know, the oldest first."""
    last = int(now.timestamp()) // seconds
    key = f"ended-{last}-{slots}-{seconds}-{'' if sees_all(user) else user.pk}"
    found: list[Stretch] | None = cache.get(key)
    if found is None:
        found = _read(visible(user), range(last - slots + 1, last + 1), seconds)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _read(tasks: QuerySet[Task], numbers: range, seconds: int) -> list[Stretch]:
    begin = datetime.fromtimestamp(numbers[0] * seconds, UTC)
    newest = tasks.filter(finished_at__gte=begin).order_by("-finished_at").values("pk")[:COUNTED]
    found = {number: Stretch(datetime.fromtimestamp(number * seconds, UTC)) for number in numbers}
    rows = (
        Task.objects.filter(pk__in=newest)
        .annotate(slot=Slot("finished_at", seconds=seconds), took=SecondsBetween("created_at", "started_at"))
        .values_list("slot", "state")
        .annotate(Count("pk"), Avg("took"), Max("took"))
        .order_by()
    )
    for slot, state, count, waited, most in rows:
        if slot in found:
            _add(found[slot], state, count, waited, most)
    return list(found.values())


def _add(stretch: Stretch, state: str, count: int, waited: float | None, most: float | None) -> None:
    if waited is not None:
        waited = max(waited, 0.0)  # the clocks of two hosts differ
        before = stretch.total
        mean = stretch.waited or 0.0
        stretch.waited = (mean * before + waited * count) / (before + count)
        stretch.waited_most = max(stretch.waited_most or 0.0, most or 0.0)
    stretch.counts[state] += count


@dataclass(frozen=True)
class Causes:
    """How many tasks wait for what."""

    resources: int
    worker: int
    time: int

    @property
    def total(self) -> int:
        return self.resources + self.worker + self.time


def causes(user: User) -> Causes:
    """Of the tasks that the user may know of, counted up to WAITING_COUNTED each. Three statements."""
    known = None if sees_all(user) else visible(user).values("pk")

    def number(tasks: QuerySet[Task]) -> int:
        return (tasks if known is None else tasks.filter(pk__in=known))[:WAITING_COUNTED].count()

    waiting = number(Task.objects.filter(state=State.WAITING))
    ready, scheduled = number(Task.objects.ready()), number(Task.objects.scheduled())
    return Causes(max(waiting - ready - scheduled, 0), ready, scheduled)


def summed(stretches: Iterable[Stretch]) -> Stretch:
    """All of them as one."""
    all_ = list(stretches)
    whole = Stretch(all_[0].begin)
    for each in all_:
        for state, count in each.counts.items():
            whole.counts[state] += count
    return whole
