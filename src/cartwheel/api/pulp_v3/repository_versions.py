"""The versions of a repository, as Pulp shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import chosen_fields, ordered
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.repositories import ROOT, find_repository
from cartwheel.api.repository_filters import ALL_VERSION_FILTERS, VERSION_FILTERS, VERSION_ORDERS
from cartwheel.api.repository_input import RebuildInput, RepairInput, read
from cartwheel.api.views import PulpView, accepted
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import Repository, RepositoryVersion
from cartwheel.registry.permissions import require
from cartwheel.registry.rebuilding import REBUILD, rebuild
from cartwheel.registry.repair import REPAIR, repair
from cartwheel.registry.repository_documents import repository_version
from cartwheel.registry.repository_versions import (
    DELETE,
    Summary,
    delete_version,
    summaries,
    summaries_of,
    versions_of,
    with_previous,
)

FILTERS, ORDERS = VERSION_FILTERS, VERSION_ORDERS
DIGITS_LIMIT = 9  # of the number of a version


class AllVersions(PulpView):
    def get(self, request: Request) -> Response:
        """Of all repositories that the user may read, the latest first."""
        readable = Repository.objects.filter(readable_by(request.user))
        found = RepositoryVersion.objects.filter(
            asked_for(request, ALL_VERSION_FILTERS), repository__in=readable
        )
        rows = with_previous(found)

        def represent(page: Sequence[Any]) -> list[dict[str, Any]]:
            return _documents(request, page, summaries_of(page))

        return pulp_page(request, ordered(request, rows, ORDERS, last=("-created_at", "-id")), represent)


class Versions(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request, identifier: str) -> Response:
        """The latest first."""
        repository = find_repository(request, identifier)
        wanted = asked_for(request, FILTERS)
        rows = ordered(request, versions_of(repository).filter(wanted), ORDERS, last=("-number",))

        def represent(page: Sequence[Any]) -> list[dict[str, Any]]:
            return _documents(request, page, summaries(repository, page))

        return pulp_page(request, rows, represent)


class OneVersion(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request, identifier: str, number: str) -> Response:
        repository = find_repository(request, identifier)
        found = [_find(repository, number)]
        return Response(_documents(request, found, summaries(repository, found))[0])

    def delete(self, request: Request, identifier: str, number: str) -> Response:
        """Answers with the task."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, DELETE, repository)
        return accepted(request, delete_version(_find(repository, number), by=by))


class Repair(PulpView):
    def post(self, request: Request, identifier: str, number: str) -> Response:
        """Look whether the files are there and undamaged. Answers with the task."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, REPAIR, repository)
        version = _find(repository, number)
        return accepted(request, repair(version, **read(RepairInput, request), by=by))


class RebuildMetadata(PulpView):
    def post(self, request: Request, identifier: str, number: str) -> Response:
        """Read the files of what that version holds again. Answers with the task."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, REBUILD, repository)
        version = _find(repository, number)
        given = read(RebuildInput, request)
        return accepted(request, rebuild(repository, **given, number=version.number, by=by))


def _find(repository: Repository, number: str) -> Any:
    """A version as `versions_of` gives it. Raises Http404."""
    if not (number.isascii() and number.isdigit() and len(number) <= DIGITS_LIMIT):
        raise Http404("Not found.")
    found = versions_of(repository).filter(number=int(number)).first()
    if found is None:
        raise Http404("No RepositoryVersion matches the given query.")
    return found


def _documents(request: Request, page: Sequence[Any], told: Sequence[Summary]) -> list[dict[str, Any]]:
    root = pulp(request, "")
    return [
        chosen_fields(request, repository_version(version, summary, root=root))
        for version, summary in zip(page, told, strict=True)
    ]


_ONE = f"{ROOT}<str:identifier>/versions/<str:number>/"

urlpatterns: list[URLPattern] = [
    path("repository_versions/", AllVersions.as_view()),
    path(f"{ROOT}<str:identifier>/versions/", Versions.as_view()),
    path(_ONE, OneVersion.as_view()),
    path(f"{_ONE}repair/", Repair.as_view()),
    path(f"{_ONE}rebuild_metadata/", RebuildMetadata.as_view()),
]
