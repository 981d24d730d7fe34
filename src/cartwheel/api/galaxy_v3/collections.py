"""Collections of a repository: list, look, deprecate, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import path
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, Serializer

from cartwheel.api.authentication import signed_in
from cartwheel.api.collection_json import collections
from cartwheel.api.filters import Table, conditions, texts, yes_or_no
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import GalaxyView, PulpView, accepted
from cartwheel.registry.collections import find_in, ids_in, ids_in_pieces
from cartwheel.registry.deletion import StillRequired, delete, require_delete
from cartwheel.registry.deprecation import deprecate, recommend, require_deprecate
from cartwheel.registry.distributions import served_at
from cartwheel.registry.models import Collection
from cartwheel.registry.repositories import changed_at

DEFAULT = "published"  # what clients get who name no path
FILTERS: Table = {**texts("namespace", "namespace"), **texts("name", "name")}


class Content(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request, distro: str, path: str | None = None) -> Response:
        """When the repository was changed last: clients that copy it all ask this first."""
        return Response({"published": stamp(changed_at(served_at(distro, to=request.user)))})


class Index(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request, distro: str, path: str | None = None) -> Response:
        """The collections, a page of them, the newest first."""
        repository = served_at(distro, to=request.user)
        deprecated = yes_or_no(request.query_params.get("deprecated", ""))
        wanted = conditions(request, FILTERS, also=("deprecated",))
        found = ids_in(repository, wanted, deprecated=deprecated, has_names=bool(wanted))

        def represent(page: Sequence[Any]) -> list[Any]:
            return collections(request, distro, repository, page)

        ids = ids_in_pieces(found, repository)
        return galaxy_page(request, ids, represent, count=ids.count)


class OneCollection(GalaxyView):
    permission_classes = [MayRead]

    def get(
        self, request: Request, distro: str, namespace: str, name: str, path: str | None = None
    ) -> Response:
        """One collection."""
        repository = served_at(distro, to=request.user)
        found = find_in(repository, namespace, name)
        return Response(collections(request, distro, repository, [found.pk])[0])

    def patch(
        self, request: Request, distro: str, namespace: str, name: str, path: str | None = None
    ) -> Response:
        """Deprecate it, or take that back. Answers with the task."""
        repository = served_at(distro, to=request.user)
        found = find_in(repository, namespace, name)
        user = signed_in(request)
        require_deprecate(found, repository, by=user)
        change = _Change(data=request.data)
        change.is_valid(raise_exception=True)
        act = deprecate if change.validated_data["deprecated"] else recommend
        return accepted(request, act(found, repository, by=user))

    def delete(
        self, request: Request, distro: str, namespace: str, name: str, path: str | None = None
    ) -> Response:
        """Delete all its versions, from all repositories. Answers with the task."""
        user = signed_in(request)
        require_delete(namespace, by=user)
        found = find_in(served_at(distro, to=user), namespace, name)
        try:
            return accepted(request, delete(found, by=user))
        except StillRequired as problem:
            return still_required(problem)


class _Change(Serializer[Collection]):
    """The body of a PATCH."""

    deprecated = BooleanField()


def still_required(problem: StillRequired) -> Response:
    """The refusal to delete what others depend on, in a form of its own."""
    body = {"detail": problem.message, "dependent_collection_versions": problem.dependents}
    return Response(body, status=400)


class Everything(GalaxyView):
    """All collections or versions in one answer: nobody may have that, as it has no bounds."""

    def get(self, request: Request, distro: str, path: str | None = None) -> Response:
        raise PermissionDenied


class ClientConfiguration(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request, path: str | None = None) -> Response:
        """Which path a client should use that knows none."""
        return Response({"default_distribution_path": path or DEFAULT})


class Excludes(GalaxyView):
    def get(self, request: Request, path: str | None = None) -> Response:
        """What old clients should leave out when they copy all: nothing."""
        return Response({"collections": []})


_CONTENT = "plugin/ansible/content/<str:distro>/"

urlpatterns = [
    path(f"{_CONTENT}collections/", Content.as_view()),
    path(f"{_CONTENT}collections/index/", Index.as_view()),
    path(f"{_CONTENT}collections/index/<str:namespace>/<str:name>/", OneCollection.as_view()),
    path(f"{_CONTENT}collections/all-collections/", Everything.as_view()),
    path(f"{_CONTENT}collections/all-versions/", Everything.as_view()),
    path("plugin/ansible/client-configuration/", ClientConfiguration.as_view()),
    path("excludes/", Excludes.as_view()),
]
