"""One collection in one repository: what it says of itself, what is inside, where else it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartwheel.engine.events import newest
from cartwheel.registry.collections import versions_in
from cartwheel.registry.models import CollectionImport, CollectionVersion
from cartwheel.web.content.docs import find_docs, shelves
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.safe import shown_html
from cartwheel.web.content.shown import Shown, dependency_rows, find_shown, rights, used_by
from cartwheel.web.detail import find_task, with_log
from cartwheel.web.views.content.base import ContentPage

FILES = 500  # named on the page
More = Callable[..., dict[str, Any]]  # takes the page, the collection, and other names of the address
TABS = (
    ("collection", _("Overview")),
    ("collection-docs", _("Documentation")),
    ("collection-contents", _("Contents")),
    ("collection-dependencies", _("Dependencies")),
    ("collection-versions", _("Versions")),
    ("collection-files", _("Files")),
    ("collection-import", _("Import log")),
)


class CollectionPage(ContentPage):
    """One of the tabs of a collection; `more` says what this one shows."""

    tab: str = ""
    more: More | None = None
    also: tuple[str, ...] = ()  # fields of the version that are large

    def get(
        self, request: HttpRequest, repository: str, namespace: str, name: str, **named: str
    ) -> HttpResponse:
        event = newest()
        shown = find_shown(
            repository,
            namespace.replace("\0", ""),
            name.replace("\0", ""),
            request.GET.get("version", "").replace("\0", ""),
            self.user,
            also=self.also,
        )
        context = {
            "shown": shown,
            "rights": rights(shown, self.user),
            "tabs": [(label, shown.address(tab), tab == self.tab) for tab, label in TABS],
            "server": shown.server(self.origin),
            **(self.more(self, shown, **named) if self.more else {}),
        }
        return self.show(self.tab.replace("-", "_"), context, event=event)


def tab(name: str, more: More, *, also: tuple[str, ...] = ()) -> Callable[..., HttpResponseBase]:
    """The view of a tab."""
    return CollectionPage.as_view(tab=name, more=more, also=also)


def overview(page: ContentPage, shown: Shown) -> dict[str, Any]:
    readme = _blob(shown, "collection_readme")
    return {"readme": shown_html(readme.get("html")) if isinstance(readme, dict) else ""}


def docs(page: ContentPage, shown: Shown, kind: str = "", item: str = "") -> dict[str, Any]:
    """Everything that has documentation, and the documentation of one; beside it, where none is chosen,
    the texts that go with the README.
    """
    found = find_docs(shown.version, kind, item) if item else None
    if item and found is None:
        raise Http404
    texts = [] if item else _blob(shown, "documentation_files")
    named = [each for each in texts if isinstance(each, dict)] if isinstance(texts, list) else []
    return {
        "shelves": shelves(shown.version.contents),
        "docs": found,
        "texts": [(str(each.get("name")), shown_html(each.get("html"))) for each in named],
    }


def _blob(shown: Shown, key: str) -> Any:
    """One part of the documentation, which as a whole can be megabytes."""
    rows = CollectionVersion.objects.filter(pk=shown.version.pk)
    return rows.values_list(f"docs_blob__{key}", flat=True).first()


def contents(page: ContentPage, shown: Shown) -> dict[str, Any]:
    return {"shelves": shelves(shown.version.contents)}


def dependencies(page: ContentPage, shown: Shown) -> dict[str, Any]:
    return {"needs": dependency_rows(shown), "users": used_by(shown, page.user)}


def versions(page: ContentPage, shown: Shown) -> dict[str, Any]:
    rows = versions_in(shown.repository, shown.version.namespace, shown.version.name)
    wanted = rows.values("version", "created_at", "artifact__size", "requires_ansible", "is_prerelease")
    return {"page": page_of(page.request, wanted), "now": timezone.now()}


def files(page: ContentPage, shown: Shown) -> dict[str, Any]:
    words = page.words.strip()
    listing = shown.version.files if isinstance(shown.version.files, dict) else {}
    all_of_it = [each for each in listing.get("files", []) if isinstance(each, dict)]
    found = [
        (str(each.get("name")), str(each.get("chksum_sha256") or ""))
        for each in all_of_it
        if each.get("ftype") == "file" and words.lower() in str(each.get("name")).lower()
    ]
    return {"words": words, "files": found[:FILES], "count": len(found)}


def import_log(page: ContentPage, shown: Shown) -> dict[str, Any]:
    """What its last import logged."""
    wanted = {each: getattr(shown.version, each) for each in ("namespace", "name", "version")}
    found = CollectionImport.objects.filter(**wanted).order_by("-task__created_at").first()
    task = find_task(found.pk, page.user) if found else None
    if task is None:
        return {"detail": None}
    return with_log(task, page.user)
