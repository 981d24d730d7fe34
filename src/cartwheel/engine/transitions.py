"""Every change of a task's state, each one conditional UPDATE whose row count says who won.

What a worker writes names its claim. Each function is one transaction, or joins the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cartwheel.engine import resources
from cartwheel.engine.errors import AlreadyFinal, StillActive
from cartwheel.engine.events import record
from cartwheel.engine.models import Event, ProgressReport, Task, Worker
from cartwheel.engine.signals import ended_badly
from cartwheel.engine.states import FINAL, State
from cartwheel.engine.wakeup import Topic, notify

BY_HAND_AFTER = timedelta(seconds=2)  # so long a row made by hand may be looked at before it is settled


@dataclass(frozen=True)
class Claimed:
    """A task as it is handed to a worker."""

    task_id: UUID
    claim: int
    worker_id: UUID
    name: str
    args: list[Any]
    kwargs: dict[str, Any]
    logging_cid: str
    created_by: int | None
    task_group: UUID | None
    has_parent: bool


@dataclass(frozen=True)
class Outcome:
    """How a claimed task ended: `state` is completed, failed or canceled.

    With `ends_with`, it has done its own part and goes on, without a worker, until that task ends.
    """

    task_id: UUID
    claim: int
    state: State
    result: Any = None
    error: dict[str, Any] | None = None
    ends_with: UUID | None = None
    has_parent: bool = True
    is_abrupt: bool = False  # it could not close its own progress reports


def error_of(reason: str, *, traceback: str | None = None) -> dict[str, Any]:
    """What a failed task says. Clients read `description`, or `reason` where no exception was raised."""
    return {"description": reason, "reason": reason, "traceback": traceback}


def claim(workers: Sequence[UUID]) -> list[Claimed]:
    """Give each of these idle workers a task, oldest first, as far as there are tasks that lack only one."""
    with transaction.atomic(savepoint=False):
        ready = list(_ready(len(workers)))
        now = timezone.now()
        claimed = []
        for worker_id, row in zip(workers, ready, strict=False):
            won = Task.objects.filter(pk=row["id"], state=State.WAITING).update(
                state=State.RUNNING, worker_id=worker_id, claim=F("claim") + 1, started_at=now, updated_at=now
            )
            if won:
                claimed.append(
                    Claimed(
                        task_id=row["id"],
                        claim=row["claim"] + 1,
                        worker_id=worker_id,
                        name=row["name"],
                        args=row["args"],
                        kwargs=row["kwargs"],
                        logging_cid=row["logging_cid"],
                        created_by=row["created_by_id"],
                        task_group=row["task_group_id"],
                        has_parent=row["parent_task_id"] is not None,
                    )
                )
        record((each.task_id, State.RUNNING) for each in claimed)
    return claimed


def _ready(count: int) -> QuerySet[Task, dict[str, Any]]:
    tasks = Task.objects.ready().order_by("id")
    if connection.features.has_select_for_update_skip_locked:
        # Supervisors ask at the same moment: skipping locked rows gives each its own tasks.
        tasks = tasks.select_for_update(skip_locked=True)
    wanted = (
        "id",
        "claim",
        "name",
        "args",
        "kwargs",
        "logging_cid",
        "created_by_id",
        "task_group_id",
        "parent_task_id",
    )
    return tasks.values(*wanted)[:count]


def is_any_ready() -> bool:
    """Is there a task that lacks only a worker?"""
    # Not exists(): it drops the order, and with it the reason to read the index of ready tasks.
    return Task.objects.ready().order_by("id").values("id").first() is not None


def finish(outcomes: Iterable[Outcome]) -> None:
    """Write how claimed tasks ended, and let those go on that waited for their resources.

    An outcome whose claim is no longer the task's is passed over: somebody else has settled the task.
    """
    with transaction.atomic(savepoint=False):
        ended = [end for outcome in outcomes if (end := _finish_one(outcome))]
        _after_end(ended)


@dataclass(frozen=True)
class _End:
    """A task that has just ended."""

    task_id: UUID
    state: State
    error: dict[str, Any] | None
    has_parent: bool


def _finish_one(outcome: Outcome) -> _End | None:
    if outcome.ends_with:
        return _continue_without_worker(outcome)
    mine = Task.objects.filter(pk=outcome.task_id, claim=outcome.claim)
    state, error = outcome.state, outcome.error
    now = timezone.now()
    won = mine.filter(state=State.RUNNING).update(
        state=state, finished_at=now, updated_at=now, result=outcome.result, error=error
    )
    if not won:
        # It was asked to stop while it ended: whatever came first, canceled is what was promised.
        state, error = State.CANCELED, None
        won = mine.filter(state=State.CANCELING).update(state=state, finished_at=now, updated_at=now)
    if not won:
        return None
    if outcome.is_abrupt:
        _close_reports([outcome.task_id], state)
    return _End(outcome.task_id, state, error, outcome.has_parent)


def _continue_without_worker(outcome: Outcome) -> _End | None:
    """Free the worker; the task now ends with its child, which may have ended already."""
    # The child's row is locked first, as its own end locks it: whoever comes second sees the other.
    child = Task.objects.select_for_update().filter(pk=outcome.ends_with).first()
    mine = Task.objects.filter(pk=outcome.task_id, claim=outcome.claim)
    mine.update(ends_with=child, worker=None, updated_at=timezone.now(), result=outcome.result)
    if child is None or child.is_final:
        state = State(child.state) if child else State.CANCELED
        error = child.error if child else None
        return _finish_one(Outcome(outcome.task_id, outcome.claim, state, outcome.result, error))
    stopping = mine.filter(state=State.CANCELING)
    if stopping.exists():
        cancel(child)
        return _finish_one(Outcome(outcome.task_id, outcome.claim, State.CANCELED))
    return None


def _after_end(ended: Sequence[_End]) -> None:
    """What follows from tasks having ended: events, resources, and parents that end with them."""
    if not ended:
        return
    record((end.task_id, end.state) for end in ended)
    if unfinished := [end.task_id for end in ended if end.state != State.COMPLETED]:
        ended_badly.send_robust(Task, task_ids=unfinished)
    if resources.release([end.task_id for end in ended]):
        notify(Topic.READY)
    by_id = {end.task_id: end for end in ended if end.has_parent}
    if not by_id:
        return
    parents = Task.objects.filter(ends_with__in=by_id, state__in=[State.RUNNING, State.CANCELING])
    outcomes = []
    for parent_id, number, result, child_id in parents.values_list("pk", "claim", "result", "ends_with"):
        child = by_id[child_id]
        outcomes.append(Outcome(parent_id, number, child.state, result, child.error))
    _after_end([end for outcome in outcomes if (end := _finish_one(outcome))])


def _close_reports(task_ids: Sequence[UUID], state: State) -> None:
    unfinished = [State.WAITING, State.RUNNING]
    ProgressReport.objects.filter(task__in=task_ids, state__in=unfinished).update(state=state)


def cancel(task: Task, *, by: AbstractBaseUser | None = None) -> Task:
    """Stop a task; returns it as it is then.

    A waiting one, and one that no worker has, is canceled at once. One under way is asked to stop,
    and killed if it does not. Stopping it twice is fine. Raises AlreadyFinal if it had ended otherwise.
    """
    with transaction.atomic(savepoint=False):
        stopper = getattr(by, "pk", None)
        if not (_cancel_idle(task, stopper) or _ask_to_stop(task, stopper)):
            # Between the two it may have been claimed: it can be asked now, unless it is over.
            _ask_to_stop(task, stopper)
    task = Task.objects.get(pk=task.pk)
    if task.state not in (State.CANCELING, State.CANCELED):
        raise AlreadyFinal(task.name, task.state)
    return task


def _cancel_idle(task: Task, stopper: int | None) -> bool:
    """Cancel a task that no process works on."""
    now = timezone.now()
    idle = Q(state=State.WAITING) | Q(state__in=[State.RUNNING, State.CANCELING], worker=None)
    won = Task.objects.filter(idle, pk=task.pk).update(
        state=State.CANCELED,
        canceling_at=now,
        finished_at=now,
        updated_at=now,
        stopped_by_id=stopper,
        claim=F("claim") + 1,
    )
    if not won:
        return False
    _close_reports([task.pk], State.CANCELED)
    _after_end([_End(task.pk, State.CANCELED, None, has_parent=True)])
    child = Task.objects.filter(continues=task.pk).exclude(state__in=FINAL).first()
    if child is not None:
        cancel(child)  # the other half of the same act
    return True


def _ask_to_stop(task: Task, stopper: int | None) -> bool:
    now = timezone.now()
    won = Task.objects.filter(pk=task.pk, state=State.RUNNING, worker__isnull=False).update(
        state=State.CANCELING, canceling_at=now, updated_at=now, stopped_by_id=stopper
    )
    if won:
        record([(task.pk, State.CANCELING)])
        notify(Topic.CANCEL)
    return bool(won)


def to_stop(workers: Sequence[UUID]) -> list[tuple[UUID, UUID, int, datetime | None]]:
    """What these workers shall stop: worker, task, claim, and since when they are asked."""
    rows = Task.objects.under_way().filter(state=State.CANCELING, worker__in=workers)
    return [(each.worker_id, each.pk, each.claim, each.canceling_at) for each in rows if each.worker_id]


def settle(worker_ids: Sequence[UUID], reason: str) -> int:
    """End what workers had when they died. Returns how many tasks that was."""
    with transaction.atomic(savepoint=False):
        left = Task.objects.under_way().filter(worker__in=worker_ids)
        rows = list(left.values_list("pk", "claim", "parent_task_id"))
        finish(
            Outcome(pk, number, State.FAILED, error=error_of(reason), has_parent=bool(parent), is_abrupt=True)
            for pk, number, parent in rows
        )
        Worker.objects.filter(pk__in=worker_ids, stopped_at=None).update(stopped_at=timezone.now())
    return len(rows)


def settle_rows_made_by_hand() -> None:
    """Let rows that somebody put to waiting or canceling take their course: no dispatch prepared them."""
    before = timezone.now() - BY_HAND_AFTER
    waiting = Task.objects.made_by_hand().filter(created_at__lt=before)
    if waiting.update(unblocked_at=timezone.now()):
        notify(Topic.READY)
    for task in Task.objects.under_way().filter(state=State.CANCELING, worker=None, created_at__lt=before):
        cancel(task)


def delete(task: Task) -> None:
    """Forget a task that has ended. Raises StillActive."""
    with transaction.atomic(savepoint=False):
        is_gone = bool(Task.objects.filter(pk=task.pk, state__in=FINAL).delete()[0])
        if is_gone:
            record([(task.pk, task.state)], Event.Kind.DELETED)
    if not is_gone:
        raise StillActive(task.name, Task.objects.get(pk=task.pk).state)


def existing(task_ids: Iterable[UUID]) -> list[UUID]:
    """Those of the tasks that have not been deleted."""
    return list(Task.objects.filter(pk__in=set(task_ids)).values_list("pk", flat=True))
