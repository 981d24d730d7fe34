"""Sync as Pulp's clients know it: an act of a repository."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.fields import BooleanField
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.references import A_REMOTE, ReferenceField, find_remote
from cartwheel.api.strictness import Strict
from cartwheel.api.views import PulpView, accepted
from cartwheel.registry.models import Repository
from cartwheel.registry.permissions import require
from cartwheel.registry.sync.start import CHANGE_REPOSITORY, sync


class SyncInput(Strict[None]):
    remote = ReferenceField(A_REMOTE, find_remote, required=False)
    mirror = BooleanField(required=False, default=False)
    optimize = BooleanField(required=False, default=True)


class Sync(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """202 and the task that fetches what the remote has."""
        repository = _find(request, identifier)
        given = SyncInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        options: dict[str, Any] = {"remote": None, **given.validated_data}
        return accepted(request, sync(repository, **options, by=signed_in(request)))


def _find(request: Request, identifier: str) -> Repository:
    try:
        found = Repository.objects.select_related("remote").filter(pk=UUID(identifier)).first()
    except ValueError:
        found = None
    require(request.user, CHANGE_REPOSITORY, found)
    if found is None:
        raise Http404("No AnsibleRepository matches the given query.")
    return found


urlpatterns: list[URLPattern] = [
    path("repositories/ansible/ansible/<str:identifier>/sync/", Sync.as_view()),
]
