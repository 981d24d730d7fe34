"""Tasks, as Galaxy shows them: list and look."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.held import hold_while_active, hold_while_any
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.task_filters import asks_for_active_only, found
from cartwheel.api.task_json import galaxy_task, galaxy_tasks, one_row, rows
from cartwheel.api.views import GalaxyView


class Tasks(GalaxyView):
    def get(self, request: Request, path: str | None = None) -> Response:
        """The tasks that the filters leave, a page of them."""
        tasks = found(request)
        response = galaxy_page(
            request, rows(tasks), lambda page: galaxy_tasks(request, page), count=tasks.count
        )
        return hold_while_any(request, response, tasks.count if asks_for_active_only(request) else 0)


class OneTask(GalaxyView):
    def get(self, request: Request, identifier: str, path: str | None = None) -> Response:
        try:
            row = one_row(request, UUID(identifier))
        except ValueError:
            row = None
        if row is None:
            raise Http404
        return hold_while_active(request, Response(galaxy_task(request, row)), row["id"], row["state"])


urlpatterns = [
    path("tasks/", Tasks.as_view()),
    path("tasks/<str:identifier>/", OneTask.as_view()),
]
