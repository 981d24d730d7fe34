"""Imports: one's own or everybody's, and what one of them logged."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import urlencode

from cartwheel.engine.events import newest
from cartwheel.engine.states import State
from cartwheel.registry.models import CollectionImport
from cartwheel.registry.task_rights import visible_imports
from cartwheel.web.content.imports import import_rows, imports_of, newest_first
from cartwheel.web.content.paging import page_of
from cartwheel.web.detail import find_task, with_log
from cartwheel.web.search import SECTIONS
from cartwheel.web.views.content.base import ContentPage

TEXT_LIMIT = 200  # characters of what is looked for


class ImportList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        event = newest()
        wanted = {
            name: request.GET.get(name, "").replace("\0", "")[:TEXT_LIMIT] for name in ("q", "state", "whose")
        }
        imports = (
            newest_first(visible_imports(self.user)) if wanted["whose"] == "all" else imports_of(self.user)
        )
        if wanted["state"] in State.values:
            imports = imports.filter(task__state=wanted["state"])
        if wanted["q"]:
            namespace, dot, name = wanted["q"].partition(".")
            imports = imports.filter(namespace__icontains=namespace)
            imports = imports.filter(name__icontains=name) if dot else imports
        page = page_of(request, imports.values_list("pk", flat=True))
        rows = newest_first(CollectionImport.objects.filter(pk__in=page.rows))
        context = {
            "wanted": wanted,
            "is_filtered": any(wanted.values()),
            "page": page,
            "rows": import_rows(rows, self.user),
            "chips": [
                (state, _query(wanted, state.value), wanted["state"] == state.value) for state in SECTIONS
            ],
            "all_states": _query(wanted, ""),
        }
        return self.show("imports", context, event=event)


def _query(wanted: dict[str, str], state: str) -> str:
    """The same search for another state."""
    fields = {name: value for name, value in {**wanted, "state": state}.items() if value}
    return f"?{urlencode(fields)}"


class ImportPage(ContentPage):
    """One import: its task, as the task's page shows it, and where its collection is now."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        event = newest()
        task = find_task(task_id, self.user)
        found = import_rows(visible_imports(self.user).filter(pk=task_id), self.user)
        if task is None or not found:
            raise Http404
        context = {"row": found[0], "is_import_page": True, **with_log(task, self.user)}
        return self.show("import", context, event=event)
