"""Execution environments, and what else is listed of a hub that this one does not have: empty lists, well-formed."""

from __future__ import annotations

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.pagination import galaxy_page
from cartwheel.api.views import GalaxyView


class Empty(GalaxyView):
    def get(self, request: Request, path: str | None = None) -> Response:
        """Nothing, whatever the parameters."""
        return galaxy_page(request, [], list)


class NotThere(GalaxyView):
    def get(self, request: Request, identifier: str, path: str | None = None) -> Response:
        raise Http404


class Denied(GalaxyView):
    """Lists that only a hub has that many organizations share."""

    def get(self, request: Request, identifier: str = "") -> Response:
        raise PermissionDenied


_REPOSITORIES = "plugin/execution-environments/repositories/"

urlpatterns: list[URLPattern] = [
    path(_REPOSITORIES, Empty.as_view()),
    path(f"{_REPOSITORIES}<path:identifier>/", NotThere.as_view()),
]
_OF_UI = ("execution-environments/registries", "execution-environments/remotes")
_SHARED = ("synclists", "my-synclists")
ui_urlpatterns: list[URLPattern] = [
    *(path(f"v1/{name}/", Empty.as_view()) for name in (*_OF_UI, "controllers", "tags/roles")),
    *(path(f"v1/{name}/<str:identifier>/", NotThere.as_view()) for name in (*_OF_UI, "my-distributions")),
    *(path(f"v1/{name}/", Denied.as_view()) for name in _SHARED),
    *(path(f"v1/{name}/<str:identifier>/", Denied.as_view()) for name in _SHARED),
]
