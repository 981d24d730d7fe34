"""Looking after what is stored: orphans go, files are checked, space is given back. Each answers with its task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import IntegerField, ListField
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.references import (
    A_REPOSITORY_VERSION,
    UNITS_LIMIT,
    ReferenceField,
    content_units,
    repositories,
    repository_version,
)
from cartwheel.api.repository_input import RepairInput, read
from cartwheel.api.strictness import Strict
from cartwheel.api.text_field import TextField
from cartwheel.api.views import PulpView, accepted
from cartwheel.engine.models import Task
from cartwheel.registry.models import Repository
from cartwheel.registry.orphans import clean_up
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.reclaiming import reclaim
from cartwheel.registry.repair import repair_all
from cartwheel.registry.repositories import ALL

KEPT_LIMIT = 1000  # versions of repositories in one request
MINUTES_LIMIT = 525_600_000  # a thousand years


class CleanUpInput(Strict[None]):
    content_hrefs = ListField(child=TextField(), required=False, allow_null=True, max_length=UNITS_LIMIT)
    orphan_protection_time = IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MINUTES_LIMIT
    )


class OrphansCleanup(PulpView):
    def post(self, request: Request) -> Response:
        """Delete what has been in no repository for some minutes."""
        by = signed_in(request)
        require_superuser(by)
        given: dict[str, Any] = read(CleanUpInput, request)
        return accepted(request, _clean_up(request, given))


class Orphans(PulpView):
    def delete(self, request: Request) -> Response:
        """The same, as older clients ask for it."""
        require_superuser(request.user)
        return accepted(request, _clean_up(request, {}))


def _clean_up(request: Request, given: dict[str, Any]) -> Task:
    only: list[UUID] | None = None
    if given.get("content_hrefs") is not None:
        only = content_units(request, "content_hrefs", given["content_hrefs"])
    minutes = given.get("orphan_protection_time")
    return clean_up(protection_minutes=minutes, only=only, by=signed_in(request))


class ReclaimInput(Strict[None]):
    repo_hrefs = ListField(child=TextField(), max_length=UNITS_LIMIT)
    repo_versions_keeplist = ListField(
        child=ReferenceField(A_REPOSITORY_VERSION, repository_version), required=False, max_length=KEPT_LIMIT
    )


class ReclaimSpace(PulpView):
    def post(self, request: Request) -> Response:
        """Give back the space of files that could be fetched again."""
        by = signed_in(request)
        require_superuser(by)
        named = read(ReclaimInput, request)["repo_hrefs"]
        if named == [ALL]:
            return accepted(request, reclaim(Repository.objects.all(), by=by))
        if ALL in named:
            raise ValidationError({"repo_hrefs": ["Cannot supply repositories and '*'."]})
        return accepted(request, reclaim(repositories(request, "repo_hrefs", named), by=by))


class Repair(PulpView):
    def post(self, request: Request) -> Response:
        """Look whether the files of all artifacts are there and undamaged."""
        by = signed_in(request)
        require_superuser(by)
        return accepted(request, repair_all(**read(RepairInput, request), by=by))


urlpatterns: list[URLPattern] = [
    path("orphans/cleanup/", OrphansCleanup.as_view()),
    path("orphans/", Orphans.as_view()),
    path("repair/", Repair.as_view()),
    path("repositories/reclaim_space/", ReclaimSpace.as_view()),
]
