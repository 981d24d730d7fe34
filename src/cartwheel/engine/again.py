"""Running a task again, with the same arguments."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from cartwheel.engine.dispatch import dispatch, split
from cartwheel.engine.errors import NotAgain
from cartwheel.engine.functions import Call, find, knows, options_of
from cartwheel.engine.models import Task
from cartwheel.engine.states import FINAL


def can_run_again(name: str, state: str) -> bool:
    """Could a task of that name, in that state, be run again?"""
    return state in FINAL and knows(name) and options_of(name).again


def run_again(task: Task, *, by: AbstractBaseUser | None = None) -> Task:
    """Make a new task that does what an ended one did, or was to do; it tells which one.

    Raises NotAgain if the task has not ended, or cannot be repeated, and UnknownFunction if this hub
    does not know its function.
    """
    if not task.is_final:
        raise NotAgain(f"The task {task} is still {task.state}. Wait until it has ended, or stop it.")
    if not find(task.name).options.again:
        raise NotAgain(f"{task.title or task.name} cannot be run again; do what led to it once more.")
    exclusive, shared = split(task.reserved_resources_record)
    call = Call(exclusive=exclusive, shared=shared, by=by, title=task.title, again_of=task, parent=None)
    return dispatch(task.name, task.args, task.kwargs, call=call)
