"""What happened to tasks, in order: for pages, for held requests, for the log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Max

from cartwheel.engine import clock
from cartwheel.engine.models import Event
from cartwheel.engine.prepared import planned
from cartwheel.engine.wakeup import Topic, notify

KEPT = timedelta(hours=1)  # how far back a client that was away can take up the stream

FORGET_ROWS, FORGET_STEPS = 2000, 20  # at a time

AT_ONCE = 500  # events that are read together
LATE = timedelta(seconds=2)  # between writing an event and its commit, as a rule
WINDOW = 10_000  # numbers: as many as a transaction may write that ends after a later one
PATIENCE_SECONDS = 60.0  # a number that has not come by then belongs to what was rolled back

# One statement for any number of events: a worker writes two for each task, and making models of them
# costs more than all the rest.
# The time is the database's: by it they are forgotten, whoever's clock is off. (Values are put in for single %.)
INSERT = f"""
INSERT INTO engine_event (task_id, kind, state, time)
SELECT told.task_id, %s, told.state, {clock.NOW["postgresql"]}
FROM unnest(%s::uuid[], %s::text[]) AS told (task_id, state)
"""  # noqa: S608, nothing of it comes from outside
INSERT_IN_SQLITE = f"""
INSERT INTO engine_event (task_id, kind, state, time)
SELECT json_extract(value, '$[0]'), %s, json_extract(value, '$[1]'), {clock.NOW["sqlite"].replace("%", "%%")}
FROM json_each(%s)
"""  # noqa: S608, nor of this

# Between the first and the last numbers of ranges, however many: as a transaction writes many that follow each other.
LATE_ONES = """
SELECT event.*
FROM unnest(%s::bigint[], %s::bigint[]) AS missing (first, last)
JOIN engine_event AS event ON event.id BETWEEN missing.first AND missing.last
ORDER BY event.id
"""


def recording(change: str) -> str:
    """A statement that makes a change of tasks and records the state that each has then; for PostgreSQL.

    `change` is an UPDATE of engine_task. The count of rows is that of the tasks it has changed.
    """
    return f"""
WITH changed AS ({change} RETURNING engine_task.id, engine_task.state)
INSERT INTO engine_event (task_id, kind, state, time)
SELECT id, '{Event.Kind.STATE}', state, {clock.NOW["postgresql"]} FROM changed
"""  # noqa: S608, what is changed is parameters


def record(changes: Iterable[tuple[UUID, str]], kind: Event.Kind = Event.Kind.STATE) -> None:
    """Note that these tasks are now in these states. Joins the caller's transaction."""
    told = [(task_id, str(state)) for task_id, state in changes]
    if not told:
        return
    with planned() as cursor:
        if connection.vendor == "sqlite":
            rows = json.dumps([(task_id.hex, state) for task_id, state in told])
            cursor.execute(INSERT_IN_SQLITE, [str(kind), rows])
        else:
            task_ids, states = zip(*told, strict=True)
            cursor.execute(INSERT, [str(kind), list(task_ids), list(states)])
    notify(Topic.EVENT)


def newest() -> int:
    """The number of the last event so far, 0 before the first."""
    return Event.objects.aggregate(last=Max("id"))["last"] or 0


def since(number: int, limit: int = AT_ONCE) -> list[Event]:
    """The events after one, oldest first."""
    return list(Event.objects.filter(id__gt=number).order_by("id")[:limit])


def is_known(number: int) -> bool:
    """Is it the number of an event that is still there? Else what came after it may be gone, too."""
    return Event.objects.filter(id=number).exists()


def missed_since(number: int) -> list[Event]:
    """The first of those that a reader can have missed whose last one was that: it may know some of them.

    Those that are late are among them: written shortly before it, and perhaps committed after it.
    """
    last = Event.objects.filter(id=number).first()
    if last is None or connection.vendor == "sqlite":  # which has one writer at a time
        return since(number)
    late = Event.objects.filter(id__gt=number - WINDOW, id__lt=number, time__gt=last.time - LATE)
    return [*late.order_by("id"), *since(number)]


class Follower:
    """Reads each event once, as they come.

    Numbers are given when events are written, not when they are committed: on PostgreSQL a lower one
    may appear after a higher one. So it remembers which numbers it has not seen. Those of one task
    come in order all the same, as its row is locked from one change to the commit.
    """

    def __init__(self) -> None:
        self._last = 0
        self._missing: dict[range, float] = {}  # numbers -> since when (monotonic)

    def begin(self) -> None:
        """Follow from now on: what has been committed by now is not read."""
        self._last, self._missing = newest(), {}
        numbers = range(max(0, self._last - WINDOW) + 1, self._last + 1)
        there = Event.objects.filter(id__gte=numbers.start, id__lte=self._last).order_by("id")
        self._miss(numbers, there.values_list("id", flat=True))

    def read(self) -> list[Event]:
        """What has come since it was last asked, at most AT_ONCE and those that are late."""
        new = since(self._last)  # first: what came before one of them, to the same task, is found after it
        if new:
            self._miss(range(self._last + 1, new[-1].pk), [event.pk for event in new])
            self._last = new[-1].pk
        late = self._late()
        self._give_up()
        return sorted(late + new, key=lambda event: event.pk)

    def _miss(self, numbers: range, there: Iterable[int]) -> None:
        """Remember which of these numbers are not there; those that are come in order."""
        if connection.vendor != "sqlite":  # which has one writer at a time: nothing is late
            self._missing |= dict.fromkeys(_holes(numbers, there), time.monotonic())

    def _late(self) -> list[Event]:
        """Those of the missing that have come."""
        if not self._missing:
            return []
        bounds = [[numbers[0] for numbers in self._missing], [numbers[-1] for numbers in self._missing]]
        late = list(Event.objects.raw(LATE_ONES, bounds))
        self._missing = {
            hole: since
            for numbers, since in self._missing.items()
            for hole in _holes(numbers, (event.pk for event in late if event.pk in numbers))
        }
        return late

    def _give_up(self) -> None:
        limit = time.monotonic() - PATIENCE_SECONDS
        self._missing = {numbers: since for numbers, since in self._missing.items() if since > limit}


def _holes(numbers: range, there: Iterable[int]) -> Iterator[range]:
    """The parts of a range of numbers that lie between those that are there, which come in order."""
    start = numbers.start
    for number in there:
        if start < number:
            yield range(start, number)
        start = number + 1
    if start < numbers.stop:
        yield range(start, numbers.stop)


def forget_old() -> bool:
    """Delete what nobody takes up any more, in small steps, but never the newest event: it keeps the count.

    Does no more than FORGET_STEPS of them. Tells whether there may be more.
    """
    now = clock.now()
    limit, end = now - KEPT, now + KEPT
    by_age = Event.objects.order_by("id").values_list("id", "time")

    def is_old(time: datetime) -> bool:
        return time < limit or time > end  # that late, it was written while the database's clock was wrong

    if not any(is_old(time) for _, time in by_age[:1]):
        return False
    for _ in range(FORGET_STEPS):
        # By the key, not by the time, which has no index: both grow together.
        oldest = list(by_age[: FORGET_ROWS + 1])
        old = [number for number, time in oldest[:-1] if is_old(time)]
        if old:
            Event.objects.filter(id__lte=old[-1]).delete()
        if len(old) < FORGET_ROWS:
            return False
    return True
