"""How a task comes to be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from cartwheel.engine import context, resources
from cartwheel.engine.errors import BadArguments
from cartwheel.engine.functions import Call, title_of
from cartwheel.engine.models import Task
from cartwheel.engine.wakeup import Topic, notify
from cartwheel.kit.ids import uuid7

ARGUMENTS_LIMIT = 1_048_576  # bytes of JSON

# Every task shares the hub; one that took it alone would have it for itself. Pulp calls it a domain.
HUB_ID = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
HUB = f"prn:core.domain:{HUB_ID}"


def dispatch(name: str, args: Iterable[Any], kwargs: Mapping[str, Any], *, call: Call) -> Task:
    """Make a task, in the caller's transaction: no task without its change, and the other way round.

    The name need not be known here: the worker that takes the task may be of a newer release. Raises
    BadArguments if the arguments are no JSON or more than ARGUMENTS_LIMIT bytes of it, or a resource's
    name is empty or too long.
    """
    given = _as_json({"args": list(args), "kwargs": dict(kwargs)})
    exclusive, shared = _names(call.exclusive), _names(call.shared)
    parent = call.parent or context.current_task()
    task = Task(
        id=uuid7(),
        name=name,
        title=(call.title or title_of(name, given["args"], given["kwargs"]))[:500],
        args=given["args"],
        kwargs=given["kwargs"],
        logging_cid=call.logging_cid or context.correlation_id(),
        created_by_id=getattr(call.by, "pk", None) or (parent.created_by_id if parent else None),
        parent_task=parent,
        task_group=call.group,
        reserved_resources_record=[
            *exclusive,
            *(f"shared:{each}" for each in (*shared, HUB) if each not in exclusive),
        ],
    )
    with transaction.atomic(savepoint=False):
        task.pending = resources.line_up(task.pk, exclusive, shared)
        if not task.pending:
            task.unblocked_at = timezone.now()
            notify(Topic.READY)
        task.save(force_insert=True)
    return task


def _as_json(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise BadArguments(f"The arguments of a task must be JSON: {problem}") from None
    if len(text) > ARGUMENTS_LIMIT:
        raise BadArguments(
            f"The arguments of a task are {len(text)} bytes of JSON; at most {ARGUMENTS_LIMIT} fit."
        )
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _names(given: Iterable[str]) -> list[str]:
    names = list(dict.fromkeys(given))
    for each in names:
        if not isinstance(each, str) or not 0 < len(each) <= resources.NAME_LIMIT:
            raise BadArguments(
                f"{each!r} is no resource: use a text of 1 to {resources.NAME_LIMIT} characters."
            )
    return names
