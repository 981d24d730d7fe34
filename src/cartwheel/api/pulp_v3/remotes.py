"""Remotes, as Pulp shows them. Those of roles and of git are lists in which nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, ordered, texts, times
from cartwheel.api.keys import identified, typed
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.labels import label_urls
from cartwheel.api.pulp_v3.object_roles import role_urls
from cartwheel.api.remote_input import RemoteInput
from cartwheel.api.views import PulpView, accepted, expects_a_task
from cartwheel.registry import labels
from cartwheel.registry.causes import with_last_sync
from cartwheel.registry.models import CollectionRemote
from cartwheel.registry.permissions import require
from cartwheel.registry.remote_documents import as_pulp_shows, last_sync
from cartwheel.registry.remotes import (
    ADD,
    CHANGE,
    DELETE,
    VIEW,
    change_remote,
    create_remote,
    delete_remote,
    viewable_by,
)

ROOT = "remotes/ansible/collection/"
NAME_LOOKUPS = (
    "iexact", "in", "contains", "icontains", "startswith", "istartswith"
)  # fmt: skip
ORDERS = {
    "pulp_id": "id",
    "pk": "id",
    "pulp_created": "created_at",
    "pulp_last_updated": "updated_at",
    "name": "name",
    "url": "url",
    "rate_limit": "rate_limit",
    "download_concurrency": "download_concurrency",
}


def _with_labels(text: str) -> Q:
    """There are few remotes, and not every database can look into labels."""
    terms = labels.parse(text)
    rows = CollectionRemote.objects.values_list("pk", "labels")
    return Q(pk__in=[pk for pk, held in rows if labels.hold(terms, held)])


TYPES = (  # that Pulp knows
    "ansible.collection",
    "ansible.git",
    "ansible.role",
    "container.container",
    "container.pull-through",
    "file.file",
    "file.git",
)
FILTERS: dict[str, Filter] = {
    **texts("name", "name", *NAME_LOOKUPS),
    **texts("url", "url", "in", "contains", "icontains"),
    **times("pulp_last_updated", "updated_at"),
    "pulp_label_select": Filter(any_text, _with_labels, labels.NO_LABEL),
    **identified(),
}


class Remotes(PulpView):
    filters: ClassVar[Table] = FILTERS

    def get(self, request: Request) -> Response:
        rows = viewable_by(signed_in(request)).filter(asked_for(request, self.filters))
        found = ordered(request, with_last_sync(rows, to=request.user), ORDERS, last=("-created_at", "-id"))

        def represent(page: Sequence[CollectionRemote]) -> list[Any]:
            return [chosen_fields(request, _document(request, each)) for each in page]

        return pulp_page(request, found, represent)

    def post(self, request: Request) -> Response:
        by = signed_in(request)
        require(by, ADD)
        remote = create_remote(_read(request, None).validated_data, by=by)
        document = as_pulp_shows(remote, root=pulp(request, ""))
        return Response(document, status=201, headers={"Location": document["pulp_href"]})


class OneRemote(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        return Response(chosen_fields(request, _document(request, find_remote(request, identifier))))

    def put(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=False)

    def patch(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=True)

    def delete(self, request: Request, identifier: str) -> Response:
        remote = find_remote(request, identifier, permission=DELETE)
        return accepted(request, delete_remote(remote, by=signed_in(request)))

    def _change(self, request: Request, identifier: str, *, is_partial: bool) -> Response:
        """202 and the task that changes it, or 200 and the remote if there is nothing to change."""
        remote = find_remote(request, identifier, permission=CHANGE)
        given = _read(request, remote, is_partial=is_partial).validated_data
        task = change_remote(remote, given, by=signed_in(request), always=expects_a_task(request))
        if task is None:
            return Response(as_pulp_shows(remote, root=pulp(request, "")))
        return accepted(request, task)


class Nothing(PulpView):
    """Remotes of a kind that this hub does not sync from."""

    def get(self, request: Request) -> Response:
        require(request.user, VIEW)
        asked_for(request, FILTERS)
        return pulp_page(request, [], list)


class NotThere(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        require(request.user, VIEW)
        raise Http404("Not found.")


class AllRemotes(Remotes):
    """Remotes of every kind: those of collections are all there are."""

    http_method_names = ["get", "head", "options"]
    filters = FILTERS | typed(TYPES, "ansible.collection")


def find_remote(request: Request, identifier: str, *, permission: str = VIEW) -> CollectionRemote:
    """The remote, for somebody with a permission on it. Raises Http404, Denied."""
    try:
        wanted = UUID(identifier)
    except ValueError:
        require(request.user, permission)
        raise Http404("Not found.") from None
    rows: QuerySet[CollectionRemote] = with_last_sync(CollectionRemote.objects.all(), to=request.user)
    remote = rows.filter(pk=wanted).first()
    require(request.user, permission, remote)
    if remote is None:
        raise Http404("No CollectionRemote matches the given query.")
    return remote


def _read(request: Request, remote: CollectionRemote | None, *, is_partial: bool = False) -> RemoteInput:
    given = RemoteInput(remote, data=request.data, partial=is_partial)
    given.is_valid(raise_exception=True)
    return given


def _document(request: Request, remote: CollectionRemote) -> dict[str, Any]:
    return as_pulp_shows(remote, root=pulp(request, ""), last_sync=last_sync(remote.last_sync_task))


urlpatterns: list[URLPattern] = [
    path("remotes/", AllRemotes.as_view()),
    path(ROOT, Remotes.as_view()),
    path(f"{ROOT}<str:identifier>/", OneRemote.as_view()),
    *label_urls(ROOT, partial(find_remote, permission=CHANGE)),
    *role_urls(ROOT, find_remote),
    path("remotes/ansible/role/", Nothing.as_view()),
    path("remotes/ansible/role/<str:identifier>/", NotThere.as_view()),
    path("remotes/ansible/git/", Nothing.as_view()),
    path("remotes/ansible/git/<str:identifier>/", NotThere.as_view()),
]
