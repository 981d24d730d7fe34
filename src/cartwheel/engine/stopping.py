"""Stopping tasks, and forgetting those that have ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import F, Q
from django.dispatch import receiver
from django.utils import timezone

from cartwheel.engine import resources
from cartwheel.engine.dispatch import split
from cartwheel.engine.endings import End, after_end, close_reports, ending_with
from cartwheel.engine.errors import AlreadyFinal, StillActive
from cartwheel.engine.events import record
from cartwheel.engine.models import Event, Task
from cartwheel.engine.signals import ended_badly
from cartwheel.engine.states import FINAL, State
from cartwheel.engine.wakeup import Topic, notify

BY_HAND_AFTER = timedelta(seconds=2)  # so long a row made by hand may be looked at before it is settled
AT_ONCE = 5000  # ids in one statement, as databases take only so many


def cancel(task: Task, *, by: AbstractBaseUser | None = None, cascade: bool = False) -> Task:
    """Stop a task; returns it as it is then.

    A waiting one, and one that no worker has, is canceled at once. One under way is asked to stop,
    and killed if it does not. Its children go on, unless `cascade` is wanted. Stopping it twice is
    fine. Raises AlreadyFinal if it had ended otherwise.
    """
    cancel_each([task.pk], by=by)
    if cascade:
        _with_children([task.pk])
        _cancel_descendants([task.pk], by)
    task = Task.objects.get(pk=task.pk)
    if task.state not in (State.CANCELING, State.CANCELED):
        raise AlreadyFinal(task.name, task.state)
    return task


def cancel_each(task_ids: Iterable[UUID], *, by: AbstractBaseUser | None) -> None:
    """Stop those of these tasks that have not ended. No child is stopped with them."""
    stopper = getattr(by, "pk", None)
    for task_id in task_ids:
        _cancel(task_id, stopper)


def _cancel(task_id: UUID, stopper: int | None) -> None:
    if _ask_without_queues(task_id, stopper):
        return
    with transaction.atomic(savepoint=False):
        _hold_still(task_id)
        # It may have been claimed in between, but nobody can change it any more now.
        _cancel_idle(task_id, stopper) or _ask_to_stop(task_id, stopper)


def _with_children(task_ids: Sequence[UUID]) -> None:
    """Note of those that have still to hear that they shall stop: their children shall, too."""
    for some in _portions(task_ids):
        Task.objects.filter(pk__in=some, state=State.CANCELING).update(is_stopped_with_children=True)


def _cancel_descendants(task_ids: Sequence[UUID], by: AbstractBaseUser | None) -> None:
    generation = list(task_ids)
    while generation:
        children: list[tuple[UUID, str]] = []
        for some in _portions(generation):
            children += Task.objects.filter(parent_task__in=some).values_list("pk", "state")
        cancel_each((pk for pk, state in children if state not in FINAL), by=by)
        generation = [pk for pk, _ in children]
        _with_children(generation)


def _portions(task_ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (task_ids[start : start + AT_ONCE] for start in range(0, len(task_ids), AT_ONCE))


@receiver(ended_badly)
def _stop_what_they_made(task_ids: list[UUID], **_: object) -> None:
    """Tasks have ended that were stopped together with others: stop what they made before they heard of it."""
    transaction.on_commit(lambda: stop_late(task_ids), robust=True)


def stop_late(task_ids: Sequence[UUID]) -> None:
    """Stop the children of those of these tasks that were stopped with them, or with all of their group."""
    canceled = Task.objects.filter(pk__in=task_ids, state__still=State.CANCELED)
    with_children = Q(is_stopped_with_children=True)
    with_group = Q(task_group__is_stopped=True)
    found = (
        canceled.filter(with_children | with_group)
        .select_related("task_group", "stopped_by")
        .defer("args", "kwargs")
    )
    for task in found:
        if task.is_stopped_with_children:
            _cancel_descendants([task.pk], task.stopped_by)
        else:
            late = Task.objects.filter(parent_task=task, task_group=task.task_group_id)
            cancel_each(late.exclude(state__in=FINAL).values_list("pk", flat=True), by=task.stopped_by)


def stop_forgotten() -> None:
    """Stop what should have been stopped with its parent: whoever ended that died before, or never knew that it had."""
    # Ordered, so that the index of what is incomplete is read.
    children = Task.objects.incomplete().filter(parent_task__isnull=False).order_by("root")
    parents = [parent for parent in set(children.values_list("parent_task", flat=True)) if parent]
    for some in _portions(parents):
        stop_late(some)


def _hold_still(task_id: UUID) -> None:
    """Lock all that ends with a task or as it ends, in the order that everybody keeps; see resources.py."""
    if connection.vendor == "sqlite":
        return
    family = [*reversed(ending_with([task_id])), task_id, *_other_halves(task_id)]
    records = Task.objects.filter(pk__in=family).values_list("reserved_resources_record", flat=True)
    resources.lock(name for record in records for names in split(record) for name in names)
    for pk in reversed(family):
        list(Task.objects.select_for_update(no_key=True).filter(pk=pk).values("pk"))


def _other_halves(task_id: UUID) -> list[UUID]:
    """The child that a task ends with, the one that child ends with, and so on."""
    found: list[UUID] = []
    last = Task.objects.filter(pk=task_id).values_list("ends_with", flat=True).first()
    while last is not None:
        found.append(last)
        last = Task.objects.filter(pk=last).values_list("ends_with", flat=True).first()
    return found


def _cancel_idle(task_id: UUID, stopper: int | None) -> bool:
    """Cancel a task that no process works on."""
    now = timezone.now()
    idle = Q(state=State.WAITING) | Q(state__in=[State.RUNNING, State.CANCELING], worker=None)
    won = Task.objects.filter(idle, pk=task_id).update(
        state=State.CANCELED,
        canceling_at=now,
        finished_at=now,
        updated_at=now,
        stopped_by_id=stopper,
        claim=F("claim") + 1,
        error=None,
    )
    if not won:
        return False
    close_reports([task_id], State.CANCELED)
    after_end([End(task_id, State.CANCELED)])
    halves = Task.objects.filter(continues=task_id).exclude(state__in=FINAL)  # of the same act
    cancel_each(halves.values_list("pk", flat=True), by=None)
    return True


def _ask_without_queues(task_id: UUID, stopper: int | None) -> bool:
    """Ask a running task to stop. Where there was nothing to ask, no lock is left behind.

    PostgreSQL keeps the row locked that an UPDATE waited for and then passed over, as somebody else had
    changed it. Whoever locked queues after that would do it in the wrong order; see resources.py.
    """
    with transaction.atomic():
        won = _ask_to_stop(task_id, stopper)
        if not won:
            transaction.set_rollback(True)
    return won


def _ask_to_stop(task_id: UUID, stopper: int | None) -> bool:
    now = timezone.now()
    won = Task.objects.filter(pk=task_id, state=State.RUNNING, worker__isnull=False).update(
        state=State.CANCELING, canceling_at=now, updated_at=now, stopped_by_id=stopper
    )
    if won:
        record([(task_id, State.CANCELING)])
        notify(Topic.CANCEL)
    return bool(won)


def to_stop(workers: Sequence[UUID]) -> list[tuple[UUID, UUID, int, datetime | None]]:
    """What these workers shall stop: worker, task, claim, and since when they are asked."""
    rows = Task.objects.under_way().filter(state=State.CANCELING, worker__in=workers)
    columns = rows.values_list("worker_id", "pk", "claim", "canceling_at")
    return [(worker, pk, number, asked) for worker, pk, number, asked in columns if worker]


def settle_rows_made_by_hand() -> None:
    """Let rows that somebody put to waiting or canceling take their course: no dispatch prepared them."""
    before = timezone.now() - BY_HAND_AFTER
    waiting = Task.objects.made_by_hand().filter(created_at__lt=before)
    if waiting.update(unblocked_at=timezone.now()):
        notify(Topic.READY)
    canceling = Task.objects.under_way().filter(state=State.CANCELING, worker=None, created_at__lt=before)
    cancel_each(canceling.values_list("pk", flat=True), by=None)


def delete(task: Task) -> None:
    """Forget a task that has ended. Raises StillActive."""
    with transaction.atomic(savepoint=False):
        is_gone = bool(Task.objects.filter(pk=task.pk, state__in=FINAL).delete()[0])
        if is_gone:
            record([(task.pk, task.state)], Event.Kind.DELETED)
    if not is_gone:
        raise StillActive(task.name, Task.objects.get(pk=task.pk).state)
