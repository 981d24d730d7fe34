"""Repositories, as Pulp shows them. Those of collections are all there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Table, chosen_fields, ordered
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.labels import label_urls
from cartwheel.api.pulp_v3.object_roles import role_urls
from cartwheel.api.references import as_uuid
from cartwheel.api.repository_filters import ALL_REPOSITORY_FILTERS, REPOSITORY_FILTERS, REPOSITORY_ORDERS
from cartwheel.api.repository_input import RepositoryInput, read
from cartwheel.api.views import PulpView, accepted, expects_a_task
from cartwheel.registry.causes import with_last_sync
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import Repository
from cartwheel.registry.permissions import require
from cartwheel.registry.repository_documents import ansible_repository, any_repository
from cartwheel.registry.repository_settings import (
    ADD,
    CHANGE,
    change_repository,
    create_repository,
    delete_repository,
)

ROOT = "repositories/ansible/ansible/"
FILTERS, ORDERS = REPOSITORY_FILTERS, REPOSITORY_ORDERS


class AllRepositories(PulpView):
    """Of every type, with what all types have."""

    filters: ClassVar[Table] = ALL_REPOSITORY_FILTERS

    def get(self, request: Request) -> Response:
        def represent(page: Sequence[Repository]) -> list[Any]:
            root = pulp(request, "")
            return [chosen_fields(request, any_repository(each, root=root)) for each in page]

        return pulp_page(request, _found(request, self.filters), represent)


class Repositories(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request) -> Response:
        """Those that the user may read, the newest first."""

        def represent(page: Sequence[Repository]) -> list[Any]:
            return [_document(request, each) for each in page]

        return pulp_page(request, _found(request, FILTERS), represent)

    def post(self, request: Request) -> Response:
        """Made at once; whoever makes it may do everything with it."""
        by = signed_in(request)
        require(by, ADD)
        given = read(RepositoryInput, request)
        made = create_repository(given, by=by)
        return Response(_document(request, made), status=201, headers={"Location": pulp(request, made.path)})


def _found(request: Request, filters: Table) -> QuerySet[Repository]:
    wanted = asked_for(request, filters)
    rows = Repository.objects.filter(readable_by(request.user), wanted)
    return ordered(request, with_last_sync(rows, to=request.user), ORDERS, last=("-created_at", "-id"))


class OneRepository(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request, identifier: str) -> Response:
        return Response(_document(request, find_repository(request, identifier)))

    def put(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=False)

    def patch(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=True)

    def delete(self, request: Request, identifier: str) -> Response:
        """Answers with the task."""
        repository = find_repository(request, identifier)
        return accepted(request, delete_repository(repository, by=signed_in(request)))

    def _change(self, request: Request, identifier: str, *, is_partial: bool) -> Response:
        """202 and the task that changes it, or 200 and the repository if there is nothing to change."""
        repository = find_repository(request, identifier)
        by = signed_in(request)
        require(by, CHANGE, repository)
        given = read(RepositoryInput, request, repository, is_partial=is_partial)
        task = change_repository(repository, given, by=by, always=expects_a_task(request))
        return Response(_document(request, repository)) if task is None else accepted(request, task)


def find_repository(request: Request, identifier: str) -> Repository:
    """The repository, if the user may read it. Raises Http404."""
    wanted = as_uuid(identifier)
    if wanted is None:
        raise Http404("Not found.")
    rows = with_last_sync(Repository.objects.filter(readable_by(request.user)), to=request.user)
    found = rows.filter(pk=wanted).first()
    if found is None:
        raise Http404("No AnsibleRepository matches the given query.")
    return found


def _document(request: Request, repository: Repository) -> dict[str, Any]:
    return chosen_fields(request, ansible_repository(repository, root=pulp(request, "")))


urlpatterns: list[URLPattern] = [
    path("repositories/", AllRepositories.as_view()),
    path(ROOT, Repositories.as_view()),
    path(f"{ROOT}<str:identifier>/", OneRepository.as_view()),
    *label_urls(ROOT, find_repository),
    *role_urls(ROOT, find_repository),
]
