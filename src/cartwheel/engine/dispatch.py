"""How a task comes to be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils import timezone

from cartwheel.engine import clock, context, resources
from cartwheel.engine.errors import BadArguments
from cartwheel.engine.functions import Call, options_of, title_of
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Task
from cartwheel.engine.packing import is_storable_json
from cartwheel.engine.rules import rank
from cartwheel.engine.states import State
from cartwheel.engine.wakeup import Topic, notify
from cartwheel.kit.ids import uuid7
from cartwheel.kit.texts import is_storable, storable

ARGUMENTS_LIMIT = 1_048_576  # bytes of JSON
SHARED = "shared:"  # before the name of a resource that is not wanted alone


def dispatch(name: str, args: Iterable[Any], kwargs: Mapping[str, Any], *, call: Call) -> Task:
    """Make a task, in the caller's transaction: no task without its change, and the other way round.

    The name need not be known here: the worker that takes the task may be of a newer release. Raises
    BadArguments if the arguments are no JSON or more than ARGUMENTS_LIMIT bytes of it, or a resource's
    name is empty or too long. Gives back a waiting twin instead, if the function coalesces and there
    is one.

    Who dispatches several tasks in one transaction that need different resources calls resources.lock
    with all of them first. Else two such transactions may wait for each other, and PostgreSQL makes one
    of them fail as a whole.
    """
    given = as_json({"args": list(args), "kwargs": dict(kwargs)})
    exclusive, shared = resource_names(call.exclusive), resource_names(call.shared)
    task = _made(name, given, exclusive, shared, call)
    if task.coalesce_key:
        return _one_of_twins(task, exclusive, shared)
    with transaction.atomic(savepoint=False):
        line_up(task, exclusive, shared)
        if call.immediate:
            from cartwheel.engine import immediate  # it needs what claims and ends tasks, which need this

            if immediate.may_run_now(task):
                return immediate.run_now(task)
        task.save(force_insert=True)
    return task


def _made(name: str, given: dict[str, Any], exclusive: list[str], shared: list[str], call: Call) -> Task:
    options = options_of(name)
    parent = call.parent or context.current_task()
    priority = options.priority if call.priority is None else call.priority
    identifier, now = call.task_id or uuid7(), timezone.now()
    record = [*exclusive, *(f"{SHARED}{each}" for each in (*shared, HUB) if each not in exclusive)]
    return Task(
        id=identifier,
        root=(parent.root or parent.pk) if parent else identifier,
        name=name,
        title=storable((call.title or title_of(name, given["args"], given["kwargs"]))[:500]),
        args=given["args"],
        kwargs=given["kwargs"],
        priority=priority,
        rank=rank(now, priority),
        not_before=call.not_before,
        logging_cid=call.logging_cid or context.correlation_id(),
        created_by_id=getattr(call.by, "pk", None) or (parent.created_by_id if parent else None),
        parent_task=parent,
        task_group=call.group,
        again_of=call.again_of,
        coalesce_key=_key(name, given, record) if options.coalesces and not call.not_before else "",
        reserved_resources_record=record,
        created_at=now,
    )


def line_up(
    task: Task, exclusive: Iterable[str], shared: Iterable[str], *, since: datetime | None = None
) -> None:
    """Give a task that is about to be saved its places, unless its time has not come yet.

    It stands in line `since` then, by default since it was made: from that moment on it is unblocked if all
    it needs is free.
    """
    if task.not_before is not None and task.not_before > clock.now():
        return
    task.not_before = None
    task.pending = resources.line_up(task.pk, exclusive, shared)
    task.unblocked_at = None if task.pending else since or task.created_at
    if not task.pending:
        notify(Topic.READY)
    elif HUB in exclusive:
        notify(Topic.READY)  # whether the hub is free is found out by those who claim


def split(record: Iterable[str] | None) -> tuple[list[str], list[str]]:
    """The exclusive and the shared resources of a task's record, without the hub that all share."""
    names = list(record or ())
    shared = [each.removeprefix(SHARED) for each in names if each.startswith(SHARED)]
    return [each for each in names if not each.startswith(SHARED)], [each for each in shared if each != HUB]


def _one_of_twins(task: Task, exclusive: list[str], shared: list[str]) -> Task:
    """Save a coalescing task, or find the twin that waits already."""
    for _ in range(3):  # a twin that stands in the way may have started before it is looked at
        try:
            with transaction.atomic():
                line_up(task, exclusive, shared)
                task.save(force_insert=True)
        except IntegrityError:
            # Locked until the caller's transaction ends: it must not begin before it can see what the caller has changed.
            twins = Task.objects.select_for_update(no_key=True).filter(coalesce_key=task.coalesce_key)
            with transaction.atomic(savepoint=False):
                twin = twins.filter(state=State.WAITING).first()
            if twin is not None:
                return twin
        else:
            return task
    task.coalesce_key = ""
    with transaction.atomic(savepoint=False):
        line_up(task, exclusive, shared)
        task.save(force_insert=True)
    return task


def _key(name: str, given: dict[str, Any], record: list[str]) -> str:
    return hashlib.sha256(json.dumps([name, given, record], sort_keys=True).encode()).hexdigest()


def as_json(value: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a task as they come back from a row. Raises BadArguments."""
    try:
        text = json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise BadArguments(f"The arguments of a task must be JSON: {problem}") from None
    if len(text) > ARGUMENTS_LIMIT:
        raise BadArguments(
            f"The arguments of a task are {len(text)} bytes of JSON; at most {ARGUMENTS_LIMIT} fit."
        )
    if not is_storable_json(text):
        raise BadArguments(
            "The arguments of a task contain a null character or half of a character, which cannot be kept."
        )
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def resource_names(given: Iterable[str]) -> list[str]:
    """Each once. Raises BadArguments for what cannot be the name of a resource."""
    names = list(dict.fromkeys(given))
    for each in names:
        if not isinstance(each, str) or not 0 < len(each) <= resources.NAME_LIMIT or not is_storable(each):
            raise BadArguments(
                f"{each!r} is no resource: use a text of 1 to {resources.NAME_LIMIT} characters."
            )
    return names
