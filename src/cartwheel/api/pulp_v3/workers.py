"""Workers, as Pulp shows them. Administrators only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.urls import path
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp, task_href
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, chosen_fields, ordered, texts, times, yes_or_no
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.versions import WORKER_VERSIONS
from cartwheel.api.views import PulpView
from cartwheel.engine.models import MISSING, ONLINE, Task, Worker
from cartwheel.registry.task_rights import known_among

NAME_LOOKUPS = (
    "iexact", "in", "contains", "icontains", "startswith", "istartswith"
)  # fmt: skip
ORDERS = {
    "pulp_id": "id",
    "pk": "id",
    "name": "name",
    "last_heartbeat": "last_heartbeat",
    "pulp_created": "created_at",
}


def _online(wanted: bool | None) -> Q:
    return Q() if wanted is None else ONLINE if wanted else ~ONLINE


def _missing(wanted: bool | None) -> Q:
    return Q() if wanted is None else MISSING if wanted else ~MISSING


TABLE = {
    **texts("name", "name", *NAME_LOOKUPS),
    **times("last_heartbeat", "last_heartbeat"),
    "online": Filter(yes_or_no, _online),
    "missing": Filter(yes_or_no, _missing),
    **identified(),
}


def as_json(request: Request, found: Sequence[Worker]) -> list[dict[str, Any]]:
    """Workers and what each is at; one statement for all their tasks."""
    under_way = Task.objects.under_way().filter(worker__in=found)
    tasks = dict(under_way.values_list("worker_id", "pk"))
    known = known_among(request.user, tasks.values())
    return [
        chosen_fields(
            request,
            {
                "pulp_href": pulp(request, f"workers/{worker.pk}/"),
                "prn": f"prn:core.appstatus:{worker.pk}",
                "pulp_created": stamp(worker.created_at),
                "pulp_last_updated": stamp(worker.last_heartbeat),
                "name": worker.name,
                "last_heartbeat": stamp(worker.last_heartbeat),
                "versions": WORKER_VERSIONS,
                "current_task": task_href(request, tasks[worker.pk])
                if tasks.get(worker.pk) in known
                else None,
            },
        )
        for worker in found
    ]


class _ForAdministrators(PulpView):
    permission_classes = [IsAuthenticated, IsAdminUser]
    http_method_names = ["get", "options"]


class Workers(_ForAdministrators):
    def get(self, request: Request) -> Response:
        """Those at work, and those that went missing; not those that ended in order."""
        found = Worker.objects.filter(asked_for(request, TABLE), stopped_at=None)
        found = ordered(request, found, ORDERS, last=("-created_at", "-id"))
        return pulp_page(request, found, lambda page: as_json(request, page))


class OneWorker(_ForAdministrators):
    def get(self, request: Request, identifier: str) -> Response:
        try:
            worker = Worker.objects.get(pk=UUID(identifier))
        except ValueError:
            raise Http404("Not found.") from None
        except Worker.DoesNotExist:
            raise Http404("No AppStatus matches the given query.") from None
        return Response(as_json(request, [worker])[0])


urlpatterns = [
    path("workers/", Workers.as_view()),
    path("workers/<str:identifier>/", OneWorker.as_view()),
]
