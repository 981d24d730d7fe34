"""What is asked for at no address of the hub."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from cartwheel.api.addresses import prefixes

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
