"""Distributions, as Galaxy's web UI asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.filters import conditions, texts
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.pulp_v3.distributions import readable
from cartwheel.api.references import as_uuid
from cartwheel.api.rendering import stamp
from cartwheel.api.sorting import by_sort
from cartwheel.api.views import GalaxyView
from cartwheel.registry.models import Distribution
from cartwheel.registry.repository_versions import held

FILTERS = {
    **texts("name", "name"),
    **texts("base_path", "base_path"),
    **texts("repository__name", "repository__name"),
}
SORTS = ("name", "base_path")


class Distributions(GalaxyView):
    def get(self, request: Request) -> Response:
        """By name, or as `sort` asks."""
        found = readable(request).filter(conditions(request, FILTERS, also=("sort",)))
        rows = by_sort(request, found, SORTS) if "sort" in request.query_params else found.order_by("name")
        return galaxy_page(request, rows, _documents)


class OneDistribution(GalaxyView):
    def get(self, request: Request, identifier: str) -> Response:
        wanted = as_uuid(identifier)
        found = readable(request).filter(pk=wanted).first() if wanted else None
        if found is None:
            raise Http404
        return Response(_documents([found])[0])


class MyDistributions(GalaxyView):
    def get(self, request: Request) -> Response:
        """Those of lists that somebody curates for a place of their own: there are none."""
        conditions(request, FILTERS, also=("sort",))
        return galaxy_page(request, [], list)


def _documents(page: Sequence[Distribution]) -> list[dict[str, Any]]:
    """One statement, if any."""
    counts = held({each.repository for each in page if each.repository})
    return [_document(each, counts) for each in page]


def _document(row: Distribution, counts: dict[UUID, int]) -> dict[str, Any]:
    repository = row.repository
    return {
        "pulp_id": str(row.pk),
        "name": row.name,
        "base_path": row.base_path,
        "repository": {
            "name": repository.name,
            "description": repository.description,
            "pulp_id": str(repository.pk),
            "pulp_last_updated": stamp(repository.updated_at),
            "content_count": counts.get(repository.pk, 0),
            "gpgkey": repository.gpgkey,
        }
        if repository
        else None,
    }


urlpatterns: list[URLPattern] = [
    path("v1/distributions/", Distributions.as_view()),
    path("v1/distributions/<str:identifier>/", OneDistribution.as_view()),
    path("v1/my-distributions/", MyDistributions.as_view()),
]
