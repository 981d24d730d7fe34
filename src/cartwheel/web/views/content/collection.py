"""One collection in one repository: what it says of itself, what is inside, where else it is."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartwheel.engine.events import newest
from cartwheel.registry.collections import versions_in
from cartwheel.registry.models import CollectionImport, CollectionVersion
from cartwheel.registry.task_rights import may_read_log
from cartwheel.web.content.docs import find_docs, shelves
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.safe import shown_html
from cartwheel.web.content.shown import Shown, dependency_rows, find_shown, rights, used_by
from cartwheel.web.detail import LOG_LINES, find_task, read_detail, read_log
from cartwheel.web.views.content.base import ContentPage

FILES = 500  # named on the page
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

    tab: ClassVar[str] = "collection"
    also: ClassVar[tuple[str, ...]] = ()

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
            "server": shown.server(f"{request.scheme}://{request.get_host()}"),
            **self.more(shown, **named),
        }
        return self.show(self.tab.replace("-", "_"), context, event=event)

    def more(self, shown: Shown, **named: str) -> dict[str, Any]:
        raise NotImplementedError


class Overview(CollectionPage):
    def more(self, shown: Shown, **named: str) -> dict[str, Any]:
        said = CollectionVersion.objects.filter(pk=shown.version.pk).values_list(
            "docs_blob__collection_readme", flat=True
        )
        readme = said.first()
        return {"readme": shown_html(readme.get("html")) if isinstance(readme, dict) else ""}


class Docs(CollectionPage):
    """Everything that has documentation, and the documentation of one."""

    tab = "collection-docs"

    def more(self, shown: Shown, kind: str = "", item: str = "", **named: str) -> dict[str, Any]:
        docs = find_docs(shown.version, kind, item) if item else None
        if item and docs is None:
            raise Http404
        return {"shelves": shelves(shown.version.contents), "docs": docs, **self._texts(shown, item)}

    def _texts(self, shown: Shown, item: str) -> dict[str, Any]:
        """The texts beside the README, shown where no plugin is chosen."""
        if item:
            return {}
        said = CollectionVersion.objects.filter(pk=shown.version.pk).values_list(
            "docs_blob__documentation_files", flat=True
        )
        texts = said.first()
        found = [each for each in texts if isinstance(each, dict)] if isinstance(texts, list) else []
        return {"texts": [(str(each.get("name")), shown_html(each.get("html"))) for each in found]}


class Contents(CollectionPage):
    tab = "collection-contents"

    def more(self, shown: Shown, **named: str) -> dict[str, Any]:
        return {"shelves": shelves(shown.version.contents)}


class Dependencies(CollectionPage):
    tab = "collection-dependencies"

    def more(self, shown: Shown, **named: str) -> dict[str, Any]:
        return {"needs": dependency_rows(shown), "users": used_by(shown, self.user)}


class Versions(CollectionPage):
    tab = "collection-versions"

    def more(self, shown: Shown, **named: str) -> dict[str, Any]:
        rows = versions_in(shown.repository, shown.version.namespace, shown.version.name)
        wanted = rows.values("version", "created_at", "artifact__size", "requires_ansible", "is_prerelease")
        return {"page": page_of(self.request, wanted), "now": timezone.now()}


class Files(CollectionPage):
    tab = "collection-files"
    also = ("files",)

    def more(self, shown: Shown, **named: str) -> dict[str, Any]:
        words = self.request.GET.get("q", "").strip()[:200]
        listing = shown.version.files if isinstance(shown.version.files, dict) else {}
        files = [each for each in listing.get("files", []) if isinstance(each, dict)]
        found = [
            (str(each.get("name")), str(each.get("chksum_sha256") or ""))
            for each in files
            if each.get("ftype") == "file" and words.lower() in str(each.get("name")).lower()
        ]
        return {"words": words, "files": found[:FILES], "count": len(found)}


class ImportLog(CollectionPage):
    """What its last import logged."""

    tab = "collection-import"

    def more(self, shown: Shown, **named: str) -> dict[str, Any]:
        wanted = {
            "namespace": shown.version.namespace,
            "name": shown.version.name,
            "version": shown.version.version,
        }
        found = CollectionImport.objects.filter(**wanted).order_by("-task__created_at").first()
        task = find_task(found.pk, self.user) if found else None
        if task is None:
            return {"detail": None}
        reads_log = may_read_log(self.user, task)
        lines = read_log(task) if reads_log else []
        return {
            "detail": read_detail(task, self.user, timezone.now()),
            "reads_log": reads_log,
            "lines": lines,
            "is_log_cut": len(lines) == LOG_LINES,
        }
