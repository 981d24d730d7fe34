"""All paths: the API under each of its prefixes, and the pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from cartwheel.api.addresses import prefixes


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("OK")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    *(path(prefix.lstrip("/"), include("cartwheel.api.urls")) for prefix in prefixes()),
    path("", include("cartwheel.api.events")),
    path("", include("cartwheel.web.urls")),
]
