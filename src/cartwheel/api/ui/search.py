"""The search for collections and roles, as Galaxy's web UI asks for it. There are no roles here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.collection_filters import plain
from cartwheel.api.filters import any_text, understood
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import GalaxyView
from cartwheel.registry.collection_search import ORDERS, Found, Wish, search_collections, shown_collections

TAGS_LIMIT = 50
BY_WORDS = "websearch"
SORTS = (*ORDERS, "relevance")


class Search(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request) -> Response:
        """Collections by their highest versions, those that are downloaded most first. Other parameters are ignored."""
        wish, kind = read_wish(request), plain(request, "type").lower()
        if kind not in ("", "collection", "role"):
            raise ValidationError("'type' must be ['collection', 'role']")
        if kind == "role" or plain(request, "platform"):  # which only roles have
            return galaxy_page(request, [], list)
        ids = search_collections(wish, by=request.user)

        def represent(page: Sequence[UUID]) -> list[dict[str, Any]]:
            return [_result(each) for each in shown_collections(page, to=request.user)]

        return galaxy_page(request, ids, represent, count=ids.count)


def read_wish(request: Request) -> Wish:
    """What the parameters ask for. Raises ValidationError."""
    by = plain(request, "search_type") or "sql"
    if by not in ("sql", BY_WORDS):
        raise ValidationError("'search_type' must be ['sql', 'websearch']")
    keywords, tags = plain(request, "keywords"), request.query_params.getlist("tags")[:TAGS_LIMIT]
    return Wish(
        phrase="" if by == BY_WORDS else keywords,
        words=keywords if by == BY_WORDS else "",
        namespace=plain(request, "namespace"),
        name=plain(request, "name"),
        tags=tuple(
            understood("tags", partial(any_text, each.replace("\0", "\ufffd"))) for each in tags if each
        ),
        is_deprecated=_deprecated(plain(request, "deprecated").lower()),
        order=_order(request, by),
    )


def _deprecated(text: str) -> bool | None:
    if text not in ("", "true", "false"):
        raise ValidationError("'deprecated' filter must be 'true' or 'false'")
    return text == "true" if text else None


def _order(request: Request, by: str) -> str:
    """All that is found is as relevant: then the most downloaded are first."""
    wanted = request.query_params.get("order_by", Wish.order)
    if wanted.removeprefix("-") not in SORTS:
        raise ValidationError(f"order_by requires one of {[*SORTS, *(f'-{each}' for each in SORTS)]}")
    if not wanted.endswith("relevance"):
        return wanted
    if by != BY_WORDS:
        raise ValidationError("'order_by=relevance' works only with 'search_type=websearch'")
    return Wish.order


def _result(found: Found) -> dict[str, Any]:
    version = found.version
    return {
        "name": version.name,
        "namespace": version.namespace,
        "description": version.description,
        "type": "collection",
        "latest_version": version.version,
        "avatar_url": found.avatar_url,
        "contents": version.contents,
        "download_count": found.download_count,
        "last_updated": stamp(found.updated_at),
        "deprecated": found.is_deprecated,
        "tags": version.tags,
        "platforms": [],
        "relevance": 0.0,
        "search": "",
    }


urlpatterns: list[URLPattern] = [path("v1/search/", Search.as_view())]
