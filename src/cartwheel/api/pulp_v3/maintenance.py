"""Looking after what is stored: orphans go, files are checked, space is given back. Each answers with its task."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import IntegerField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from cartwheel.api.authentication import signed_in
from cartwheel.api.reference_lists import (
    LinksField,
    UnitsField,
    each_found,
    find_repositories,
    find_repository_versions,
    find_units,
)
from cartwheel.api.references import A_REPOSITORY_VERSION
from cartwheel.api.repository_input import RepairInput, read
from cartwheel.api.views import PulpView, accepted
from cartwheel.engine.models import Task
from cartwheel.registry.models import Repository
from cartwheel.registry.orphans import clean_up
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.reclaiming import reclaim
from cartwheel.registry.repair import repair_all
from cartwheel.registry.repositories import ALL

KEPT_LIMIT = 1000  # versions of repositories in one request
MINUTES_LIMIT = 4_294_967_295
FOR_EVER = 525_600_000  # minutes: a thousand years


class CleanUpInput(Serializer[None]):
    """Fields that nobody knows are passed over here, as on the real hub."""

    content_hrefs = UnitsField(required=False)
    orphan_protection_time = IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MINUTES_LIMIT
    )

    def validate_orphan_protection_time(self, given: int | None) -> int | None:
        return given if given is None else min(given, FOR_EVER)

    def validate_content_hrefs(self, given: list[str]) -> list[UUID]:
        _require_some(given)
        return each_found(given, find_units(given, self.context["request"].user), "content")


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
    minutes, only = given.get("orphan_protection_time"), given.get("content_hrefs")
    return clean_up(protection_minutes=minutes, only=only, by=signed_in(request))


def _require_some(given: list[str]) -> None:
    if not given:
        raise ValidationError("Must not be [].")


class ReclaimInput(Serializer[None]):
    repo_hrefs = UnitsField(all_words="Can not specify other HREFs when using '*'")
    repo_versions_keeplist = LinksField(
        A_REPOSITORY_VERSION, find_repository_versions, max_length=KEPT_LIMIT, required=False
    )

    def validate_repo_hrefs(self, given: list[str]) -> Iterable[Repository]:
        _require_some(given)
        if given == [ALL]:
            return Repository.objects.all()
        return each_found(given, find_repositories(given, self.context["request"].user), "repository")


class ReclaimSpace(PulpView):
    def post(self, request: Request) -> Response:
        """Give back the space of files that could be fetched again."""
        by = signed_in(request)
        require_superuser(by)
        return accepted(request, reclaim(read(ReclaimInput, request)["repo_hrefs"], by=by))


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
