"""How tasks end, or are put back to be tried again. Every change is one conditional UPDATE whose row
count says who won, and what a worker says counts only with its claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateTimeField, F, IntegerField, Q, UUIDField
from django.db.models.functions import Now
from django.utils import timezone

from cartwheel.engine import resources
from cartwheel.engine.claims import COLUMNS, Claimed, of_row
from cartwheel.engine.events import record, recording
from cartwheel.engine.functions import options_of
from cartwheel.engine.models import ProgressReport, Task, Worker
from cartwheel.engine.prepared import Change, Given, GivenSeveral
from cartwheel.engine.resources import Places
from cartwheel.engine.rules import pause_after_loss
from cartwheel.engine.signals import ended_badly
from cartwheel.engine.states import State
from cartwheel.engine.wakeup import Topic, notify

_NOW = Given("now", DateTimeField())
_complete = Change(
    lambda: Task.objects.filter(
        pk__among=GivenSeveral("tasks", UUIDField()),
        claim=Given("claim", IntegerField()),
        state__still=State.RUNNING,
    ),
    within=recording,
    state=State.COMPLETED,
    finished_at=_NOW,
    updated_at=_NOW,
    error=None,
)


@dataclass(frozen=True)
class Outcome:
    """How a claimed task ended: `state` is completed, failed or canceled.

    With `ends_with`, it has done its own part and goes on, without a worker, until that task ends.
    With `retry_seconds`, a failure is not the end: the task is tried again after so long.
    """

    task_id: UUID
    claim: int
    state: State
    result: Any = None
    error: dict[str, Any] | None = None
    ends_with: UUID | None = None
    retry_seconds: float | None = None
    has_parent: bool = True
    is_abrupt: bool = False  # it could not close its own progress reports
    undo: Claimed | None = None  # if it ended well, but was asked to stop before that was written

    @property
    def is_plain(self) -> bool:
        """Did it simply end well, with nothing to tell?"""
        return (
            self.state == State.COMPLETED
            and self.result is None
            and not self.ends_with
            and not self.is_abrupt
        )


@dataclass(frozen=True)
class End:
    """A task that has just ended."""

    task_id: UUID
    state: State
    error: dict[str, Any] | None = None
    has_parent: bool = True
    is_recorded: bool = False  # as an event


def error_of(reason: str, *, traceback: str | None = None, **facts: Any) -> dict[str, Any]:
    """What a failed task says. Clients read `description`, or `reason` where no exception was raised."""
    return {"description": reason, "reason": reason, "traceback": traceback, **facts}


def finish(outcomes: Iterable[Outcome]) -> list[Claimed]:
    """Write how claimed tasks ended, and let those go on that waited for their resources.

    An outcome whose claim is no longer the task's is passed over: somebody else has settled the task.
    Returns those that have done all their work, but were promised to be stopped: what they did has
    to be undone before they end.
    """
    given = list(outcomes)
    with transaction.atomic(savepoint=False):
        places = resources.lock_places_of(_concerned(given))
        ended = _finish_plain([each for each in given if each.is_plain], places)
        ended += [end for each in given if not each.is_plain and (end := _finish_one(each, places))]
        after_end(ended, places)
        undo = [
            each.undo for each in given if each.undo and each.task_id not in {end.task_id for end in ended}
        ]
    return _still_canceling(undo) if undo else []


def _still_canceling(tasks: list[Claimed]) -> list[Claimed]:
    canceling = Task.objects.under_way().filter(
        state__still=State.CANCELING, pk__in=[each.task_id for each in tasks]
    )
    numbers = dict(canceling.values_list("pk", "claim"))
    return [each for each in tasks if numbers.get(each.task_id) == each.claim]


def _concerned(outcomes: Sequence[Outcome]) -> list[UUID]:
    """The tasks that may end now: those themselves, and the ones that end with them."""
    found = [each.task_id for each in outcomes]
    last = [each.task_id for each in outcomes if each.has_parent]
    found += [each.ends_with for each in outcomes if each.ends_with]
    if connection.vendor == "sqlite":
        return found  # there, nothing has to be locked before it is known
    return found + ending_with(last)


def ending_with(task_ids: Sequence[UUID]) -> list[UUID]:
    """The tasks that have done their own part and end as one of these ends, and those that end with them."""
    found: list[UUID] = []
    last = list(task_ids)
    while last and (last := list(Task.objects.filter(ends_with__in=last).values_list("pk", flat=True))):
        found += last
    return found


def _finish_plain(outcomes: Sequence[Outcome], places: Places) -> list[End]:
    """Those that ended well, all in one statement for each number of claims; most are claimed once."""
    ended: list[End] = []
    by_claim: dict[int, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        by_claim[each.claim].append(each)
    for number, group in by_claim.items():
        now = timezone.now()
        if _complete(tasks=[each.task_id for each in group], claim=number, now=now) == len(group):
            ended += map(_completed, group)
        else:
            ended += _sort_out(group, now, places)
    return ended


def _completed(outcome: Outcome) -> End:
    is_recorded = connection.vendor == "postgresql"  # in the same statement
    return End(outcome.task_id, State.COMPLETED, has_parent=outcome.has_parent, is_recorded=is_recorded)


def _sort_out(group: list[Outcome], now: datetime, places: Places) -> list[End]:
    """Some were not ours to finish: find those that were, and finish the others one by one."""
    rows = Task.objects.filter(pk__in=[each.task_id for each in group], finished_at=now)
    done = set(rows.values_list("pk", flat=True))
    ended = [_completed(each) for each in group if each.task_id in done]
    return ended + [end for each in group if each.task_id not in done and (end := _finish_one(each, places))]


def _finish_one(outcome: Outcome, places: Places) -> End | None:
    if outcome.ends_with:
        return _continue_without_worker(outcome, places)
    mine = Task.objects.filter(pk=outcome.task_id, claim=outcome.claim)
    if outcome.retry_seconds is not None and _try_again(outcome, outcome.retry_seconds, places):
        return None
    state, error = outcome.state, outcome.error
    now = timezone.now()
    won = mine.filter(state=State.RUNNING).update(
        state=state, finished_at=now, updated_at=now, result=outcome.result, error=error
    )
    if not won and outcome.undo is None:
        # It was asked to stop while it ended: whatever came first, canceled is what was promised.
        state, error = State.CANCELED, None
        won = mine.filter(state=State.CANCELING).update(
            state=state, finished_at=now, updated_at=now, error=None
        )
    if not won:
        return None
    if outcome.is_abrupt:
        close_reports([outcome.task_id], state)
    return End(outcome.task_id, state, error, outcome.has_parent)


def _try_again(outcome: Outcome, seconds: float, places: Places) -> bool:
    """Put a task back for another attempt. It gives up its places, and lines up anew when it is due."""
    now = timezone.now()
    won = Task.objects.filter(pk=outcome.task_id, claim=outcome.claim, state=State.RUNNING).update(
        state=State.WAITING,
        worker=None,
        claim=F("claim") + 1,
        attempt=F("attempt") + 1,
        not_before=Now() + timedelta(seconds=seconds),
        pending=0,
        lined_up_at=None,
        unblocked_at=None,
        started_at=None,
        updated_at=now,
        error=outcome.error,
    )
    if not won:
        return False
    close_reports([outcome.task_id], State.FAILED)
    if resources.leave([outcome.task_id], places):
        notify(Topic.READY)
    record([(outcome.task_id, State.WAITING)])
    return True


def _continue_without_worker(outcome: Outcome, places: Places) -> End | None:
    """Free the worker and the resources; the task now ends with its child, which may have ended already."""
    # The child's row is locked first, as its own end locks it: whoever comes second sees the other.
    child = Task.objects.select_for_update().filter(pk__in=[outcome.ends_with]).first()
    if child is not None and _leads_to(child, outcome.task_id):
        circle = error_of(f"It cannot end with {child}, which ends with it.")
        return _finish_one(replace(outcome, state=State.FAILED, error=circle, ends_with=None), places)
    mine = Task.objects.under_way().filter(pk=outcome.task_id, claim=outcome.claim)
    if not mine.update(ends_with=child, worker=None, updated_at=timezone.now(), result=outcome.result):
        return None
    if child is None or child.is_final:
        state = State(child.state) if child else State.CANCELED
        error = child.error if child else None
        return _finish_one(replace(outcome, state=state, error=error, ends_with=None), places)
    if mine.filter(state=State.CANCELING).exists():
        from cartwheel.engine.stopping import cancel

        cancel(child)
        return _finish_one(replace(outcome, state=State.CANCELED, ends_with=None), places)
    # Nothing of it runs any more. Kept resources would be waited for by those whom the child waits for.
    if resources.release([outcome.task_id], places):
        notify(Topic.READY)
    return None


def _leads_to(task: Task | None, goal: UUID) -> bool:
    """Is it that task, or does it end with it?"""
    while task is not None:
        if task.pk == goal:
            return True
        task = task.ends_with
    return False


def after_end(ended: Sequence[End], places: Places | None = None) -> None:
    """What follows from tasks having ended: events, resources, and parents that end with them.

    The queues of all these tasks are locked. `places` are the ones that they had, if that is known.
    """
    if not ended:
        return
    record((end.task_id, end.state) for end in ended if not end.is_recorded)
    notify(Topic.EVENT)
    if unfinished := [end.task_id for end in ended if end.state != State.COMPLETED]:
        ended_badly.send_robust(Task, task_ids=unfinished)
    if resources.release([end.task_id for end in ended], places):
        notify(Topic.READY)
    by_id = {end.task_id: end for end in ended if end.has_parent}
    if not by_id:
        return
    parents = Task.objects.filter(ends_with__in=by_id, state__in=[State.RUNNING, State.CANCELING])
    outcomes = []
    for parent_id, number, result, child_id in parents.values_list("pk", "claim", "result", "ends_with"):
        if child_id:
            child = by_id[child_id]
            outcomes.append(Outcome(parent_id, number, child.state, result, child.error))
    after_end([end for outcome in outcomes if (end := _finish_one(outcome, places or {}))])


def close_reports(task_ids: Sequence[UUID], state: State) -> None:
    """Let no report of an ended task say that it is still at it."""
    unfinished = [State.WAITING, State.RUNNING]
    ProgressReport.objects.filter(task__in=task_ids, state__in=unfinished).update(state=state)


def lost(task: Claimed, error: dict[str, Any]) -> Outcome:
    """The outcome of a task whose worker is gone: run again if that does no harm, else failed."""
    options = options_of(task.name)
    again = options.repeatable and task.attempt < options.attempts
    return Outcome(
        task.task_id,
        task.claim,
        State.FAILED,
        error=error,
        retry_seconds=pause_after_loss(task.attempt) if again else None,
        has_parent=task.has_parent,
        is_abrupt=True,
    )


def settle(
    worker_ids: Sequence[UUID], reason: str, *, begun: Mapping[UUID, Mapping[UUID, bool]] | None = None
) -> list[Claimed]:
    """End what workers had when they died; returns what they had begun and not done.

    Where it is known what a worker had `begun`, and which of that was done (begun.py), the rest goes back to
    its place in line. Tasks whose functions clean up after themselves are not ended yet: the caller adopts
    them, has the clean-up done and ends them then. If it does not live to do it, they are found again.
    """
    known = begun or {}
    with transaction.atomic(savepoint=False):
        # Two who find the same workers dead end their tasks in the same order.
        left = Task.objects.under_way().filter(worker__in=worker_ids).order_by("pk")
        had = [of_row(row, row["worker_id"], row["claim"]) for row in left.values("worker_id", *COLUMNS)]
        unbegun = [each for each in had if not _has_begun(each, known.get(each.worker_id))]
        done = [each for each in had if known.get(each.worker_id, {}).get(each.task_id)]
        tasks = [each for each in had if each not in unbegun and each not in done]
        give_back(unbegun)
        fail = [lost(each, error_of(reason)) for each in tasks if not options_of(each.name).clean_up]
        undo = finish([_well(each) for each in done] + fail)
        Worker.objects.filter(pk__in=worker_ids, stopped_at=None).update(stopped_at=Now())
    return tasks + undo


def _has_begun(task: Claimed, begun: Mapping[UUID, bool] | None) -> bool:
    """Was it begun, by that worker or by any? If nothing is known, it counts as that."""
    # Where something cleans up, the worker may have been given the task to undo it.
    return begun is None or task.task_id in begun or options_of(task.name).clean_up is not None


def _well(task: Claimed) -> Outcome:
    """It was done, and nothing more is known of it."""
    undo = task if options_of(task.name).clean_up else None
    return Outcome(task.task_id, task.claim, State.COMPLETED, has_parent=task.has_parent, undo=undo)


def adopt(tasks: Iterable[tuple[Claimed, dict[str, Any]]], worker_id: UUID) -> list[Claimed]:
    """Take tasks over from workers that are gone, to clean up after them; each ends with its error then."""
    adopted = []
    for each, error in tasks:
        # The number may be ours already: where the commit's answer got lost, the same is done again.
        mine = Q(claim=each.claim) | Q(claim=each.claim + 1, worker=worker_id)
        number = each.claim + 1
        if Task.objects.under_way().filter(mine, pk=each.task_id).update(worker_id=worker_id, claim=number):
            adopted.append(replace(each, claim=number, worker_id=worker_id, work="clean_up", error=error))
    return adopted


def give_back(claimed: Iterable[Claimed]) -> None:
    """Put tasks back that a worker has and has not begun: they lack only a worker again.

    Those that were asked to stop meanwhile are canceled: no worker would ever see it.
    """
    given = list(claimed)
    with transaction.atomic(savepoint=False):
        back = []
        for each in given:
            mine = Task.objects.filter(pk=each.task_id, claim=each.claim, state=State.RUNNING)
            if mine.update(
                state=State.WAITING,
                worker=None,
                claim=F("claim") + 1,
                started_at=None,
                updated_at=timezone.now(),
            ):
                back.append(each.task_id)
        record((task_id, State.WAITING) for task_id in back)
        if back:
            notify(Topic.READY)
    if len(back) < len(given):
        finish(
            Outcome(each.task_id, each.claim, State.CANCELED) for each in given if each.task_id not in back
        )
