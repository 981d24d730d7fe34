"""Tasks as JSON, in the forms of Pulp and of Galaxy. A page costs three statements or four."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request

from cartwheel.api.addresses import asked_by, prefix_of, pulp, task_href
from cartwheel.api.filters import chosen_fields, listed
from cartwheel.api.gone import GONE, gone
from cartwheel.api.rendering import stamp
from cartwheel.api.task_pages import TaskPages
from cartwheel.api.task_relations import Relations, relations
from cartwheel.engine.blockers import HeldBack, awaited, held_back
from cartwheel.engine.models import Task
from cartwheel.engine.prepared import Given, Query
from cartwheel.engine.states import State
from cartwheel.registry.causes import error_for, told_why
from cartwheel.registry.task_rights import known_among, sees_all, told_all, visible

Row = dict[str, Any]

COLUMNS = (
    "id",
    "name",
    "title",
    "state",
    "root",
    "logging_cid",
    "created_by_id",
    "created_by__username",
    "parent_task_id",
    "task_group_id",
    "worker__name",
    "worker__last_heartbeat",
    "worker__stopped_at",
    "attempt",
    "again_of_id",
    "not_before",
    "reserved_resources_record",
    "created_at",
    "updated_at",
    "unblocked_at",
    "started_at",
    "finished_at",
    "error",
    "result",
)


def rows(tasks: QuerySet[Task] | TaskPages) -> Any:
    """The columns that both forms are made from."""
    return tasks.values(*COLUMNS)


_KEY = Given("key", Task._meta.pk)
_one_row = Query(lambda: rows(Task.objects.filter(pk=_KEY)))


def one_row(request: Request, identifier: UUID) -> Row | None:
    """The columns of one task, if the reader may know of it."""
    if sees_all(request.user):
        return next(iter(_one_row(key=identifier)), None)
    row: Row | None = rows(visible(request.user).filter(pk=identifier)).first()
    return row


def pulp_tasks(request: Request, found: Sequence[Row]) -> list[Row]:
    """Tasks in Pulp's long form, or the short one with `minimal=true`, with the fields that were asked for."""
    if request.query_params.get("minimal", "").lower() == "true":
        return [chosen_fields(request, minimal_task(request, row)) for row in found]
    wanted = _wanted(request)
    ids = [row["id"] for row in found]
    is_any_wanted = any(map(wanted, ("child_tasks", "progress_reports", "created_resources")))
    related = relations(ids if is_any_wanted else ())
    known = _known_kin(request, found, related)
    lost = gone(chain.from_iterable(related.made.values()), to=request.user)
    waits = awaited([row["id"] for row in found if row["state"] == State.WAITING])
    held = held_back() if any(_lacks_no_resource(row, waits) for row in found) else None
    told = _told(request, found)
    return [
        chosen_fields(
            request,
            minimal_task(request, row)
            | _long_form(request, row, related, known, lost)
            | {
                "error": told.error(row),
                "result": asked_by(request, told.result(row)),
                "waiting_for": _waiting_for(row, waits, held),
            },
        )
        for row in found
    ]


def _long_form(
    request: Request, row: Row, related: Relations, known: Collection[UUID], lost: Collection[str]
) -> Row:
    """What the long form tells beyond the short one, but for what depends on who asks and what is in the way."""
    key, group = row["id"], row["task_group_id"]
    return {
        "logging_cid": row["logging_cid"],
        "created_by": None,  # the real hub names nobody here; see requested_by
        "error": None,
        "parent_task": _href(request, row["parent_task_id"], known),
        "child_tasks": [task_href(request, child) for child in related.children[key] if child in known],
        "task_group": pulp(request, f"task-groups/{group}/") if group else None,
        "progress_reports": related.reports[key],
        "created_resources": [GONE if path in lost else pulp(request, path) for path in related.made[key]],
        "reserved_resources_record": row["reserved_resources_record"],
        "result": None,
        # Ours, beyond what Pulp tells.
        "title": row["title"],
        "requested_by": row["created_by__username"],
        "attempt": row["attempt"],
        "again_of": _href(request, row["again_of_id"], known),
        "waiting_for": None,
    }


def minimal_task(request: Request, row: Row) -> Row:
    """A task in Pulp's short form, as it stands in groups too."""
    return {
        "pulp_href": task_href(request, row["id"]),
        "prn": f"prn:core.task:{row['id']}",
        "pulp_created": stamp(row["created_at"]),
        "pulp_last_updated": stamp(row["updated_at"]),
        "name": row["name"],
        "state": row["state"],
        "unblocked_at": stamp(row["unblocked_at"]),
        "started_at": stamp(row["started_at"]),
        "finished_at": stamp(row["finished_at"]),
        "worker": None,
    }


def galaxy_task(request: Request, row: Row) -> Row:
    """One task in Galaxy's form."""
    related = relations([row["id"]])
    known = _known_kin(request, [row], related)
    return {
        "pulp_id": str(row["id"]),
        "name": row["name"],
        "created_at": stamp(row["created_at"]),
        "updated_at": stamp(row["updated_at"]),
        "finished_at": stamp(row["finished_at"]),
        "started_at": stamp(row["started_at"]),
        "state": row["state"],
        "error": _told(request, [row]).error(row),
        "worker": _worker(row),
        "parent_task": str(row["parent_task_id"]) if row["parent_task_id"] in known else None,
        "child_tasks": [str(child) for child in related.children[row["id"]] if child in known],
        "progress_reports": related.reports[row["id"]],
    }


def galaxy_tasks(request: Request, found: Sequence[Row]) -> list[Row]:
    """Tasks as they stand in Galaxy's list."""
    prefix = prefix_of(request)
    return [
        {
            "href": f"{prefix}v3/tasks/{row['id']}/",
            "pulp_id": str(row["id"]),
            "name": row["name"],
            "started_at": stamp(row["started_at"]),
            "finished_at": stamp(row["finished_at"]),
            "state": row["state"],
        }
        for row in found
    ]


def _worker(row: Row) -> Row | None:
    """The worker that has the task. It is missing if it went away while it had it."""
    if row["worker__name"] is None or row["state"] not in (State.RUNNING, State.CANCELING):
        return None
    return {
        "name": row["worker__name"],
        "missing": row["worker__stopped_at"] is not None,
        "last_heartbeat": stamp(row["worker__last_heartbeat"]),
    }


def _lacks_no_resource(row: Row, waits: Mapping[UUID, list[str]]) -> bool:
    """Does it wait, though neither for a resource nor for its time?"""
    return row["state"] == State.WAITING and row["id"] not in waits and not row["not_before"]


def _waiting_for(row: Row, waits: Mapping[UUID, list[str]], held: HeldBack | None) -> Row | None:
    """What a waiting task lacks, in short; tasks/<id>/blockers/ tells who has it."""
    if row["state"] != State.WAITING:
        return None
    cause = "worker"
    if row["not_before"]:
        cause = "time"
    elif row["id"] in waits:
        cause = "resources"
    elif held and held.pause_of(row["name"]):
        cause = "paused"
    elif held and held.gate_before(row["id"], row["root"]):
        cause = "hub"
    return {"cause": cause, "resources": waits.get(row["id"], []), "not_before": stamp(row["not_before"])}


@dataclass(frozen=True)
class _Told:
    """What somebody is told of some tasks."""

    insider: set[UUID]  # of which one may see tracebacks and results
    why: set[UUID]  # of which one may read why they failed

    def error(self, row: Row) -> Row | None:
        error: Row | None = row["error"]
        if row["id"] in self.insider:
            return error
        told = error_for(error, is_told=row["id"] in self.why)
        return told and {**told, "traceback": None}

    def result(self, row: Row) -> Any:
        """It may be all that was changed, such as a remote with its headers."""
        return row["result"] if row["id"] in self.insider else None


def _told(request: Request, found: Sequence[Row]) -> _Told:
    """Asked only of tasks that have an error or a result."""
    telling = [row for row in found if row["result"] is not None or row["error"]]
    insider = told_all(
        request.user, [(row["id"], row["created_by_id"], row["reserved_resources_record"]) for row in telling]
    )
    failed = [row["id"] for row in telling if row["error"] and row["id"] not in insider]
    return _Told(insider, told_why(request.user, failed))


def _wanted(request: Request) -> Callable[[str], bool]:
    only, without = (frozenset(listed(request, name)) for name in ("fields", "exclude_fields"))
    return lambda name: (not only or name in only) and name not in without


def _known_kin(request: Request, found: Sequence[Row], related: Relations) -> set[UUID]:
    """Those of the tasks' parents, children and forerunners that the reader may know of."""
    named = [row[column] for row in found for column in ("parent_task_id", "again_of_id") if row[column]]
    return known_among(request.user, [*named, *chain.from_iterable(related.children.values())])


def _href(request: Request, task_id: UUID | None, known: Collection[UUID]) -> str | None:
    return task_href(request, task_id) if task_id and task_id in known else None
