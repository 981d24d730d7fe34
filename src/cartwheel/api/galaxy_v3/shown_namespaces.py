"""What a repository shows of namespaces. It is changed where the namespace is."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.content_json import full_namespace
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import ordered
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.content_kinds import KINDS
from cartwheel.api.views import GalaxyView
from cartwheel.kit.texts import is_storable
from cartwheel.registry.distributions import served_at
from cartwheel.registry.models import Namespace

KIND = KINDS["namespaces"]


class ShownNamespaces(GalaxyView):
    def get(self, request: Request, distro: str, path: str | None = None) -> Response:
        rows = _shown(request, distro).filter(asked_for(request, KIND.filters))
        found = ordered(request, rows, KIND.orders, last=("-updated_at", "-pk"))
        return pulp_page(request, found, lambda page: [full_namespace(request, each) for each in page])

    def post(self, request: Request, distro: str, path: str | None = None) -> Response:
        raise PermissionDenied

    def delete(self, request: Request, distro: str, path: str | None = None) -> Response:
        raise PermissionDenied


class ShownNamespace(GalaxyView):
    def get(self, request: Request, distro: str, name: str, path: str | None = None) -> Response:
        found = _shown(request, distro).filter(name=name).first() if is_storable(name) else None
        if found is None:
            raise Http404
        return Response(full_namespace(request, found))

    def patch(self, request: Request, distro: str, name: str, path: str | None = None) -> Response:
        raise PermissionDenied

    def delete(self, request: Request, distro: str, name: str, path: str | None = None) -> Response:
        raise PermissionDenied


def _shown(request: Request, base_path: str) -> QuerySet[Namespace]:
    """Raises NotFound."""
    return Namespace.objects.filter(published_in=served_at(base_path, to=request.user))


_NAMESPACES = "plugin/ansible/content/<str:distro>/namespaces/"

urlpatterns: list[URLPattern] = [
    path(_NAMESPACES, ShownNamespaces.as_view()),
    path(f"{_NAMESPACES}<str:name>/", ShownNamespace.as_view()),
]
