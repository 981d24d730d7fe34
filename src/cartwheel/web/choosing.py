"""Acting on many tasks at once: those that are ticked, or all that a search finds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from cartwheel.engine.again import can_run_again
from cartwheel.engine.errors import AlreadyFinal
from cartwheel.engine.models import Task
from cartwheel.engine.states import FINAL, State
from cartwheel.engine.stopping import cancel
from cartwheel.kit.errors import CartwheelError
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.models import User
from cartwheel.registry.repeating import repeat, repeatable
from cartwheel.registry.task_rights import stoppable, visible
from cartwheel.web.listing import find_all
from cartwheel.web.search import Search

MANY = 500  # tasks at once


@dataclass(frozen=True)
class Choice:
    """The tasks that somebody chose, as far as they are theirs to act on."""

    fit: tuple[Task, ...]  # those that the act makes sense for
    unfit: int  # those for which it makes none
    not_theirs: int
    is_cut: bool  # were there more than MANY?

    @property
    def ids(self) -> list[UUID]:
        return [task.pk for task in self.fit]


def to_stop(given: QueryDict, user: User, now: datetime) -> Choice:
    """What can be stopped of what is chosen."""
    return _choose(given, user, now, to_stop=True)


def to_repeat(given: QueryDict, user: User, now: datetime) -> Choice:
    """What can be run again of what is chosen."""
    return _choose(given, user, now, to_stop=False)


def stop_all(tasks: tuple[Task, ...], user: User) -> tuple[list[Task], int]:
    """Stop them; returns them as they are then, and how many had ended meanwhile.

    Those that wait go first, so that none of them starts because another one stops.
    """
    stopped = []
    for task in sorted(tasks, key=lambda each: (each.state != State.WAITING, -each.created_at.timestamp())):
        with suppress(AlreadyFinal):
            stopped.append(cancel(task, by=user))
    return stopped, len(tasks) - len(stopped)


def repeat_all(tasks: tuple[Task, ...], user: User) -> tuple[list[Task], int]:
    """Run them again, the oldest first; returns the new tasks, and how many could not be repeated."""
    made = []
    for task in sorted(tasks, key=lambda each: each.created_at):
        with suppress(CartwheelError):
            made.append(repeat(task, by=user))
    return made, len(tasks) - len(made)


def _choose(given: QueryDict, user: User, now: datetime, *, to_stop: bool) -> Choice:
    chosen = _chosen(given, user, now)
    if given.get("all"):
        chosen = chosen.filter(state__in=[State.WAITING, State.RUNNING] if to_stop else list(FINAL))
    found = list(chosen.order_by("-created_at", "-id")[: MANY + 1])
    is_cut, found = len(found) > MANY, found[:MANY]
    fit = [each for each in found if (_is_stoppable(each) if to_stop else _is_repeatable(each))]
    mine = (stoppable if to_stop else repeatable)(user, [each.pk for each in fit])
    theirs = tuple(each for each in fit if each.pk in mine)
    return Choice(theirs, len(found) - len(fit), len(fit) - len(theirs), is_cut)


def _is_stoppable(task: Task) -> bool:
    return task.state in (State.WAITING, State.RUNNING)


def _is_repeatable(task: Task) -> bool:
    return can_run_again(task.name, task.state)


def _chosen(given: QueryDict, user: User, now: datetime) -> QuerySet[Task]:
    if given.get("all"):
        return find_all(Search.read(given).from_top(), user, now)
    ids = [UUID(each) for each in given.getlist("id")[:MANY] if is_uuid(each)]
    return visible(user).filter(pk__in=ids)
