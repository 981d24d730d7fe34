"""Groups of tasks, as Pulp shows them: list, look, stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import chosen_fields, ordered
from cartwheel.api.held import hold_while_any
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.tasks import TaskChange
from cartwheel.api.task_json import minimal_task, rows
from cartwheel.api.views import PulpView
from cartwheel.engine import groups
from cartwheel.engine.models import TaskGroup
from cartwheel.engine.states import INCOMPLETE, State
from cartwheel.registry.task_rights import require_stop_all, visible, visible_groups

TABLE = identified()
ORDERS = {"pulp_id": "id", "pk": "id", "pulp_created": "created_at", "description": "description"}


def as_json(request: Request, found: Sequence[TaskGroup]) -> list[dict[str, Any]]:
    """Groups with those of their fields that were asked for."""
    return [chosen_fields(request, each) for each in _whole(request, found)]


def _whole(request: Request, found: Sequence[TaskGroup]) -> list[dict[str, Any]]:
    """Groups with their counts and their tasks; two statements for all of them."""
    counted = groups.counts(group.pk for group in found)
    members: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows(visible(request.user).filter(task_group__in=found).order_by("id")):
        members[row["task_group_id"]].append(minimal_task(request, row))
    return [
        {
            "pulp_href": pulp(request, f"task-groups/{group.pk}/"),
            "prn": f"prn:core.taskgroup:{group.pk}",
            "description": group.description,
            "all_tasks_dispatched": group.all_tasks_dispatched,
            **{str(state): counted[group.pk][state] for state in State},
            "group_progress_reports": [],
            "tasks": members[group.pk],
        }
        for group in found
    ]


class TaskGroups(PulpView):
    def get(self, request: Request) -> Response:
        found = visible_groups(request.user).filter(asked_for(request, TABLE))
        found = ordered(request, found, ORDERS, last=("-created_at", "-id"))
        return pulp_page(request, found, lambda page: as_json(request, page))


class OneTaskGroup(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        whole = _whole(request, [self._find(request, identifier)])[0]
        return hold_while_any(request, Response(chosen_fields(request, whole)), _active(whole))

    def patch(self, request: Request, identifier: str) -> Response:
        """Stop all its tasks. 409 if one of them is waiting or running all the same."""
        TaskChange(data=request.data).is_valid(raise_exception=True)
        group = self._find(request, identifier)
        require_stop_all(request.user, group)
        whole = _whole(request, [groups.cancel(group, by=signed_in(request))])[0]
        status = 409 if whole["waiting"] or whole["running"] else 200
        response = Response(chosen_fields(request, whole), status=status)
        return hold_while_any(request, response, _active(whole))

    def _find(self, request: Request, identifier: str) -> TaskGroup:
        try:
            return visible_groups(request.user).get(pk=UUID(identifier))
        except ValueError:
            raise Http404("Not found.") from None
        except TaskGroup.DoesNotExist:
            raise Http404("No TaskGroup matches the given query.") from None


def _active(whole: dict[str, Any]) -> int:
    return sum(whole[state] for state in INCOMPLETE)


urlpatterns = [
    path("task-groups/", TaskGroups.as_view()),
    path("task-groups/<str:identifier>/", OneTaskGroup.as_view()),
]
