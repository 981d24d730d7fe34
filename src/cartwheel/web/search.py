"""What a person looks for in the list of tasks, as the address of the page says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

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
        section, _, rest = text.partition("~")
        moment, _, task_id = rest.partition("~")
        try:
            place = cls(section, datetime.fromisoformat(moment), UUID(task_id))
        except ValueError:
            return None
        return place if section in ORDER and place.created_at.tzinfo else None


@dataclass(frozen=True)
class Search:
    """Filters and place. No states: all of them."""

    states: frozenset[State] = frozenset()
    text: str = ""
    after: Place | None = None

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """From the query of an address; what is not understood is passed over."""
        return cls(
            states=frozenset(State(each) for each in given.getlist("state") if each in State.values),
            text=given.get("q", "").replace("\0", "").strip()[:TEXT_LIMIT],
            after=Place.read(given.get("after", "")),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.states or self.text)

    @property
    def task_id(self) -> UUID | None:
        """The id, if that is what the text is."""
        return UUID(self.text) if is_uuid(self.text) else None

    @property
    def ordered_states(self) -> list[State]:
        """The states looked for, in the order of the list."""
        return [each for each in SECTIONS if not self.states or each in self.states]

    @property
    def query(self) -> str:
        """The search as the query of an address, with its question mark; nothing if it is empty."""
        fields = [("state", each.value) for each in SECTIONS if each in self.states]
        if self.text:
            fields.append(("q", self.text))
        if self.after:
            fields.append(("after", str(self.after)))
        return f"?{urlencode(fields)}" if fields else ""

    def from_top(self) -> Self:
        return replace(self, after=None)

    def with_place(self, place: Place) -> Self:
        return replace(self, after=place)

    def with_states(self, states: frozenset[State]) -> Self:
        return replace(self, states=states, after=None)
