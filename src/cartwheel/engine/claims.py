"""How workers get tasks. A claim is a number: what a worker writes about a task names its claim, so
that a worker which has lost a task cannot finish it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateTimeField, QuerySet
from django.utils import timezone

from cartwheel.engine import clock, gate, holding, resources
from cartwheel.engine.dispatch import line_up, split
from cartwheel.engine.events import record, recording
from cartwheel.engine.holding import Brakes
from cartwheel.engine.models import Task, TaskQuerySet
from cartwheel.engine.prepared import Query, Row, as_table, planned
from cartwheel.engine.states import State
from cartwheel.engine.wakeup import Topic, notify

COLUMNS = (
    "id",
    "claim",
    "name",
    "args",
    "kwargs",
    "attempt",
    "root",
    "logging_cid",
    "created_by_id",
    "task_group_id",
    "parent_task_id",
    "created_at",
    "lined_up_at",
    "unblocked_at",
)


# A worker that was taken for dead gets none, even if its supervisor has slept and does not know it yet.
_TAKE = """
UPDATE engine_task
SET state = 'running', worker_id = told.worker, claim = claim + 1, started_at = %s, updated_at = %s, coalesce_key = ''
FROM ({told}) AS told
WHERE engine_task.id = told.task AND {state} = 'waiting'
AND EXISTS (SELECT 1 FROM engine_worker WHERE engine_worker.id = told.worker AND engine_worker.stopped_at IS NULL)
"""
TAKE = {
    # The plus: found by the key, not by the state; see prepared.Still.
    "sqlite": _TAKE.format(
        told="SELECT json_extract(value, '$[0]') AS task, json_extract(value, '$[1]') AS worker FROM json_each(%s)",
        state="+engine_task.state",
    ),
    "postgresql": recording(
        _TAKE.format(
            told="SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS given (task, worker)",
            state="engine_task.state",
        )
    ),
}
_TIME = DateTimeField()
_any_ready = Query(lambda: Task.objects.ready().order_by("rank", "id").values("id")[:1])


@dataclass(frozen=True)
class Claimed:
    """A task as it is handed to a worker.

    `work` is what the worker does with it: run it, or undo what a worker that is gone had half done;
    then `error` is what the task ends with.
    """

    task_id: UUID
    claim: int
    worker_id: UUID
    name: str
    args: list[Any]
    kwargs: dict[str, Any]
    attempt: int = 1
    root: UUID | None = None
    logging_cid: str = ""
    created_by: int | None = None
    task_group: UUID | None = None
    has_parent: bool = True
    waited_for_lock: float = 0  # seconds
    waited_for_worker: float = 0
    work: Literal["run", "clean_up"] = "run"
    error: dict[str, Any] | None = field(default=None, repr=False)


def claim(rooms: Mapping[UUID, int]) -> list[Claimed]:
    """Give each of these workers up to so many tasks, as far as there are tasks that lack only one.

    The worker's tasks come in the order in which they shall run. Costs the same however many tasks
    wait for resources.
    """
    with transaction.atomic(savepoint=False):
        brakes = holding.look()
        open_rooms = {worker: room for worker, room in rooms.items() if str(worker) not in brakes.workers}
        if brakes.is_everything or not any(open_rooms.values()):
            return []
        rows = list(_ready(sum(open_rooms.values()), brakes))
        claimed = _deal(rows, open_rooms)
        return _taken(claimed) if claimed else []


def _ready(count: int, brakes: Brakes) -> Iterable[dict[str, Any]]:
    """The tasks that may start now, in the order in which they shall."""
    through = gate.let_through(brakes.gate) if brakes.gate else None
    if through is None and not brakes.functions:
        return _first_ready(count)()
    tasks = _past(through)
    return _taken_alone(tasks.exclude(name__in=brakes.functions) if brakes.functions else tasks, count)


@cache
def _first_ready(count: int) -> Query:
    """What may start where nothing is held back: as good as always."""
    return Query(lambda: _taken_alone(_past(None), count))


def _taken_alone(tasks: TaskQuerySet, count: int) -> QuerySet[Task, Row]:
    if connection.features.has_select_for_update_skip_locked:
        # Supervisors ask at the same moment: skipping locked rows gives each its own tasks.
        tasks = tasks.select_for_update(skip_locked=True)
    rows: QuerySet[Task, Row] = tasks.values(*COLUMNS)[:count]
    return rows


def _past(through: gate.Gate | None) -> TaskQuerySet:
    tasks = Task.objects.ready().order_by("rank", "id")
    if through is not None:
        return tasks.filter(gate.may_pass(through))
    # SQLite has one writer at a time; elsewhere a gate may have come since it was looked for.
    return tasks if connection.vendor == "sqlite" else tasks.filter(gate.no_gate())


def _deal(rows: list[dict[str, Any]], rooms: Mapping[UUID, int]) -> list[Claimed]:
    """Give the tasks out one round after the other, so that no worker has two while another has none."""
    left = dict(rooms)
    claimed: list[Claimed] = []
    queue = iter(rows)
    while any(left.values()):
        for worker_id in left:
            if left[worker_id]:
                row = next(queue, None)
                if row is None:
                    return claimed
                left[worker_id] -= 1
                claimed.append(of_row(row, worker_id, row["claim"] + 1))
    return claimed


def of_row(row: dict[str, Any], worker_id: UUID, number: int) -> Claimed:
    """A task from the COLUMNS of its row, as that worker has it."""
    lined_up = row["lined_up_at"] or row["created_at"]
    unblocked = row["unblocked_at"] or lined_up
    return Claimed(
        task_id=row["id"],
        claim=number,
        worker_id=worker_id,
        name=row["name"],
        args=row["args"],
        kwargs=row["kwargs"],
        attempt=row["attempt"],
        root=row["root"],
        logging_cid=row["logging_cid"],
        created_by=row["created_by_id"],
        task_group=row["task_group_id"],
        has_parent=row["parent_task_id"] is not None,
        waited_for_lock=max(0.0, (unblocked - lined_up).total_seconds()),
        waited_for_worker=max(0.0, (timezone.now() - unblocked).total_seconds()),
    )


def _taken(claimed: list[Claimed]) -> list[Claimed]:
    """Let workers have tasks that are ready; gives back those that they have now."""
    pairs = [(each.task_id, each.worker_id) for each in claimed]
    now = _TIME.get_db_prep_value(timezone.now(), connection)
    with planned() as cursor:
        cursor.execute(TAKE[connection.vendor], [now, now, *as_table(pairs)])
        won = claimed if cursor.rowcount == len(claimed) else _really_taken(claimed)
    if connection.vendor == "sqlite":
        record((each.task_id, State.RUNNING) for each in won)
    notify(Topic.EVENT)
    return won


def _really_taken(claimed: list[Claimed]) -> list[Claimed]:
    """Those that were not canceled in the moment between being read and being taken, by workers that live."""
    rows = Task.objects.filter(pk__in=[each.task_id for each in claimed]).values_list("pk", "worker", "claim")
    taken = {pk: (worker, number) for pk, worker, number in rows}
    return [each for each in claimed if taken.get(each.task_id) == (each.worker_id, each.claim)]


def is_any_ready() -> bool:
    """Is there perhaps a task that lacks only a worker, or the hub?"""
    # Not exists(): it drops the order, and with it the reason to read the index of ready tasks.
    if _any_ready():
        return True
    found = gate.first_gate()
    return found is not None and not found.is_open_to_it


def bring_scheduled() -> None:
    """Let those stand in line whose time has come."""
    due = Task.objects.scheduled().filter(not_before__lte=clock.now()).order_by("not_before")
    for task in due.defer("args", "kwargs")[:500]:
        with transaction.atomic(savepoint=False):
            _bring(task)


def _bring(task: Task) -> None:
    exclusive, shared = split(task.reserved_resources_record)
    resources.lock((*exclusive, *shared))
    still = Task.objects.filter(pk=task.pk, state=State.WAITING, not_before=task.not_before)
    if not still.update(not_before=None):
        return  # somebody else did
    task.not_before = None
    if task.unblocked_at is not None:
        notify(Topic.READY)  # it has had its places all the time; see immediate.py
        return
    now = timezone.now()
    line_up(task, exclusive, shared, since=now)
    Task.objects.filter(pk=task.pk).update(
        pending=task.pending, lined_up_at=now, unblocked_at=task.unblocked_at, updated_at=now
    )
