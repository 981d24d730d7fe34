"""What is asked for at no address of the hub, or by a name that is none of its own."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from cartwheel.api.addresses import prefixes
from cartwheel.api.refusals import refusal
from cartwheel.kit.errors import Invalid

WRONG_HOST = "The hub does not answer to that name. Use another, or add it to CARTWHEEL_ALLOWED_HOSTS."
PAGE = """<!doctype html>
<html lang="en">
<head>
  <title>Not Found</title>
</head>
<body>
  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>
</body>
</html>
"""


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Where programs ask, a few lines: the page for people, with its menu, costs more and fills their logs."""
    if request.path.startswith(prefixes()):
        return HttpResponse(PAGE, status=404)
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is wrong before a view is asked: most often the Host. Programs are told in their form."""
    if request.path.startswith(prefixes()):
        words = WRONG_HOST if isinstance(exception, DisallowedHost) else str(exception)
        return JsonResponse(refusal(request.path, Invalid(words)), status=400)
    return defaults.bad_request(request, exception)
