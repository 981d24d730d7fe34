"""The functions that tasks run, under the names that clients see.

@task("pulp_ansible.app.tasks.deletion.delete_collection", title="Delete {namespace}.{name}")
def delete_collection(namespace: str, name: str) -> None: ...

delete_collection.dispatch("acme", "tools", exclusive=[repository.prn], by=user)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from cartwheel.engine.errors import UnknownFunction

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from cartwheel.engine.models import Task, TaskGroup

P = ParamSpec("P")
R = TypeVar("R")

_registered: dict[str, TaskFunction[..., Any]] = {}


@dataclass(frozen=True)
class Call:
    """What goes with one dispatch beside the arguments.

    `exclusive` and `shared` name resources. `title` replaces the function's own. `parent` defaults
    to the task that dispatches, `logging_cid` to its correlation id.
    """

    exclusive: Iterable[str] = ()
    shared: Iterable[str] = ()
    by: AbstractBaseUser | None = None
    title: str = ""
    group: TaskGroup | None = None
    parent: Task | None = None
    logging_cid: str = ""


class TaskFunction(Generic[P, R]):
    """A function and the name under which tasks run it. Calling it runs it here, as no task."""

    def __init__(self, name: str, function: Callable[P, R], title: str) -> None:
        self.name = name
        self.function = function
        self.title = title

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


def task(name: str, *, title: str = "") -> Callable[[Callable[P, R]], TaskFunction[P, R]]:
    """Register a function. Its arguments and result must be what JSON can say."""

    def register(function: Callable[P, R]) -> TaskFunction[P, R]:
        if name in _registered:
            raise ValueError(f"Two task functions are named {name}.")
        made = TaskFunction(name, function, title)
        _registered[name] = made
        return made

    return register


def find(name: str) -> TaskFunction[..., Any]:
    """The function registered under a name. Raises UnknownFunction."""
    try:
        return _registered[name]
    except KeyError:
        raise UnknownFunction(name, frozenset(_registered)) from None


def title_of(name: str, args: Iterable[Any], kwargs: dict[str, Any]) -> str:
    """What people read instead of the name; empty where the function is unknown or has no title."""
    function = _registered.get(name)
    return function.title_for(args, kwargs) if function and function.title else ""
