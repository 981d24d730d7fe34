"""Sync as Galaxy's clients know it: below the path of a distribution, whose repository has a remote."""

from __future__ import annotations

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import task_href
from cartwheel.api.authentication import signed_in
from cartwheel.api.held import then_answer_with
from cartwheel.api.sync_config_json import sync_configs
from cartwheel.api.ui.remotes import changed
from cartwheel.api.views import GalaxyView
from cartwheel.registry.causes import with_last_sync
from cartwheel.registry.models import CollectionRemote, Repository
from cartwheel.registry.permissions import require
from cartwheel.registry.remotes import CHANGE, VIEW
from cartwheel.registry.sync.start import sync_as_configured


class Sync(GalaxyView):
    def post(self, request: Request, path: str | None = None) -> Response:
        """Sync the repository behind the path. Answers 200 and with the task's bare id, as clients know it."""
        repository = _repository(request, path, CHANGE)
        task = sync_as_configured(repository, path or "", by=signed_in(request))
        response = Response({"task": str(task.pk)})
        return then_answer_with(request, response, task.pk, task_href(request, task.pk))


class SyncConfig(GalaxyView):
    def get(self, request: Request, path: str | None = None) -> Response:
        """The remote of the repository behind the path."""
        return Response(sync_configs(request, [_remote(request, path, VIEW)])[0])

    def put(self, request: Request, path: str | None = None) -> Response:
        return Response(changed(request, _remote(request, path, CHANGE)))


def _repository(request: Request, base_path: str | None, permission: str) -> Repository:
    rows = with_last_sync(
        Repository.objects.select_related("remote"), to=request.user, field="remote__last_sync_task"
    )
    found = rows.filter(distributions__base_path=base_path).first() if base_path else None
    require(request.user, permission, found.remote if found else None)
    if found is None:
        raise Http404
    return found


def _remote(request: Request, base_path: str | None, permission: str) -> CollectionRemote:
    remote = _repository(request, base_path, permission).remote
    if remote is None:
        raise Http404
    return remote


urlpatterns: list[URLPattern] = [
    path("sync/", Sync.as_view()),
    path("sync/config/", SyncConfig.as_view()),
]
