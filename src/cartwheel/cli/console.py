"""`cartwheel console`: Python with the hub's models in scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cartwheel.engine.models import Task, TaskGroup


@click.command()
@click.option("-c", "--code", help="Run this code and end.")
@click.option("--data", type=click.Path(path_type=Path), help="The data directory; default CARTWHEEL_DATA.")
def console(code: str | None, data: Path | None) -> None:
    """Python with the hub's models in scope: Task, TaskGroup, ProgressReport, dispatch and the others."""
    from cartwheel.cli.setup import prepare_database, set_up

    set_up(data.absolute() if data else None)
    prepare_database()
    scope = _scope()
    if code is not None:
        exec(compile(code, "<console>", "exec"), scope)  # noqa: S102, running code is what a console is for
        return
    import code as interactive

    names = ", ".join(sorted(name for name in scope if not name.startswith("_")))
    interactive.interact(banner=f"Cartwheel console. In scope: {names}", local=scope, exitmsg="")


def _scope() -> dict[str, Any]:
    from django.apps import apps

    models = {
        model.__name__: model for model in apps.get_models() if model.__module__.startswith("cartwheel.")
    }
    return {"__name__": "__console__", **models, "dispatch": dispatch}


def dispatch(
    name: str,
    args: Iterable[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    exclusive_resources: Iterable[Any] = (),
    shared_resources: Iterable[Any] = (),
    task_group: TaskGroup | None = None,
    versions: Mapping[str, str] | None = None,
) -> Task:
    """Make a task that calls a task function, as Pulp's dispatch does; returns the task.

    Resources are names, or objects that have a `prn`. `versions` is taken and means nothing here.
    """
    from cartwheel.engine.dispatch import dispatch as make
    from cartwheel.engine.functions import Call

    call = Call(exclusive=_names(exclusive_resources), shared=_names(shared_resources), group=task_group)
    return make(name, args, kwargs or {}, call=call)


def _names(resources: Iterable[Any]) -> list[str]:
    return [getattr(each, "prn", each) for each in resources if each is not None]
