"""The stream of what happens to tasks, as server-sent events.

The view only says who may have it; the front streams it, costing no thread.
"""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.rendering import JSONRenderer
from cartwheel.api.views import PulpView
from cartwheel.registry.task_rights import sees_all

STREAM, READER = "Cartwheel-Stream", "Cartwheel-Reader"


class EventStreamRenderer(JSONRenderer):
    """Browsers ask for this type and nothing else."""

    media_type = "text/event-stream"


class Events(PulpView):
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    def get(self, request: Request) -> Response:
        """Everybody who is signed in may follow the queue, as far as they may see it."""
        limited = {} if sees_all(request.user) else {READER: str(request.user.pk)}
        return Response(status=204, headers={STREAM: "tasks", **limited})


urlpatterns = [path("events/", Events.as_view())]
