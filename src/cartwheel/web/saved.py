"""Searches of the list of tasks that a person keeps under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cartwheel.kit.errors import Invalid
from cartwheel.registry.models import User
from cartwheel.web.models import SavedView
from cartwheel.web.search import Search

NAME_LIMIT = 64  # characters
LIMIT = 20  # of one person


@dataclass(frozen=True)
class Saved:
    """Somebody's views by name, and the one that a page shows, if it is one of them."""

    views: list[SavedView]
    here: SavedView | None

    @classmethod
    def read(cls, search: Search, user: User) -> Self:
        views = list(SavedView.objects.filter(user=user).order_by("name"))
        return cls(views, next((each for each in views if each.query == search.from_top().query), None))


def save_view(search: Search, name: str, *, by: User) -> SavedView:
    """Keep a search, without its place in the list. A name that they have given before then means this one."""
    name = " ".join(name.replace("\0", "").split())[:NAME_LIMIT]
    if not name:
        raise Invalid("Give the view a name.")
    others = SavedView.objects.filter(user=by).exclude(name=name)
    if others.count() >= LIMIT:
        raise Invalid(f"You have {LIMIT} views already. Delete one first.")
    query = search.from_top().query or "?"
    return SavedView.objects.update_or_create({"query": query}, user=by, name=name)[0]
