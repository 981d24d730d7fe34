"""Imports, as ansible-galaxy follows them."""

from __future__ import annotations

from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.filters import BadValue, moment
from cartwheel.api.held import hold_while_active
from cartwheel.api.import_json import find, record
from cartwheel.api.views import GalaxyView


class OneImport(GalaxyView):
    def get(self, request: Request, identifier: str, path: str | None = None) -> Response:
        """An import; with `since`, only what it logged after that moment."""
        since = request.query_params.get("since")
        try:
            after = moment(since) if since else None
        except BadValue as problem:
            raise ValidationError({"since": [str(problem)]}) from None
        row = find(request, identifier)
        response = Response(record(request, row, since=after))
        return hold_while_active(request, response, row["task_id"], row["task__state"])


urlpatterns = [path("plugin/ansible/imports/collections/<str:identifier>/", OneImport.as_view())]
