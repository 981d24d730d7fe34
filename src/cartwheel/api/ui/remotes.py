"""Remotes, as Galaxy's web UI asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.filters import conditions, texts
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.remote_input import SyncConfigChange, SyncConfigInput
from cartwheel.api.sync_config_json import sync_configs
from cartwheel.api.views import GalaxyView
from cartwheel.registry.causes import with_last_sync
from cartwheel.registry.models import CollectionRemote
from cartwheel.registry.permissions import require
from cartwheel.registry.remotes import (
    ADD,
    CHANGE,
    DELETE,
    VIEW,
    change_now,
    create_remote,
    delete_now,
    viewable_by,
)

FILTERS = {**texts("name", "name"), **texts("url", "url")}


class Remotes(GalaxyView):
    def get(self, request: Request) -> Response:
        """Those that fill no repository first, then the newest."""
        rows = viewable_by(signed_in(request)).filter(conditions(request, FILTERS, also=("sort",)))
        found = with_last_sync(rows.order_by("name"), to=request.user)

        def represent(page: Sequence[CollectionRemote]) -> list[Any]:
            return sync_configs(request, page)

        return galaxy_page(request, found, represent)

    def post(self, request: Request) -> Response:
        by = signed_in(request)
        require(by, ADD)
        given = SyncConfigInput(data=request.data)
        given.is_valid(raise_exception=True)
        remote = create_remote(given.validated_data, by=by)
        return Response(sync_configs(request, [remote])[0], status=201)


class OneRemote(GalaxyView):
    def get(self, request: Request, identifier: str) -> Response:
        return Response(sync_configs(request, [_find(request, identifier, VIEW)])[0])

    def put(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=False)

    def patch(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=True)

    def delete(self, request: Request, identifier: str) -> Response:
        delete_now(_find(request, identifier, DELETE), by=signed_in(request))
        return Response(status=204)

    def _change(self, request: Request, identifier: str, *, is_partial: bool) -> Response:
        remote = _find(request, identifier, CHANGE)
        return Response(changed(request, remote, is_partial=is_partial))


def changed(request: Request, remote: CollectionRemote, *, is_partial: bool = False) -> dict[str, Any]:
    """Change a remote as the request says; gives back how it is then. Raises ValidationError, Invalid."""
    given = SyncConfigChange(remote, data=request.data, partial=is_partial)
    given.is_valid(raise_exception=True)
    remote = change_now(remote, given.validated_data, by=signed_in(request))
    return sync_configs(request, [remote])[0]


def _find(request: Request, identifier: str, permission: str) -> CollectionRemote:
    try:
        wanted = UUID(identifier)
    except ValueError:
        require(request.user, permission)
        raise Http404 from None
    remote = with_last_sync(CollectionRemote.objects.filter(pk=wanted), to=request.user).first()
    require(request.user, permission, remote)
    if remote is None:
        raise Http404
    return remote


urlpatterns: list[URLPattern] = [
    path("v1/remotes/", Remotes.as_view()),
    path("v1/remotes/<str:identifier>/", OneRemote.as_view()),
]
