"""Move and copy versions between repositories. A body may be sent or not; nothing is read from it."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import task_href
from cartwheel.api.authentication import signed_in
from cartwheel.api.held import then_answer_with
from cartwheel.api.views import GalaxyView
from cartwheel.engine.models import Task
from cartwheel.registry.moves import copy, find_route, move


class Move(GalaxyView):
    def post(self, request: Request, path: str | None = None, **named: str) -> Response:
        """Take a version out of one repository and put it into another. Answers with the task's id."""
        user = signed_in(request)
        task = move(find_route(**named, by=user), by=user)
        # Clients know two tasks, of which one copies and the other removes. Here it is one.
        ids = {"copy_task_id": str(task.pk), "remove_task_id": str(task.pk)}
        return _accepted(request, task, {**ids, "curate_all_synclist_repository_task_id": None})


class Copy(GalaxyView):
    def post(self, request: Request, path: str | None = None, **named: str) -> Response:
        """Put a version of one repository into another one too. Answers with the task's id."""
        user = signed_in(request)
        task = copy(find_route(**named, by=user), by=user)
        return _accepted(request, task, {"task_id": str(task.pk)})


def _accepted(request: Request, task: Task, body: dict[str, str | None]) -> Response:
    """202 with a body that is this dialect's own; with `Prefer: wait`, the ended task."""
    response = Response(body, status=202)
    return then_answer_with(request, response, task.pk, task_href(request, task.pk))


_VERSION = "collections/<str:namespace>/<str:name>/versions/<str:version>/"

urlpatterns = [
    path(f"{_VERSION}move/<str:source>/<str:destination>/", Move.as_view()),
    path(f"{_VERSION}copy/<str:source>/<str:destination>/", Copy.as_view()),
]
