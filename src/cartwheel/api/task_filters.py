"""The filters and orders of task lists, the same in every dialect (contract of Pulp's tasks)."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db.models import Q
from django.urls import is_valid_path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from cartwheel.api.addresses import below_pulp, prefixes
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, a_few, any_text, one_of, ordered, several, sorted_by, texts, times
from cartwheel.api.keys import identified
from cartwheel.api.made import path_of_made
from cartwheel.api.task_pages import TaskPages
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import CreatedResource, Reservation
from cartwheel.engine.names import names
from cartwheel.engine.states import INCOMPLETE, State
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.counting import counted_lately
from cartwheel.registry.plans import among, is_many_to_look_up, to_count, unindexed
from cartwheel.registry.task_rights import visible

ORDERS = {
    "pulp_id": "id",
    "pk": "id",
    "pulp_created": "created_at",
    "pulp_last_updated": "updated_at",
    "state": "state",
    "name": "name",
    "logging_cid": "logging_cid",
    "unblocked_at": "unblocked_at",
    "started_at": "started_at",
    "finished_at": "finished_at",
    # Clients may name these; nothing here corresponds to them, or is of a kind that has an order.
    **dict.fromkeys(
        (
            "error",
            "result",
            "reserved_resources_record",
            "enc_args",
            "enc_kwargs",
            "versions",
            "profile_options",
            "immediate",
            "deferred",
            "pulp_api_version",
        ),
        "",
    ),
}


# What the newest are listed of by an index of its own.
BY_INDEX: tuple[set[str], ...] = (set(), {"state"}, {"name"})


def found(request: Request) -> TaskPages:
    """The tasks that a request's parameters ask for, in the order that they ask for."""
    tasks, wanted = visible(request.user), asked_for(request, _table(request))
    all_of_them, is_active = to_count(tasks, wanted), asks_for_active_only(request)
    # Whoever waits for the list to be empty needs to know its length exactly.
    count = all_of_them.count() if is_active else counted_lately(all_of_them)
    # Those that have not ended stand together in most orders, perhaps behind all others.
    if is_many_to_look_up(count) and not is_active and not _has_index(request):
        wanted = unindexed(wanted, but=sorted_by(request, ORDERS) or "created_at")
    in_order = ordered(request, tasks.filter(wanted), ORDERS, last=("-created_at", "-id"))
    return TaskPages(in_order, count)


def _has_index(request: Request) -> bool:
    filters = {name for name, text in request.query_params.items() if text and (name in TABLE or name == "q")}
    return filters in BY_INDEX and "ordering" not in request.query_params


def asks_for_active_only(request: Request) -> bool:
    """Does the list show only tasks that have not ended, so that waiting for it to be empty makes sense?"""
    states = [*several(request.query_params.get("state__in", "")), request.query_params.get("state", "")]
    named = {state for state in states if state}
    return bool(named) and named <= INCOMPLETE


# -- hrefs and names ------------------------------------------------------------------------------


def related_id(text: str, *, field: str, kind: str, root: str) -> UUID:
    """The id in an address, or a PRN, of one of the things of a list: "core.task" of "tasks/".

    Raises ValidationError: in other words for what leads nowhere, to something else, or to no id.
    """
    path = below_pulp(text) or ""
    if text.startswith(f"prn:{kind}:"):
        identifier = text.rpartition(":")[2]
    elif path.startswith(root) and "/" not in path.removeprefix(root).rstrip("/"):
        identifier = path.removeprefix(root).rstrip("/")
    elif path and is_valid_path(f"{prefixes()[0]}pulp/api/v3/{path}"):
        raise ValidationError([f"URI/PRN is not a valid href for {field} model: {text}"])
    else:
        raise ValidationError([f"URI couldn't be resolved: {text}"])
    if not is_uuid(identifier):
        raise ValidationError([f"UUID invalid: {identifier}"])
    return UUID(identifier)


def _related(field: str, kind: str, root: str) -> Filter:
    read = partial(related_id, field=field, kind=kind, root=root)
    return Filter(read, lambda value: Q(**{field: value}), f"No value supplied for {field} filter.")


def resource_name(text: str) -> str:
    """The name that a resource has in reservations: an href of a repository or the like becomes its PRN."""
    parts = (below_pulp(text) or "").strip("/").split("/")
    kinds = {"repositories": "repository", "remotes": "remote", "distributions": "distribution"}
    if len(parts) == 4 and parts[0] in kinds:
        _, app, kind, identifier = parts
        model = f"{'' if kind == app else kind}{kinds[parts[0]]}"
        return f"prn:{app}.{app if kind == app else ''}{model}:{identifier}"
    return text


def _reserves(items: list[str], exclusive: bool | None) -> Q:
    """Tasks that reserve all of these, one way or any way."""
    wanted = Q()
    for item in items:
        name = resource_name(item)
        if name == HUB and exclusive is not True:
            wanted &= Q(reserved_resources_record__isnull=False)  # every dispatched task shares the hub
            continue
        places = Q(resource=name) if exclusive is None else Q(resource=name, exclusive=exclusive)
        wanted &= among(Reservation, places, "task")
    return wanted


def _reservations(name: str, exclusive: bool | None) -> dict[str, Filter]:
    return {
        name: Filter(any_text, lambda item: _reserves([item], exclusive)),
        f"{name}__in": Filter(a_few, lambda items: _reserves(items, exclusive)),
    }


def _named_like(part: str) -> Q:
    """By the few names that hold it: to look for it in the name of each task would read them all."""
    known = names()
    return Q(name__contains=part) if known is None else Q(name__in=[each for each in known if part in each])


def _made(path: str) -> Q:
    return Q(pk__in=CreatedResource.objects.filter(path=path).values("task"))


def _table(request: Request) -> dict[str, Filter]:
    """The filters as they are for whoever asks: what they may not know of leads nowhere."""

    def path_of(text: str) -> str:
        return path_of_made(any_text(text), by=request.user)

    return TABLE | {"created_resources": Filter(path_of, _made)}


TABLE: dict[str, Filter] = {
    "state": Filter(one_of(State.values), lambda value: Q(state=value)),
    "state__in": Filter(
        several, lambda values: Q(state__in=[each for each in values if each in State.values])
    ),
    "state__ne": Filter(
        any_text, lambda value: Q(state__in=[each for each in State.values if each != value])
    ),
    **texts("name", "name", "in", "ne"),
    "name__contains": Filter(any_text, _named_like),
    **texts("logging_cid", "logging_cid", "contains"),
    **times("pulp_created", "created_at"),
    **times("started_at", "started_at"),
    **times("finished_at", "finished_at"),
    **times("unblocked_at", "unblocked_at"),
    "parent_task": _related("parent_task", "core.task", "tasks/"),
    "child_tasks": _related("child_tasks", "core.task", "tasks/"),
    "task_group": _related("task_group", "core.taskgroup", "task-groups/"),
    "worker": Filter(any_text, lambda _: Q(pk__in=[])),  # clients know it and expect nothing of it
    "created_resources": Filter(any_text, _made),
    **_reservations("reserved_resources", None),
    **_reservations("exclusive_resources", True),
    **_reservations("shared_resources", False),
    **identified(),
}
