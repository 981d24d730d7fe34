"""Groups of tasks: what they count, and stopping them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count

from cartwheel.engine import stopping
from cartwheel.engine.models import Task, TaskGroup
from cartwheel.engine.states import State

# Some may add others before their own turn to be stopped comes, and end well before it. Those that are asked
# while they still add have theirs stopped when they end.
LOOKS = 5


def counts(groups: Iterable[UUID]) -> dict[UUID, Counter[str]]:
    """How many tasks of each group are in each state; one statement."""
    found: dict[UUID, Counter[str]] = {group: Counter() for group in groups}
    tasks = Task.objects.filter(task_group__in=list(found))
    for group, state, count in tasks.values_list("task_group", "state").annotate(Count("pk")).order_by():
        if group:
            found[group][state] = count
    return found


def cancel(group: TaskGroup, *, by: AbstractBaseUser | None = None) -> TaskGroup:
    """Stop every task of a group that has not ended; no more are expected in it. Doing it twice is fine."""
    TaskGroup.objects.filter(pk=group.pk).update(all_tasks_dispatched=True, is_stopped=True)
    for _ in range(LOOKS):
        left = group.tasks.filter(state__in=[State.WAITING, State.RUNNING]).order_by("id")
        task_ids = list(left.values_list("pk", flat=True))
        if not task_ids:
            break
        stopping.cancel_each(task_ids, by=by)
    group.refresh_from_db()
    return group
