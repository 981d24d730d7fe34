"""What a person looks for in the list of tasks, as the address of the page says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cartwheel.engine.states import State
from cartwheel.kit.ids import is_uuid

TEXT_LIMIT = 200  # characters

# The order of the list, and of what can be chosen.
SECTIONS = {
    State.RUNNING: "running",
    State.CANCELING: "running",
    State.WAITING: "waiting",
    State.FAILED: "ended",
    State.COMPLETED: "ended",
    State.CANCELED: "ended",
    State.SKIPPED: "ended",
}
ORDER = ("running", "waiting", "ended")


@dataclass(frozen=True)
class Place:
    """Where in the list a page begins: after this task."""

    section: str
    created_at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.section}~{self.created_at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is no place; the list then begins at its top."""
        section, _tilde, rest = text.partition("~")
        moment, _tilde, task_id = rest.partition("~")
        try:
            created_at = datetime.fromisoformat(moment)
            place = cls(section, created_at.astimezone(UTC), UUID(task_id))
        except (ValueError, OverflowError):
            return None
        return place if section in ORDER and created_at.tzinfo else None


SPANS = {  # how a stretch of time is written in an address
    "1h": (_("the last hour"), timedelta(hours=1)),
    "24h": (_("the last 24 hours"), timedelta(hours=24)),
    "7d": (_("the last 7 days"), timedelta(days=7)),
}
SORTS = {  # "" is the list's own order: running, waiting, ended, each newest first
    "": _("Running, waiting, ended"),
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "ended": _("Ended last"),
    "longest": _("Took longest"),
    "title": _("Title"),
}
WORDS = {  # what is looked for in one column each
    "name": _("Name"),
    "person": _("Person"),
    "resource": _("Resource"),
    "worker": _("Worker"),
    "error": _("Error"),
    "group": _("Group"),
    "parent": _("Parent task"),
}
LAST_PAGE = 100


@dataclass(frozen=True)
class Active:
    """A filter that is set, by its name in the address; `without` is the query of the page without it."""

    name: str
    label: str
    value: str
    without: str
    moment: datetime | None = None  # what it is, if it is a time


@dataclass(frozen=True)
class Search:
    """Filters, order and place. No states: all of them. `since` and `until` are in UTC."""

    states: frozenset[State] = frozenset()
    text: str = ""
    name: str = ""
    person: str = ""
    resource: str = ""
    worker: str = ""
    error: str = ""
    group: str = ""
    parent: str = ""
    span: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: str = ""
    after: Place | None = None
    page: int = 1  # of a list that is sorted otherwise than usual

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """From the query of an address; what is not understood is passed over."""
        span, sort = given.get("span", ""), given.get("sort", "")
        return cls(
            states=frozenset(State(each) for each in given.getlist("state") if each in State.values),
            text=_text(given, "q"),
            **{name: _text(given, name) for name in WORDS},
            span=span if span in SPANS else "",
            since=_moment(given.get("since", "")),
            until=_moment(given.get("until", "")),
            sort=sort if sort in SORTS else "",
            after=Place.read(given.get("after", "")),
            page=_page(given.get("page", "")),
        )

    @property
    def words(self) -> dict[str, str]:
        """The text looked for in each column, where there is any."""
        return {name: text for name in WORDS if (text := getattr(self, name))}

    @property
    def is_filtered(self) -> bool:
        return bool(self.states or self.text or self.is_narrowed)

    @property
    def is_narrowed(self) -> bool:
        """Is something set beside states and text?"""
        return bool(self.words or self.span or self.since or self.until)

    @property
    def is_set(self) -> bool:
        """Does it differ from the list as it is usually?"""
        return bool(self.fields)

    @property
    def is_flat(self) -> bool:
        """Is it one list, not parted into what runs, waits and has ended?"""
        return bool(self.sort)

    @property
    def needs_reading(self) -> bool:
        """Does it ask for what has no index, so that rows must be read?"""
        return bool(self.text or self.words or self.sort) and not self.task_id

    @property
    def task_id(self) -> UUID | None:
        """The id, if that is what the text is."""
        return UUID(self.text) if is_uuid(self.text) else None

    @property
    def ordered_states(self) -> list[State]:
        """The states looked for, in the order of the list."""
        return [each for each in SECTIONS if not self.states or each in self.states]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The search as names and values of an address, without its place."""
        found = [("state", each.value) for each in SECTIONS if each in self.states]
        found += [("q", self.text)] if self.text else []
        found += list(self.words.items())
        found += [("span", self.span)] if self.span else []
        found += [(name, _input(moment)) for name in ("since", "until") if (moment := getattr(self, name))]
        return found + ([("sort", self.sort)] if self.sort else [])

    @property
    def query(self) -> str:
        """The search as the query of an address, with its question mark; nothing if it is empty."""
        fields = self.fields
        if self.is_flat:
            fields += [("page", str(self.page))] if self.page > 1 else []
        elif self.after:
            fields.append(("after", str(self.after)))
        return f"?{urlencode(fields)}" if fields else ""

    @property
    def actives(self) -> list[Active]:
        """The filters that are set, beside states and text."""
        found = [self._active(str(WORDS[name]), text, **{name: ""}) for name, text in self.words.items()]
        if self.span:
            found.append(self._active(str(_("Created in")), str(SPANS[self.span][0]), span=""))
        for name, label in (("since", _("From")), ("until", _("Until"))):
            if moment := getattr(self, name):
                found.append(replace(self._active(str(label), "", **{name: None}), moment=moment))
        return found

    def _active(self, label: str, value: str, **without: Any) -> Active:
        return Active(next(iter(without)), label, value, replace(self.from_top(), **without).query or "?")

    def input(self, name: str) -> str:
        """A time as a form's field has it."""
        moment = getattr(self, name)
        return _input(moment) if moment else ""

    @property
    def since_input(self) -> str:
        return self.input("since")

    @property
    def until_input(self) -> str:
        return self.input("until")

    def begins(self, now: datetime) -> datetime | None:
        """Tasks created before that are not looked for."""
        starts = [self.since] if self.since else []
        starts += [now - SPANS[self.span][1]] if self.span else []
        return max(starts, default=None)

    def from_top(self) -> Self:
        return replace(self, after=None, page=1)

    def with_place(self, place: Place) -> Self:
        return replace(self, after=place)

    def with_page(self, page: int) -> Self:
        return replace(self, page=page)

    def with_states(self, states: frozenset[State]) -> Self:
        return replace(self.from_top(), states=states)


def _text(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\0", "").strip()[:TEXT_LIMIT]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _input(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def _page(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isdecimal() and len(text) < 5 else 1
