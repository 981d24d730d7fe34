"""The functions that tasks run, under the names that clients see.

@task("pulp_ansible.app.tasks.deletion.delete_collection", title="Delete {namespace}.{name}")
def delete_collection(namespace: str, name: str) -> None: ...

delete_collection.dispatch("acme", "tools", call=Call(exclusive=[repository.prn], by=user))
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from cartwheel.engine.errors import UnknownFunction
from cartwheel.engine.models import Priority

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from cartwheel.engine.models import Task, TaskGroup

P = ParamSpec("P")
R = TypeVar("R")

_registered: dict[str, TaskFunction[..., Any]] = {}


@dataclass(frozen=True)
class Retry:
    """Run a task again when it failed with one of these errors.

    `attempts` counts the first one too. The pause before the second is about `seconds`, doubled each
    time up to `limit_seconds`, and somewhere between half of that and all of it, so that many tasks
    that failed together do not come back together.
    """

    attempts: int = 3
    on: tuple[type[BaseException], ...] = (Exception,)
    seconds: float = 1.0
    limit_seconds: float = 60.0

    def pause(self, attempt: int) -> float:
        """Seconds to wait after that attempt has failed."""
        full: float = min(self.limit_seconds, self.seconds * 2.0 ** min(attempt - 1, 30))
        return full * random.uniform(0.5, 1.0)  # noqa: S311, not for secrets


@dataclass(frozen=True)
class Options:
    """How tasks of a function are treated.

    repeatable      running it twice does no harm: when its worker is lost, it is run again
    attempts        how often at the most, when workers are lost
    retry           which failures are tried again, and when
    soft_seconds    TaskTimeout is raised in the task after so long
    hard_seconds    the task is killed after so long
    coalesces       a waiting task with the same arguments and resources stands for both
    again           a person may run it again with the same arguments
    priority        who goes first when workers are few
    clean_up        called with the task's arguments when it failed, was stopped or lost its worker
    """

    repeatable: bool = False
    attempts: int = 3
    retry: Retry | None = None
    soft_seconds: float | None = None
    hard_seconds: float | None = None
    coalesces: bool = False
    again: bool = True
    priority: Priority = Priority.NORMAL
    clean_up: Callable[..., None] | None = None


@dataclass(frozen=True)
class Call:
    """What goes with one dispatch beside the arguments.

    `exclusive` and `shared` name resources. `title` replaces the function's own. `parent` defaults
    to the task that dispatches, `logging_cid` to its correlation id. The task stands in no queue
    `not_before` that time. With `immediate`, it is run at once, here, if its resources are free;
    see immediate.py. `task_id` is a new uuid7 for the task, where it must be known before.
    """

    exclusive: Iterable[str] = ()
    shared: Iterable[str] = ()
    by: AbstractBaseUser | None = None
    title: str = ""
    group: TaskGroup | None = None
    parent: Task | None = None
    logging_cid: str = ""
    priority: Priority | None = None
    not_before: datetime | None = None
    immediate: bool = False
    task_id: UUID | None = None
    again_of: Task | None = field(default=None, repr=False)


class TaskFunction(Generic[P, R]):
    """A function and the name under which tasks run it. Calling it runs it here, as no task."""

    def __init__(self, name: str, function: Callable[P, R], title: str, options: Options) -> None:
        self.name = name
        self.function = function
        self.title = title
        self.options = options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def dispatch(self, *args: Any, call: Call | None = None, **kwargs: Any) -> Task:
        """Make a task that calls the function; see dispatch.dispatch."""
        from cartwheel.engine.dispatch import dispatch

        return dispatch(self.name, args, kwargs, call=call or Call())

    def title_for(self, args: Iterable[Any], kwargs: dict[str, Any]) -> str:
        """The title with the arguments in it, or as it is where they do not fit."""
        try:
            bound = inspect.signature(self.function).bind(*args, **kwargs)
            bound.apply_defaults()
            return self.title.format_map(bound.arguments)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            return self.title


def task(
    name: str,
    *,
    title: str = "",
    options: Options = Options(),
) -> Callable[[Callable[P, R]], TaskFunction[P, R]]:
    """Register a function. Its arguments and result must be what JSON can say."""

    def register(function: Callable[P, R]) -> TaskFunction[P, R]:
        if name in _registered:
            raise ValueError(f"Two task functions are named {name}.")
        made = TaskFunction(name, function, title, options)
        _registered[name] = made
        return made

    return register


def find(name: str, *, field: str | None = None) -> TaskFunction[..., Any]:
    """The function registered under a name. Raises UnknownFunction, of the input that named it."""
    try:
        return _registered[name]
    except KeyError:
        raise UnknownFunction(name, frozenset(_registered), field=field) from None


def known_names() -> list[str]:
    """All names that tasks can have here, in order."""
    return sorted(_registered)


def options_of(name: str) -> Options:
    """How tasks of that name are treated; as usual, where the function is unknown here."""
    function = _registered.get(name)
    return function.options if function else Options()


def knows(name: str) -> bool:
    """Is a function registered under that name?"""
    return name in _registered


def title_of(name: str, args: Iterable[Any], kwargs: dict[str, Any]) -> str:
    """What people read instead of the name; empty where the function is unknown or has no title."""
    function = _registered.get(name)
    return function.title_for(args, kwargs) if function and function.title else ""
