"""The tasks that create, change and delete the hub's objects, under the names that clients know.

A kind of object registers what these tasks call:

register("remote", Acts(create=..., update=..., delete=...))
general_update.dispatch("remote", str(remote.pk), changes, call=Call(exclusive=[remote.prn], ...))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cartwheel.engine.functions import task
from cartwheel.kit.errors import NotFound

Document = dict[str, Any]


@dataclass(frozen=True)
class Acts:
    """What is done to one kind of object. Arguments are JSON, an object is named by its id.

    `create` and `update` give back the object as Pulp shows it, which becomes the task's result.
    """

    update: Callable[[str, Mapping[str, Any]], Document]
    delete: Callable[[str], None]
    create: Callable[[Mapping[str, Any]], Document] | None = None


_kinds: dict[str, Acts] = {}


class Gone(NotFound):
    """It was there when the task was asked for."""

    code = "gone"

    def __init__(self, kind: str) -> None:
        super().__init__(f"The {kind} has been deleted meanwhile.")


def register(kind: str, acts: Acts) -> None:
    """Say what is done to objects of a kind. Call it where the acts are, when their module is imported."""
    _kinds[kind] = acts


@task("pulpcore.app.tasks.base.general_create", title="Create a {kind}")
def general_create(kind: str, given: dict[str, Any]) -> Document:
    create = _kinds[kind].create
    if create is None:
        raise NotFound(f"A {kind} is not created by a task.")
    return create(given)


@task("pulpcore.app.tasks.base.ageneral_update", title="Change a {kind}")
def general_update(kind: str, identifier: str, change: dict[str, Any]) -> Document:
    return _kinds[kind].update(identifier, change)


@task("pulpcore.app.tasks.base.ageneral_delete", title="Delete a {kind}")
def general_delete(kind: str, identifier: str) -> None:
    _kinds[kind].delete(identifier)
