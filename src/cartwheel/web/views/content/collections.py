"""Collections, and the search for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import ngettext

from cartwheel.kit.errors import Invalid
from cartwheel.registry.models import Repository
from cartwheel.registry.pieces import Pieces
from cartwheel.registry.search import Criteria, details, search
from cartwheel.web.content.finding import readable
from cartwheel.web.content.paging import page_of
from cartwheel.web.views.content.base import ContentPage

TEXT_LIMIT = 200  # characters of what is looked for
TAGS_SHOWN = 6  # of one collection
DEPRECATED = {"": False, "only": True, "also": None}
ORDERS = {"": "namespace", "new": "-pulp_created"}


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for, as the address says it. What is not understood is passed over."""

    words: str
    namespace: str
    tag: str
    repository: str
    deprecated: str
    order: str

    @classmethod
    def read(cls, request: HttpRequest) -> Wanted:
        def said(name: str) -> str:
            return request.GET.get(name, "").replace("\0", "").strip()[:TEXT_LIMIT]

        deprecated, order = said("deprecated"), said("order")
        return cls(
            words=said("q"),
            namespace=said("namespace"),
            tag=said("tag"),
            repository=said("repository"),
            deprecated=deprecated if deprecated in DEPRECATED else "",
            order=order if order in ORDERS else "",
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.words or self.namespace or self.tag or self.repository or self.deprecated)

    @property
    def is_narrowed(self) -> bool:
        """By more than words? Then what is folded on narrow screens is unfolded."""
        return bool(self.namespace or self.tag or self.repository or self.deprecated or self.order)

    def criteria(self) -> Criteria:
        """Staging and rejected stay hidden until one asks for them by name."""
        return Criteria(
            keywords=self.words,
            namespace=self.namespace,
            tags=(self.tag,) if self.tag else (),
            repository_names=(self.repository,) if self.repository else (),
            repository_labels="" if self.repository else "!hide_from_search",
            is_highest=True,
            is_deprecated=DEPRECATED[self.deprecated],
            order=ORDERS[self.order],
        )


class CollectionList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = Wanted.read(request)
        page = page_of(request, _placements(wanted, self.user))
        repositories = list(readable(self.user).only("id", "name"))
        context = {
            "wanted": wanted,
            "page": page,
            "results": list(results(page.rows, {each.pk: each for each in repositories})),
            "repositories": repositories,
        }
        return self.show("collections", context)


def _placements(wanted: Wanted, user: Any) -> Pieces[int]:
    try:
        return search(wanted.criteria(), by=user).keys()
    except Invalid:
        return search(Criteria(repositories=()), by=user).keys()


def results(placements: list[int], repositories: dict[Any, Repository]) -> Iterable[dict[str, Any]]:
    """The rows of a list of collections. One statement."""
    for row in details(placements, repository_version=None):
        tags = [each for each in row["tags"] if isinstance(each, str)]
        yield {
            **row,
            "repository": repositories[row["repository_id"]],
            "tags": [(tag, f"?{urlencode({'tag': tag})}") for tag in tags[:TAGS_SHOWN]],
            "more_tags": max(len(tags) - TAGS_SHOWN, 0),
            "inside": _inside(row["contents"]),
        }


def _inside(contents: list[dict[str, Any]]) -> str:
    """ "12 modules, 1 role, 3 other plugins"."""
    kinds = Counter(each["content_type"] for each in contents)
    modules, roles, playbooks = (kinds.pop(each, 0) for each in ("module", "role", "playbook"))
    others = sum(kinds.values())
    told = (
        (modules, ngettext("%(count)s module", "%(count)s modules", modules)),
        (roles, ngettext("%(count)s role", "%(count)s roles", roles)),
        (playbooks, ngettext("%(count)s playbook", "%(count)s playbooks", playbooks)),
        (others, ngettext("%(count)s other plugin", "%(count)s other plugins", others)),
    )
    return ", ".join(words % {"count": count} for count, words in told if count)
