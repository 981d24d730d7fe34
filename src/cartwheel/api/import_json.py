"""Imports as clients are shown them: an import is its task, with what it logged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.request import Request

from cartwheel.api.references import as_uuid
from cartwheel.api.rendering import stamp
from cartwheel.engine.models import LogLine, Task
from cartwheel.registry.linting.task import LINT
from cartwheel.registry.models import CollectionImport, Namespace
from cartwheel.registry.permissions import allows
from cartwheel.registry.task_rights import may_read_log, visible_imports

Row = dict[str, Any]

COLUMNS = (
    "task_id",
    "namespace",
    "name",
    "version",
    "task__state",
    "task__created_at",
    "task__updated_at",
    "task__started_at",
    "task__finished_at",
)


def rows(imports: QuerySet[CollectionImport]) -> QuerySet[CollectionImport, Row]:
    """The columns that a list of imports is made from."""
    found: QuerySet[CollectionImport, Row] = imports.values(*COLUMNS)
    return found


def find(request: Request, identifier: str) -> Row:
    """The columns that one import is made from, if the reader may know of it. Raises Http404."""
    task_id = as_uuid(identifier)
    if task_id is None:
        raise Http404
    found = visible_imports(request.user).filter(pk=task_id)
    row: Row | None = found.values(*COLUMNS, "task__error", "task__created_by_id").first()
    if row is None:
        raise Http404
    return row


def summaries(page: Iterable[Row]) -> list[Row]:
    """Imports as they stand in a list."""
    return [
        {
            "id": row["task_id"],
            "state": row["task__state"],
            "namespace": row["namespace"],
            "name": row["name"],
            "version": row["version"],
            **_times(row),
        }
        for row in page
    ]


def record(request: Request, row: Row, *, since: datetime | None = None) -> Row:
    """One import with its error and what it logged, or what it logged after a moment."""
    task = Task(pk=row["task_id"], created_by_id=row["task__created_by_id"])
    is_insider = may_read_log(request.user, task)
    is_concerned = is_insider or allows(
        request.user, "galaxy.upload_to_namespace", Namespace.objects.filter(name=row["namespace"]).first()
    )
    error = row["task__error"]
    return {
        "id": row["task_id"],
        "state": row["task__state"],
        **_times(row),
        "error": error if is_insider or error is None else {**error, "traceback": None},
        "messages": _messages(row["task_id"], since) if is_concerned else [],
    }


def _times(row: Row) -> Row:
    names = ("created_at", "updated_at", "started_at", "finished_at")
    return {name: stamp(row[f"task__{name}"]) for name in names}


def _messages(task_id: UUID, since: datetime | None) -> list[Row]:
    linting = Task.objects.filter(parent_task=task_id, name=LINT).values_list("pk", flat=True)
    lines = LogLine.objects.filter(task__in=[task_id, *linting]).order_by("pk")
    if since is not None:
        lines = lines.filter(time__gt=since)
    return [
        {"time": time.timestamp(), "level": level, "message": message}
        for time, level, message in lines.values_list("time", "level", "message")
    ]
