"""The root of the API, also as each distribution has it, and its health."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import prefix_of
from cartwheel.api.versions import of_root
from cartwheel.api.views import GalaxyView
from cartwheel.registry.models import Distribution

Document = dict[str, str | dict[str, str]]


class Root(GalaxyView):
    """What there is. ansible-galaxy finds the way to everything else here."""

    permission_classes = [AllowAny]

    def get(self, request: Request, path: str | None = None) -> Response:
        """Whoever is not signed in learns only where the API is."""
        if path is not None and not _is_served(path):
            raise Http404
        document: Document = {"available_versions": {"v3": "v3/"}}
        if request.user.is_authenticated:
            document = {"available_versions": {"v3": "v3/", "pulp-v3": "pulp/api/v3/"}, **of_root()}
        if path is not None:
            document["distro_base_path"] = path
        return Response(document)


class TemporaryRedirect(HttpResponseRedirect):
    status_code = 307


class ToRoot(GalaxyView):
    """Ansible 2.9 adds `api/` to whatever it was given."""

    permission_classes = [AllowAny]

    def get(self, request: Request, path: str | None = None) -> HttpResponse:
        below = "" if path is None else f"content/{path}/"
        return TemporaryRedirect(f"{prefix_of(request)}{below}")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("OK")


def _is_served(base_path: str) -> bool:
    return "\0" not in base_path and Distribution.objects.filter(base_path=base_path).exists()


urlpatterns: list[URLPattern] = [
    path("", Root.as_view()),
    path("api/", ToRoot.as_view()),
    path("content/<str:path>/", Root.as_view()),
    path("content/<str:path>/api/", ToRoot.as_view()),
    path("status/healthz", healthz),
]
