"""The approval dashboard: versions that wait in staging, to be approved or rejected, one or several."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext

from cartwheel.engine.events import newest
from cartwheel.engine.models import Task
from cartwheel.kit.errors import CartwheelError, Denied, Invalid
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.models import CollectionImport, CollectionVersion, Repository
from cartwheel.registry.moves import Route, move
from cartwheel.registry.permissions import DENIED
from cartwheel.registry.search import Criteria, details, search
from cartwheel.web.content.approval import STATES, Pipeline, pipeline_of
from cartwheel.web.content.paging import page_of
from cartwheel.web.notices import tell
from cartwheel.web.views.content.base import ContentPage

CHOSEN = 200  # versions at once


class Approval(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """`act` is approve or reject, `chosen` names versions as "repository id/version id"."""
        pipeline = pipeline_of(self.user)
        state = {"approve": "approved", "reject": "rejected"}.get(request.POST.get("act", ""), "")
        only = [each for each in request.POST.getlist("only") if each]
        try:
            routes = self._routes(pipeline, state, only or request.POST.getlist("chosen"))
        except Invalid as problem:
            return self.said(problem.message, request.get_full_path(), is_bad=True)
        return self.then(self._move(routes), request.get_full_path())

    def _move(self, routes: list[Route]) -> list[Task]:
        started, problems = [], []
        for each in routes:
            try:
                started.append(move(each, by=self.user))
            except CartwheelError as problem:
                problems.append(f"{each.version}: {problem.message}")
        for problem_text in problems:
            tell(self.request, problem_text, is_bad=True)
        return started

    def _routes(self, pipeline: Pipeline, state: str, chosen: list[str]) -> list[Route]:
        destination = self._destination(pipeline, state)
        sources = {str(each.pk): each for each in pipeline.all()}
        pairs = [tuple(each.split("/", 1)) for each in chosen[:CHOSEN] if "/" in each]
        ids = [version for _, version in pairs if is_uuid(version)]
        versions = CollectionVersion.objects.only("namespace", "name", "version").in_bulk(
            [UUID(each) for each in ids]
        )
        routes = []
        for source_id, version_id in pairs:
            source = sources.get(source_id)
            version = versions.get(UUID(version_id)) if is_uuid(version_id) else None
            if source is None or version is None:
                continue
            if not pipeline.may_change(source):
                raise Denied(DENIED)
            routes.append(Route(version, source, destination))
        if not routes:
            raise Invalid(gettext("Nothing was selected. Select the versions first."))
        return routes

    def _destination(self, pipeline: Pipeline, state: str) -> Repository:
        """The repository that was chosen, or the only one there is. Raises Denied, Invalid."""
        if state not in STATES:
            raise Invalid(gettext("Say whether to approve or to reject."))
        targets = pipeline.targets(state)
        if not targets:
            raise Denied(DENIED)
        wanted = self.request.POST.get("into", "")
        named = [each for each in targets if str(each.pk) == wanted]
        return (named or targets)[0]

    def _page(self) -> HttpResponse:
        event = newest()
        pipeline = pipeline_of(self.user)
        state = self.request.GET.get("state", "staging")
        state = state if state in STATES else "staging"
        words = self.words
        here = pipeline.by_state[state]
        found = search(
            Criteria(keywords=words, repositories=tuple(each.pk for each in here), order="-pulp_created"),
            by=self.user,
        )
        page = page_of(self.request, found.keys())
        context = {
            "page": page,
            "rows": _rows(page.rows, {each.pk: each for each in here}, pipeline),
            "state": state,
            "states": [
                (label, f"?{urlencode({'state': key})}", key == state) for key, label in STATES.items()
            ],
            "words": words,
            "approved": pipeline.targets("approved"),
            "rejected": pipeline.targets("rejected"),
            "may_act": any(pipeline.may_change(each) for each in here),
            "is_off": not settings.CONFIG.require_content_approval,
        }
        return self.show("approval", context, event=event)


def _rows(
    placements: list[int], repositories: dict[Any, Repository], pipeline: Pipeline
) -> list[dict[str, Any]]:
    """Two statements: the versions, and their imports."""
    rows = details(placements, repository_version=None)
    imports = CollectionImport.objects.filter(
        namespace__in={row["namespace"] for row in rows},
        name__in={row["name"] for row in rows},
        version__in={row["version"] for row in rows},
    ).order_by("task__created_at")
    by_name = {
        (each.namespace, each.name, each.version): each for each in imports.select_related("task__created_by")
    }
    shown = []
    for row in rows:
        known = by_name.get((row["namespace"], row["name"], row["version"]))
        shown.append(
            {
                **row,
                "repository": repositories[row["repository_id"]],
                "import_id": known.pk if known else None,
                "who": known.task.created_by if known else None,
                "key": f"{row['repository_id']}/{row['collection_version_id']}",
                "may_act": pipeline.may_change(repositories[row["repository_id"]]),
            }
        )
    return shown
