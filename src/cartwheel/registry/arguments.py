"""What a task was given, by the names of its function's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from cartwheel.engine.errors import UnknownFunction
from cartwheel.engine.functions import find
from cartwheel.engine.models import Task
from cartwheel.registry.remote_documents import SECRETS

Given = Mapping[str, Any]
HIDDEN = "…"


def arguments_of(task: Task) -> Given:
    """Nothing if the function is unknown, or the arguments are not its own, so that it cannot even begin."""
    try:
        bound = inspect.signature(find(task.name).function).bind(*task.args, **task.kwargs)
    except (UnknownFunction, TypeError):
        return {}
    bound.apply_defaults()
    return bound.arguments


def told_arguments(task: Task) -> Given:
    """The same for people to read: as they were given if that cannot be said, and without secrets."""
    unnamed = {str(number): value for number, value in enumerate(task.args, 1)}
    told: Given = _without_secrets(dict(arguments_of(task)) or unnamed | task.kwargs)
    return told


def has_secrets(value: Any) -> bool:
    """Is there a secret among these arguments, or in what they hold?"""
    if isinstance(value, Mapping):
        return any(bool(each) if name in SECRETS else has_secrets(each) for name, each in value.items())
    return isinstance(value, (list, tuple)) and any(map(has_secrets, value))


def _without_secrets(value: Any) -> Any:
    """Sealed as they are, nobody has to see them."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if each and name in SECRETS else _without_secrets(each)
            for name, each in value.items()
        }
    return [_without_secrets(each) for each in value] if isinstance(value, (list, tuple)) else value
