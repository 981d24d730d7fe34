"""Tags of collections, as the UI wants them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.collection_filters import plain
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.views import GalaxyView
from cartwheel.registry.tags import tags

Row = dict[str, Any]


class Tags(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request) -> Response:
        """The tags of all versions by name, each with how many have it."""
        return galaxy_page(request, _rows(tags(request.user)), list)


class CollectionTags(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request) -> Response:
        """The tags of the highest versions, each with how many have it; `sort` by name or count."""
        fits = _named(request)
        counted = [row for row in _rows(tags(request.user, highest=True)) if fits(row["name"])]
        sort = plain(request, "sort")
        column = sort.removeprefix("-")
        if column in ("name", "count"):
            counted.sort(key=itemgetter(column), reverse=sort.startswith("-"))
        return galaxy_page(request, counted, list)


def _rows(counts: Mapping[str, int]) -> list[Row]:
    return [{"name": name, "count": count} for name, count in counts.items()]


def _named(request: Request) -> Callable[[str], bool]:
    """Has a name all that the parameters ask for? What is empty is not asked for."""
    name, start = plain(request, "name"), plain(request, "name__startswith")
    part, some = plain(request, "name__contains"), plain(request, "name__icontains").lower()

    def fits(given: str) -> bool:
        return name in ("", given) and given.startswith(start) and part in given and some in given.lower()

    return fits


urlpatterns: list[URLPattern] = [
    path("v1/tags/", Tags.as_view()),
    path("v1/tags/collections/", CollectionTags.as_view()),
]
