"""The list of tasks and its live parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from cartwheel.engine.events import newest
from cartwheel.engine.states import State
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.models import User
from cartwheel.registry.task_rights import visible
from cartwheel.web.charts import Chart, stacked
from cartwheel.web.figures import Stretch, ended, summed
from cartwheel.web.listing import COUNTED, PAGE, SEARCHED, read_counts, read_page, read_rows
from cartwheel.web.saved import Saved
from cartwheel.web.search import SECTIONS, SORTS, SPANS, WORDS, Active, Search
from cartwheel.web.views.pages import Page


@dataclass(frozen=True)
class Chip:
    """A state that can be looked for; following the link adds it to the search, or takes it out."""

    state: State | None  # None: all of them
    count: str
    query: str
    is_chosen: bool

    @property
    def word(self) -> str:
        return str(self.state.label) if self.state else gettext("All")


MINUTES = 2  # of a bar of the last hour


@dataclass(frozen=True)
class LastHour:
    """What ended in the last hour."""

    stretches: list[Stretch]
    whole: Stretch
    chart: Chart

    @classmethod
    def read(cls, user: User, now: datetime) -> LastHour:
        found = ended(now, slots=60 // MINUTES, seconds=60 * MINUTES, user=user)
        columns = [
            [("completed", each.completed), ("failed", each.failed), ("other", each.others)] for each in found
        ]
        return cls(found, summed(found), stacked(columns))

    @property
    def busy(self) -> list[Stretch]:
        """Those in which anything ended, the newest first."""
        return [each for each in reversed(self.stretches) if each.total]


class TaskList(Page):
    def get(self, request: HttpRequest) -> HttpResponse:
        event = newest()  # before the rows are read: what happens meanwhile is told again
        search = Search.read(request.GET)
        context = {
            "search": search,
            "listing": read_page(search, self.user, timezone.now()),
            "chips": list(_chips(search, self.user)),
            "saved": Saved.read(search, self.user),
            "searched": f"{SEARCHED:,}",
            "hour": LastHour.read(self.user, timezone.now()),
            "actives": [replace(each, value=_called(each, self.user)) for each in search.actives],
            **_choices(search),
            "api_prefix": settings.CONFIG.api_prefix,
        }
        return self.render_live("web/tasks.html", context, event=event)


class TaskRows(Page):
    """The rows of some tasks, as the page with the same search would show them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ids = [UUID(each) for each in request.GET.getlist("id")[:PAGE] if is_uuid(each)]
        rows = read_rows(ids, Search.read(request.GET).from_top(), self.user, timezone.now())
        return self.render("web/_rows.html", {"rows": rows})


class TaskCounts(Page):
    """How many tasks are in each state."""

    def get(self, request: HttpRequest) -> HttpResponse:
        search = Search.read(request.GET)
        return self.render("web/_counts.html", {"search": search, "chips": list(_chips(search, self.user))})


class TaskHour(Page):
    """The last hour, as it is now."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render("web/_hour.html", {"hour": LastHour.read(self.user, timezone.now())})


def _called(active: Active, user: User) -> str:
    """What a filter looks for, in words: of a task or a group that the user may know of, what it is called."""
    if active.name == "parent" and is_uuid(active.value):
        return str(visible(user).filter(pk=active.value).first() or active.value)
    if active.name == "group" and is_uuid(active.value):
        member = visible(user).filter(task_group=UUID(active.value)).select_related("task_group").first()
        return (member and member.task_group and member.task_group.description) or active.value
    return active.value


def _choices(search: Search) -> dict[str, Any]:
    """What can be chosen beside states: columns with their words, stretches of time, orders."""
    words = [(name, label, search.words.get(name, "")) for name, label in WORDS.items()]
    spans = [(key, words) for key, (words, _) in SPANS.items()]
    return {"words": words, "spans": spans, "sorts": list(SORTS.items())}


def _chips(search: Search, user: User) -> Iterator[Chip]:
    counts = read_counts(user)
    yield Chip(None, "", search.with_states(frozenset()).query or "?", not search.states)
    for state in SECTIONS:
        count = counts[state]
        shown = f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
        others = search.with_states(search.states ^ {state})
        yield Chip(state, shown, others.query or "?", state in search.states)
