"""The list of tasks: running first, then waiting, then ended, each newest first.

However many tasks have ended, a page costs the same: each state is read from its own index
(task_by_state) and no further than one page.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import CharField, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.registry.models import User
from cartwheel.web.rows import Row, make_rows
from cartwheel.web.search import ORDER, SECTIONS, Place, Search

PAGE = 100  # tasks on a page
SEARCHED = 50_000  # text is looked for in so many of the newest tasks: it has no index
COUNTED = 1000  # a state is counted up to here

FIELDS = (
    "id",
    "name",
    "title",
    "state",
    "root",
    "not_before",
    "created_at",
    "started_at",
    "finished_at",
)

Values = QuerySet[Any, dict[str, Any]]


@dataclass(frozen=True)
class Section:
    """The running, the waiting or the ended tasks of a page."""

    name: str
    rows: tuple[Row, ...]

    @property
    def heading(self) -> str:
        return self.name.capitalize()


@dataclass(frozen=True)
class Listing:
    """One page of the list. `older` is the search for the next one, if there is more."""

    sections: tuple[Section, ...]
    older: Search | None
    is_cut: bool  # were tasks too old to be searched?

    @property
    def is_empty(self) -> bool:
        return not any(section.rows for section in self.sections)


def read_page(search: Search, user: User | AnonymousUser, now: datetime) -> Listing:
    """The tasks that a search finds, a page of them."""
    since = _searched_since(search)
    found = _find(search, since)
    page, rest = found[:PAGE], found[PAGE:]
    rows = make_rows(page, user, now)
    return Listing(
        sections=tuple(Section(name, tuple(r for r in rows if r.section == name)) for name in ORDER),
        older=search.with_place(_place_of(page[-1])) if rest else None,
        is_cut=since is not None,
    )


def read_rows(
    task_ids: Collection[UUID], search: Search, user: User | AnonymousUser, now: datetime
) -> list[Row]:
    """The rows of these tasks, as far as the search finds them, newest first."""
    tasks = _matching(Task.objects.filter(pk__in=task_ids), search, _searched_since(search))
    if search.states:
        tasks = tasks.filter(state__in=search.states)
    return make_rows(list(_values(tasks).order_by("-created_at", "-id")[:PAGE]), user, now)


def read_counts() -> dict[State, int]:
    """How many tasks are in each state, counted up to COUNTED and one more.

    One statement that reads no more than that from the index of each state: counting a million ended
    tasks would take longer than the whole page.
    """
    table = Task._meta.db_table
    one = f"(SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE state = %s LIMIT {COUNTED + 1}) AS some)"  # noqa: S608, no input in it
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([one] * len(SECTIONS))}", [state.value for state in SECTIONS])
        return dict(zip(SECTIONS, cursor.fetchone(), strict=True))


def _find(search: Search, since: datetime | None) -> list[dict[str, Any]]:
    """One page of tasks and one more. One statement."""
    ids = _ids(search, since)
    if ids is None:
        return []
    found = list(_values(Task.objects.filter(pk__in=ids)))
    newest_first = sorted(found, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    return sorted(newest_first, key=lambda row: ORDER.index(SECTIONS[row["state"]]))


def _ids(search: Search, since: datetime | None) -> RawSQL | None:
    """The ids of one page of tasks and one more, as a subquery.

    The first ones of each state, united, and of these the first. Django cannot unite limited queries
    on SQLite, and asking for the rows of seven states at once would fetch most of them in vain.
    """
    parts: list[str] = []
    given: list[Any] = []
    for state in search.ordered_states:
        section = ORDER.index(SECTIONS[state])
        if search.after is None or section >= ORDER.index(search.after.section):
            sql, params = _first_of(state, search, since)
            parts.append(f"SELECT id, created_at, {section} AS section FROM ({sql}) AS part")  # noqa: S608, a number
            given += params
    if not parts:
        return None
    united = " UNION ALL ".join(parts)
    page = f"SELECT id FROM ({united}) AS found ORDER BY section, created_at DESC, id DESC LIMIT {PAGE + 1}"  # noqa: S608, written above
    return RawSQL(page, given)  # noqa: S611, written above


def _first_of(state: State, search: Search, since: datetime | None) -> tuple[str, tuple[Any, ...]]:
    """The newest tasks of one state, as SQL; in the section where the page begins, those after its place."""
    tasks = _matching(Task.objects.filter(state=state), search, since)
    place = search.after
    if place and place.section == SECTIONS[state]:
        # The first condition lets the index be used, the second one settles ties.
        tasks = tasks.filter(created_at__lte=place.created_at).filter(
            Q(created_at__lt=place.created_at) | Q(id__lt=place.id)
        )
    newest = tasks.order_by("-created_at", "-id").values("id", "created_at")[: PAGE + 1]
    return newest.query.sql_with_params()


def _matching(tasks: QuerySet[Task], search: Search, since: datetime | None) -> QuerySet[Task]:
    if search.task_id:
        return tasks.filter(pk=search.task_id)
    if search.text:
        tasks = tasks.filter(
            Q(title__icontains=search.text)
            | Q(name__icontains=search.text)
            | Q(created_by__username__iexact=search.text)
        )
    return tasks.filter(created_at__gte=since) if since else tasks


def _values(tasks: QuerySet[Task]) -> Values:
    """What a row is made of. The traceback stays where it is: it can be long."""
    found: Values = tasks.annotate(
        who=F("created_by__username"),
        problem=Coalesce(KT("error__description"), KT("error__reason"), output_field=CharField()),
    ).values(*FIELDS, "who", "problem")
    return found


def _searched_since(search: Search) -> datetime | None:
    """Older tasks are not searched for text; None if that are none, or no text is searched."""
    if not search.text or search.task_id:
        return None
    newest = Task.objects.order_by("-created_at", "-id").values_list("created_at", flat=True)
    return newest[SEARCHED : SEARCHED + 1].first()


def _place_of(row: dict[str, Any]) -> Place:
    return Place(SECTIONS[State(row["state"])], row["created_at"], row["id"])
