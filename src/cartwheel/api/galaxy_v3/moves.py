"""Move and copy versions between repositories. A body may be sent or not; nothing is read from it."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.views import GalaxyView
from cartwheel.registry.moves import copy, find_route, move


class Move(GalaxyView):
    def post(self, request: Request, path: str | None = None, **named: str) -> Response:
        """Take a version out of one repository and put it into another. Answers with the task's id."""
        user = signed_in(request)
        task = move(find_route(**named, by=user), by=user)
        # Clients know two tasks, of which one copies and the other removes. Here it is one.
        return Response(
            {
                "copy_task_id": str(task.pk),
                "remove_task_id": str(task.pk),
                "curate_all_synclist_repository_task_id": None,
            },
            status=202,
        )


class Copy(GalaxyView):
    def post(self, request: Request, path: str | None = None, **named: str) -> Response:
        """Put a version of one repository into another one too. Answers with the task's id."""
        user = signed_in(request)
        task = copy(find_route(**named, by=user), by=user)
        return Response({"task_id": str(task.pk)}, status=202)


_VERSION = "collections/<str:namespace>/<str:name>/versions/<str:version>/"

urlpatterns = [
    path(f"{_VERSION}move/<str:source>/<str:destination>/", Move.as_view()),
    path(f"{_VERSION}copy/<str:source>/<str:destination>/", Copy.as_view()),
]
