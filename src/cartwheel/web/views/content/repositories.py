"""Repositories: list, what is in one, its versions, where it is served, how its syncs went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartwheel.engine.events import newest
from cartwheel.engine.models import Reservation, Task
from cartwheel.engine.states import INCOMPLETE
from cartwheel.registry.collections import ids_in, ids_in_pieces
from cartwheel.registry.models import Distribution, Repository, RepositoryVersion, User
from cartwheel.registry.permissions import allows, permissions_on
from cartwheel.registry.repository_settings import ADD, is_protected
from cartwheel.registry.repository_versions import held, summaries, versions_of
from cartwheel.registry.search import Criteria, details, search
from cartwheel.registry.sync.task import sync
from cartwheel.registry.task_rights import visible
from cartwheel.web.content.finding import find_repository, path_of, readable
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.syncing import SyncSearch, bars_of
from cartwheel.web.listing import read_rows
from cartwheel.web.rows import Row
from cartwheel.web.search import Search
from cartwheel.web.views.content.base import ContentPage
from cartwheel.web.views.content.repository_acts import copy_targets

More = Callable[..., dict[str, Any]]  # takes the page, the repository, and other names of the address
TABS = (
    ("repository", _("Overview")),
    ("repository-content", _("Content")),
    ("repository-versions", _("Versions")),
    ("repository-distributions", _("Distributions")),
    ("repository-syncs", _("Syncs")),
)
RIGHTS = {
    "change": "ansible.change_ansiblerepository",
    "delete": "ansible.delete_ansiblerepository",
    "modify": "ansible.modify_ansible_repo_content",
    "manage": "ansible.manage_roles_ansiblerepository",
}


class RepositoryList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        event = newest()
        search = SyncSearch.read(request)
        page = page_of(request, search.apply(readable(self.user).select_related("remote"), self.user))
        context = {
            "page": page,
            "search": search,
            "bars": bars_of(page.rows),
            "counts": dict.fromkeys((each.pk for each in page.rows), 0) | held(page.rows),
            "can_add": allows(self.user, ADD),
        }
        return self.show("repositories", context, event=event)


class RepositoryPage(ContentPage):
    """One of the tabs of a repository; `more` says what this one shows."""

    tab: str = ""
    more: More | None = None

    def get(self, request: HttpRequest, repository: str, **named: Any) -> HttpResponse:
        event = newest()
        found = find_repository(repository, self.user)
        rights = permissions_on(self.user, found)
        last_sync = _last_sync(found, self.user)
        context = {
            "repository": found,
            "may": {name: self.user.is_superuser or right in rights for name, right in RIGHTS.items()},
            "last_sync": last_sync,
            "is_syncing": last_sync is not None and last_sync.state in INCOMPLETE,
            "is_protected": is_protected(found),
            "tab": self.tab,
            "tabs": TABS,
            **(self.more(self, found, **named) if self.more else {}),
        }
        return self.show(self.tab.replace("-", "_"), context, event=event)


def tab(name: str, more: More) -> Callable[..., HttpResponseBase]:
    """The view of a tab."""
    return RepositoryPage.as_view(tab=name, more=more)


def overview(page: ContentPage, repository: Repository) -> dict[str, Any]:
    latest = RepositoryVersion.objects.filter(repository=repository).order_by("-number").first()
    path = path_of(repository)
    return {
        "version_count": held([repository]).get(repository.pk, 0),
        "collection_count": ids_in_pieces(ids_in(repository), repository).count,
        "changed": latest.created_at if latest else repository.created_at,
        "server": f"{page.origin}{settings.CONFIG.api_prefix}content/{path}/" if path else "",
    }


def content(page: ContentPage, repository: Repository, number: int | None = None) -> dict[str, Any]:
    """What is in it now, or was in one of its versions; some of it can be taken out or copied."""
    if number is not None and not repository.versions.filter(number=number).exists():
        raise Http404
    criteria = Criteria(
        keywords=page.words, repositories=(repository.pk,), repository_version=number, order="namespace"
    )
    rows = page_of(page.request, search(criteria, by=page.user).keys())
    return {
        "number": number,
        "words": page.words,
        "page": rows,
        "rows": details(rows.rows, repository_version=number),
        "targets": [] if number is not None else copy_targets(page.user, repository),
    }


def versions(page: ContentPage, repository: Repository) -> dict[str, Any]:
    rows = page_of(page.request, versions_of(repository).order_by("-number"))
    return {"page": rows, "rows": list(zip(rows.rows, summaries(repository, rows.rows), strict=True))}


def distributions(page: ContentPage, repository: Repository) -> dict[str, Any]:
    served = Q(repository=repository) | Q(repository_version__repository=repository)
    rows = Distribution.objects.filter(served).select_related("repository_version").order_by("name")
    return {"rows": rows}


def syncs(page: ContentPage, repository: Repository) -> dict[str, Any]:
    """All its syncs that are remembered, the newest first."""
    rows = page_of(page.request, _syncs(repository, page.user))
    return {"page": rows, "rows": read_rows(rows.rows, Search(), page.user, timezone.now())}


def _last_sync(repository: Repository, user: User) -> Row | None:
    """Its last sync as a row of the list of tasks."""
    task = repository.last_sync_task
    rows = read_rows([task.pk], Search(), user, timezone.now()) if task else ()
    return next(iter(rows), None)


def _syncs(repository: Repository, user: User) -> QuerySet[Task, UUID]:
    """The ids of the tasks that synced it, or will."""
    concerned = Reservation.objects.filter(task=OuterRef("pk"), resource=repository.prn)
    tasks = visible(user).filter(Exists(concerned), name=sync.name)
    return tasks.order_by("-created_at", "-pk").values_list("pk", flat=True)
