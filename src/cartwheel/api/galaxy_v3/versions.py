"""Versions of a collection: list, look, read the documentation, delete.

`named` are the namespace, name and version of one, as its address says them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api import collection_json
from cartwheel.api.authentication import signed_in
from cartwheel.api.collection_filters import VERSIONS
from cartwheel.api.filters import conditions, ordered
from cartwheel.api.galaxy_v3.collections import still_required
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.views import GalaxyView, accepted
from cartwheel.registry.collections import find_version_in, versions_in
from cartwheel.registry.deletion import StillRequired, delete_version, require_delete
from cartwheel.registry.distributions import served_at

ORDERS = {"pulp_created": "id", "namespace": "namespace", "name": "name", "version": "version_key"}


class Versions(GalaxyView):
    permission_classes = [MayRead]

    def get(
        self, request: Request, distro: str, namespace: str, name: str, path: str | None = None
    ) -> Response:
        """The versions in the repository, a page of them, the highest first; none of a collection that is not there."""
        repository = served_at(distro, to=request.user)
        found = versions_in(repository, namespace, name).filter(conditions(request, VERSIONS))
        rows = ordered(request, found, ORDERS, last=("-version_key",)).values(*collection_json.LISTED)
        href = collection_json.collection_href(request, distro, namespace, name)

        def represent(page: Sequence[Any]) -> list[Any]:
            return collection_json.listed_versions(href, page, repository)

        return galaxy_page(request, rows, represent)


class OneVersion(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request, distro: str, path: str | None = None, **named: str) -> Response:
        """One version, and where its file is."""
        repository = served_at(distro, to=request.user)
        found = find_version_in(repository, **named, also=("manifest", "files"))
        return Response(collection_json.version(request, distro, repository, found))

    def delete(self, request: Request, distro: str, path: str | None = None, **named: str) -> Response:
        """Delete it from all repositories. Answers with the task."""
        user = signed_in(request)
        require_delete(named["namespace"], by=user)
        found = find_version_in(served_at(distro, to=user), **named)
        try:
            return accepted(request, delete_version(found, by=user))
        except StillRequired as problem:
            return still_required(problem)


class DocsBlob(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request, distro: str, path: str | None = None, **named: str) -> Response:
        """The documentation of what is in it."""
        repository = served_at(distro, to=request.user)
        found = find_version_in(repository, **named, also=("docs_blob",))
        return Response({"docs_blob": found.docs_blob})


_VERSIONS = "plugin/ansible/content/<str:distro>/collections/index/<str:namespace>/<str:name>/versions/"

urlpatterns = [
    path(_VERSIONS, Versions.as_view()),
    path(f"{_VERSIONS}<str:version>/", OneVersion.as_view()),
    path(f"{_VERSIONS}<str:version>/docs-blob/", DocsBlob.as_view()),
]
