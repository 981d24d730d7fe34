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

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext

from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.registry.models import User
from cartwheel.registry.task_rights import visible
from cartwheel.web.filtering import ORDERS, PROBLEM, matching
from cartwheel.web.rows import Row, make_rows
from cartwheel.web.search import ORDER, SECTIONS, Place, Search

PAGE = 100  # tasks on a page
SEARCHED = 50_000  # so many of the newest tasks are looked through for what has no index
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
        return {
            "running": gettext("Running"),
            "waiting": gettext("Waiting"),
            "ended": gettext("Ended"),
        }.get(self.name, "")


@dataclass(frozen=True)
class Listing:
    """One page of the list. `older` is the search for the next one, if there is more."""

    sections: tuple[Section, ...]
    older: Search | None
    is_cut: bool  # were tasks too old to be searched?


def read_page(search: Search, user: User, now: datetime) -> Listing:
    """The tasks that a search finds, a page of them."""
    since = _searched_since(search)
    tasks = visible(user)
    page_of = _sorted if search.is_flat else _find
    found = page_of(tasks, search, user, since, now)
    page, rest = found[:PAGE], found[PAGE:]
    rows = make_rows(page, user, now)
    return Listing(_parted(rows, search), _next(search, page) if rest else None, is_cut=since is not None)


def _parted(rows: list[Row], search: Search) -> tuple[Section, ...]:
    if search.is_flat:
        return (Section("found", tuple(rows)),)
    return tuple(Section(name, tuple(r for r in rows if r.section == name)) for name in ORDER)


def _next(search: Search, page: list[dict[str, Any]]) -> Search:
    if search.is_flat:
        return search.with_page(search.page + 1)
    return search.with_place(_place_of(page[-1]))


def read_rows(task_ids: Collection[UUID], search: Search, user: User, now: datetime) -> list[Row]:
    """The rows of these tasks, as far as the search finds them, newest first."""
    tasks = find_all(search, user, now).filter(pk__in=task_ids)
    return make_rows(list(_values(tasks).order_by("-created_at", "-id")[:PAGE]), user, now)


def find_all(search: Search, user: User, now: datetime) -> QuerySet[Task]:
    """All tasks that a search finds, on whatever page."""
    tasks = matching(visible(user), search, user, _searched_since(search), now)
    return tasks.filter(state__in=search.states) if search.states else tasks


def _sorted(
    tasks: QuerySet[Task], search: Search, user: User, since: datetime | None, now: datetime
) -> list[dict[str, Any]]:
    """One page and one more, in the order that was chosen. One statement."""
    tasks = matching(tasks, search, user, since, now)
    if search.states:
        tasks = tasks.filter(state__in=search.states)
    if search.sort == "longest":
        ran = ExpressionWrapper(Coalesce("finished_at", Now()) - F("started_at"), DurationField())
        tasks = tasks.annotate(took=ran)
    begin = (search.page - 1) * PAGE
    return list(_values(tasks).order_by(*ORDERS[search.sort])[begin : begin + PAGE + 1])


def read_counts(user: User) -> dict[State, int]:
    """How many tasks are in each state, counted up to COUNTED and one more.

    One statement that reads no more than that from the index of each state: counting a million ended
    tasks would take longer than the whole page.
    """
    known = visible(user).order_by().values("id")
    parts: list[str] = []
    given: list[Any] = []
    for state in SECTIONS:
        sql, params = known.filter(state=state)[: COUNTED + 1].query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")  # noqa: S608, written by Django
        given += params
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", given)
        return dict(zip(SECTIONS, cursor.fetchone(), strict=True))


def _find(
    tasks: QuerySet[Task], search: Search, user: User, since: datetime | None, now: datetime
) -> list[dict[str, Any]]:
    """One page of tasks and one more. One statement."""
    ids = _ids(tasks, search, user, since, now)
    if ids is None:
        return []
    found = list(_values(Task.objects.filter(pk__in=ids)))
    newest_first = sorted(found, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    return sorted(newest_first, key=lambda row: ORDER.index(SECTIONS[row["state"]]))


def _ids(
    tasks: QuerySet[Task], search: Search, user: User, since: datetime | None, now: datetime
) -> RawSQL | None:
    """The ids of one page of tasks and one more, as a subquery.

    The first ones of each state, united, and of these the first. Django cannot unite limited queries
    on SQLite, and asking for the rows of seven states at once would fetch most of them in vain.
    """
    parts: list[str] = []
    given: list[Any] = []
    for state in search.ordered_states:
        section = ORDER.index(SECTIONS[state])
        if search.after is None or section >= ORDER.index(search.after.section):
            sql, params = _first_of(
                matching(tasks.filter(state=state), search, user, since, now), state, search
            )
            parts.append(f"SELECT id, created_at, {section} AS section FROM ({sql}) AS part")  # noqa: S608, a number
            given += params
    if not parts:
        return None
    united = " UNION ALL ".join(parts)
    page = f"SELECT id FROM ({united}) AS found ORDER BY section, created_at DESC, id DESC LIMIT {PAGE + 1}"  # noqa: S608, written above
    return RawSQL(page, given)  # noqa: S611, written above


def _first_of(tasks: QuerySet[Task], state: State, search: Search) -> tuple[str, tuple[Any, ...]]:
    """The newest tasks of one state, as SQL; in the section where the page begins, those after its place."""
    place = search.after
    if place and place.section == SECTIONS[state]:
        # The first condition lets the index be used, the second one settles ties.
        tasks = tasks.filter(created_at__lte=place.created_at).filter(
            Q(created_at__lt=place.created_at) | Q(id__lt=place.id)
        )
    newest = tasks.order_by("-created_at", "-id").values("id", "created_at")[: PAGE + 1]
    return newest.query.sql_with_params()


def _values(tasks: QuerySet[Task]) -> Values:
    """What a row is made of. The traceback stays where it is: it can be long."""
    found: Values = tasks.annotate(
        who=F("created_by__username"),
        problem=PROBLEM,
    ).values(*FIELDS, "who", "problem")
    return found


def _searched_since(search: Search) -> datetime | None:
    """Older tasks are not looked through; None if that are none, or an index finds what is wanted."""
    if not search.needs_reading:
        return None
    newest = Task.objects.order_by("-created_at", "-id").values_list("created_at", flat=True)
    return newest[SEARCHED : SEARCHED + 1].first()


def _place_of(row: dict[str, Any]) -> Place:
    return Place(SECTIONS[State(row["state"])], row["created_at"], row["id"])
