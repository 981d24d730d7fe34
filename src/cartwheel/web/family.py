"""A task among those that started it and those that it started."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from cartwheel.engine.models import Task
from cartwheel.registry.models import User
from cartwheel.registry.task_rights import visible

GENERATIONS = 4  # below the task
RELATED = 100  # tasks of a generation
COLUMNS = ("id", "name", "title", "state", "parent_task", "attempt")


@dataclass(frozen=True)
class Branch:
    """A task with those that it started."""

    task: Task
    is_self: bool
    branches: tuple[Branch, ...]


def family(task: Task, user: User) -> Branch | None:
    """The task below its parent and above its descendants; None if it is alone.

    A statement for the parent, and one for each generation that is there.
    """
    children = _descendants(task, user)
    mine = _branch(task, task.pk, children)
    parent = task.parent_task_id and visible(user).only(*COLUMNS).filter(pk=task.parent_task_id).first()
    if parent:
        return Branch(parent, is_self=False, branches=(mine,))
    return mine if mine.branches else None


def _descendants(task: Task, user: User) -> dict[UUID, list[Task]]:
    found: dict[UUID, list[Task]] = defaultdict(list)
    generation = [task.pk]
    for _ in range(GENERATIONS):
        tasks = visible(user).only(*COLUMNS).filter(parent_task__in=generation).order_by("id")[:RELATED]
        generation = []
        for each in tasks:
            generation.append(each.pk)
            if each.parent_task_id:
                found[each.parent_task_id].append(each)
        if not generation:
            break
    return found


def _branch(task: Task, self_id: UUID, children: dict[UUID, list[Task]]) -> Branch:
    below = tuple(_branch(each, self_id, children) for each in children.get(task.pk, ()))
    return Branch(task, task.pk == self_id, below)
