"""Filters of lists of collection versions."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from rest_framework.request import Request

from cartwheel.api.filters import Filter, any_text, several, texts
from cartwheel.api.task_filters import below_pulp
from cartwheel.registry.models import RepositoryContent
from cartwheel.registry.repositories import placed_at
from cartwheel.registry.search import has_tags, mentions


def plain(request: Request, *names: str) -> str:
    """The first of these parameters that says something. No text holds a null character."""
    query = request.query_params
    return next((query[each].replace("\0", "\ufffd") for each in names if query.get(each)), "")


def ids(items: list[str]) -> list[UUID]:
    """Ids, as such or at the end of an href or PRN; others match nothing."""
    found = []
    for item in items:
        try:
            found.append(UUID(item.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]))
        except ValueError:
            continue
    return found


def in_repository_version(href: str) -> Q:
    """The versions in a repository version, given by its address; nothing for another address."""
    parts = (below_pulp(href) or "").strip("/").split("/")
    is_one = len(parts) == 6 and parts[0] == "repositories" and parts[4] == "versions"
    repository = ids([parts[3]]) if is_one else []
    if not repository or not parts[5].isascii() or not parts[5].isdigit():
        return Q(pk__in=[])
    rows = RepositoryContent.objects.filter(placed_at(int(parts[5])), repository=repository[0])
    return Q(pk__in=rows.values("collection_version"))


VERSIONS: dict[str, Filter] = {
    **texts("namespace", "namespace"),
    **texts("name", "name"),
    **texts("version", "version"),
    "q": Filter(any_text, mentions),
    "tags": Filter(several, has_tags),
}
PULP_VERSIONS: dict[str, Filter] = {
    **VERSIONS,
    "repository_version": Filter(any_text, in_repository_version),
    **{
        name: Filter(several, lambda items: Q(pk__in=ids(items)))
        for name in ("pulp_id__in", "pulp_href__in", "prn__in")
    },
}
