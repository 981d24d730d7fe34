"""What is answered where something broke, and where that will pass."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from cartwheel.api.addresses import prefixes
from cartwheel.api.errors import RETRY_SECONDS
from cartwheel.engine.away import DATABASE_AWAY, is_database_away


def server_error(request: HttpRequest) -> HttpResponse:
    """A page for people and a line for programs, whatever it was that failed before or behind a view."""
    if not is_database_away(sys.exc_info()[1]):
        return defaults.server_error(request)
    headers = {"Retry-After": str(RETRY_SECONDS)}
    if request.path.startswith(prefixes()):
        return JsonResponse({"detail": DATABASE_AWAY}, status=503, headers=headers)
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
