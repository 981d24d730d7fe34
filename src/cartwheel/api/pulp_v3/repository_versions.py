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
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.repositories import ROOT, find_repository
from cartwheel.api.rendering import stamp
from cartwheel.api.repository_filters import ALL_VERSION_FILTERS, VERSION_FILTERS, VERSION_ORDERS
from cartwheel.api.repository_input import RebuildInput, RepairInput, read
from cartwheel.api.views import PulpView, accepted
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import Repository, RepositoryVersion
from cartwheel.registry.permissions import require
from cartwheel.registry.rebuilding import REBUILD, rebuild
from cartwheel.registry.repair import REPAIR, repair
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
        rows = with_previous(found).select_related("repository", "base_version")

        def represent(page: Sequence[Any]) -> list[dict[str, Any]]:
            return [
                chosen_fields(request, _document(request, each.repository, each, summary))
                for each, summary in zip(page, summaries_of(page), strict=True)
            ]

        return pulp_page(request, ordered(request, rows, ORDERS, last=("-created_at", "-id")), represent)


class Versions(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        """The latest first."""
        repository = find_repository(request, identifier)
        wanted = asked_for(request, FILTERS)
        rows = ordered(request, versions_of(repository).filter(wanted), ORDERS, last=("-number",))
        return pulp_page(request, rows, lambda page: _documents(request, repository, page))


class OneVersion(PulpView):
    def get(self, request: Request, identifier: str, number: str) -> Response:
        repository = find_repository(request, identifier)
        return Response(_documents(request, repository, [_find(repository, number)])[0])

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


def _documents(request: Request, repository: Repository, page: Sequence[Any]) -> list[dict[str, Any]]:
    """Takes versions as `versions_of` gives them. Two statements."""
    return [
        chosen_fields(request, _document(request, repository, version, summary))
        for version, summary in zip(page, summaries(repository, page), strict=True)
    ]


def _document(request: Request, repository: Repository, version: Any, summary: Summary) -> dict[str, Any]:
    prn = f"prn:core.repositoryversion:{version.pk}"
    href = pulp(request, version.path)
    base = version.base_version
    return {
        "pulp_href": href,
        "prn": prn,
        "pulp_created": stamp(version.created_at),
        "pulp_last_updated": stamp(version.updated_at),
        "number": version.number,
        "repository": pulp(request, repository.path),
        "base_version": pulp(request, base.path) if base else None,
        "content_summary": {
            "added": _counted(request, "repository_version_added", href, summary.added),
            "removed": _counted(request, "repository_version_removed", href, summary.removed),
            "present": _counted(request, "repository_version", href, summary.present),
        },
        "vuln_report": pulp(request, f"vuln_report/?repo_versions={prn}"),
    }


def _counted(request: Request, parameter: str, href: str, count: int) -> dict[str, Any]:
    listed = pulp(request, f"content/ansible/collection_versions/?{parameter}={href}")
    return {"ansible.collection_version": {"count": count, "href": listed}} if count else {}


_ONE = f"{ROOT}<str:identifier>/versions/<str:number>/"

urlpatterns: list[URLPattern] = [
    path("repository_versions/", AllVersions.as_view()),
    path(f"{ROOT}<str:identifier>/versions/", Versions.as_view()),
    path(_ONE, OneVersion.as_view()),
    path(f"{_ONE}repair/", Repair.as_view()),
    path(f"{_ONE}rebuild_metadata/", RebuildMetadata.as_view()),
]
