"""Sync as Pulp's clients know it: an act of a repository."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField, CharField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from cartwheel.api.addresses import below_pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.pulp_v3.remotes import ROOT
from cartwheel.api.strictness import only_known
from cartwheel.api.views import PulpView, accepted
from cartwheel.registry.models import CollectionRemote, Repository
from cartwheel.registry.permissions import require
from cartwheel.registry.sync.start import CHANGE_REPOSITORY, sync

PRN = "prn:ansible.collectionremote:"


class SyncInput(Serializer[None]):
    remote = CharField(required=False, max_length=2000)
    mirror = BooleanField(required=False, default=False)
    optimize = BooleanField(required=False, default=True)

    def validate_remote(self, href: str) -> CollectionRemote:
        return find_by_href(href)


class Sync(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """202 and the task that fetches what the remote has."""
        repository = _find(request, identifier)
        only_known(request.data, SyncInput().fields)
        given = SyncInput(data=request.data)
        given.is_valid(raise_exception=True)
        options: dict[str, Any] = {"remote": None, **given.validated_data}
        return accepted(request, sync(repository, **options, by=signed_in(request)))


def find_by_href(href: str) -> CollectionRemote:
    """The remote that an address or a PRN names. Raises ValidationError."""
    path = below_pulp(href)
    if path is not None and path.startswith(ROOT):
        identifier = path.removeprefix(ROOT).rstrip("/")
    elif href.startswith(PRN):
        identifier = href.removeprefix(PRN)
    elif path is not None and path.startswith("remotes/"):
        raise ValidationError(f"Type for Remote '{href}' does not match Repository.")
    else:
        raise ValidationError("Invalid hyperlink - No URL match.", code="no_match")
    try:
        return CollectionRemote.objects.get(pk=UUID(identifier))
    except (ValueError, CollectionRemote.DoesNotExist):
        raise ValidationError("Invalid hyperlink - Object does not exist.", code="does_not_exist") from None


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
