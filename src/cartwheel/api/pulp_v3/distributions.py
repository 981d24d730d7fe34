"""Distributions, as Pulp shows them. Those of collections are all there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import origin, pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Table, chosen_fields, ordered
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.labels import label_urls
from cartwheel.api.references import A_GUARD, as_uuid, not_found, path_of
from cartwheel.api.repository_filters import (
    ALL_DISTRIBUTION_FILTERS,
    DISTRIBUTION_FILTERS,
    DISTRIBUTION_ORDERS,
)
from cartwheel.api.repository_input import DistributionInput, read
from cartwheel.api.views import PulpView, accepted, expects_a_task
from cartwheel.registry.distribution_settings import (
    change_distribution,
    create_distribution,
    delete_distribution,
    require_change,
)
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import Distribution, Repository
from cartwheel.registry.repository_documents import GUARD, distribution

ROOT = "distributions/ansible/ansible/"
FILTERS, ORDERS = DISTRIBUTION_FILTERS, DISTRIBUTION_ORDERS


def readable(request: Request) -> QuerySet[Distribution]:
    """The distributions of what the user may read, and those that serve nothing."""
    repositories = Repository.objects.filter(readable_by(request.user))
    return Distribution.objects.filter(
        Q(repository=None) | Q(repository__in=repositories),
        Q(repository_version=None) | Q(repository_version__repository__in=repositories),
    ).select_related("repository", "repository_version__repository")


class Distributions(PulpView):
    """Of every type."""

    filters: ClassVar[Table] = ALL_DISTRIBUTION_FILTERS

    def get(self, request: Request) -> Response:
        """The newest first."""
        wanted = asked_for(request, self.filters)
        rows = ordered(request, readable(request).filter(wanted), ORDERS, last=("-created_at", "-id"))

        def represent(page: Sequence[Distribution]) -> list[Any]:
            return [_document(request, each) for each in page]

        return pulp_page(request, rows, represent)


class OwnDistributions(Distributions):
    permission_classes = [MayRead]
    filters = FILTERS

    def post(self, request: Request) -> Response:
        """Answers with the task that makes it."""
        given = _read(request, None)
        task = create_distribution(given, by=signed_in(request), origin=origin(request))
        return accepted(request, task)


class OneDistribution(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request, identifier: str) -> Response:
        return Response(_document(request, find_distribution(request, identifier)))

    def put(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=False)

    def patch(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=True)

    def delete(self, request: Request, identifier: str) -> Response:
        """Answers with the task."""
        found = find_distribution(request, identifier)
        return accepted(request, delete_distribution(found, by=signed_in(request)))

    def _change(self, request: Request, identifier: str, *, is_partial: bool) -> Response:
        """202 and the task that changes it, or 200 and the distribution if there is nothing to change."""
        found, by = find_distribution(request, identifier), signed_in(request)
        require_change(found, by=by)
        given = _read(request, found, is_partial=is_partial)
        always = expects_a_task(request)
        task = change_distribution(found, given, by=by, origin=origin(request), always=always)
        return Response(_document(request, found)) if task is None else accepted(request, task)


def find_distribution(request: Request, identifier: str) -> Distribution:
    """The distribution, if the user may see it. Raises Http404."""
    wanted = as_uuid(identifier)
    if wanted is None:
        raise Http404("Not found.")
    found = readable(request).filter(pk=wanted).first()
    if found is None:
        raise Http404("No AnsibleDistribution matches the given query.")
    return found


def _read(request: Request, row: Distribution | None, *, is_partial: bool = False) -> dict[str, Any]:
    given = read(DistributionInput, request, row, is_partial=is_partial)
    guard = dict(request.data).get("content_guard", GUARD)  # an object: else it had not been read
    if not isinstance(guard, str) or not guard:
        message = "Every download is guarded by the one guard that this hub has. Leave this field out."
        raise ValidationError({"content_guard": [message]})
    if GUARD not in (guard, path_of(guard)):
        raise ValidationError({"content_guard": not_found(guard, A_GUARD).detail})
    return given


def _document(request: Request, row: Distribution) -> dict[str, Any]:
    return chosen_fields(request, distribution(row, root=pulp(request, ""), origin=origin(request)))


urlpatterns: list[URLPattern] = [
    path("distributions/", Distributions.as_view()),
    path(ROOT, OwnDistributions.as_view()),
    path(f"{ROOT}<str:identifier>/", OneDistribution.as_view()),
    *label_urls(ROOT, find_distribution),
]
