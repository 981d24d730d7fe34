"""Pages of the keys of a long list, where each would cost as much as to read all that stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from cartwheel.registry.counting import counted, key_of, remembered

PIECE = 300  # keys that are remembered together
DEEP = 100  # rows; what is passed over on the way to a page

Key = TypeVar("Key")


@dataclass(frozen=True)
class Pieces(Generic[Key]):
    """The keys of a list in its order, to take pages of; `count` is its length.

    A page is read alone if the list has an index of its order and the page is near its start. Otherwise it
    is part of a piece that is remembered as the length is, and like that may be of a moment ago if the list is
    long: to pass over 50,000 rows costs as much for ten as for 300, and to find a few among many by what no index
    has, such as a word, takes reading all.
    """

    rows: QuerySet[Any, Key]
    on: tuple[tuple[Any, ...], ...]
    count: int
    has_index: bool = True

    def __getitem__(self, part: slice) -> list[Key]:
        start, stop = part.start or 0, min(part.stop, self.count)
        if self.has_index and start < DEEP and self.count > PIECE:
            return list(self.rows[start:stop])
        first = start // PIECE
        keys = [key for number in range(first, -(-stop // PIECE)) for key in self._piece(number)]
        return keys[start - first * PIECE : stop - first * PIECE]

    def _piece(self, number: int) -> list[Key]:
        start = number * PIECE
        # With the length: it may be that of a moment ago, and then what is near the end is not where it seems.
        # With the repositories: of what nobody may read any more, nothing is shown for a moment longer.
        key = "piece", key_of(self.rows), self.count, number, tuple(each[0] for each in self.on)
        return remembered(
            key,
            lambda: from_nearer_end(self.rows, start, PIECE, self.count),
            size=lambda _: self.count,
            on=self.on,
        )


def in_pieces(
    rows: QuerySet[Any, Key],
    on: tuple[tuple[Any, ...], ...],
    *,
    to_count: QuerySet[Any, Any] | None = None,
    has_index: bool = True,
) -> Pieces[Key]:
    """Keys that depend on the content of these repositories and on nothing else. They must be small."""
    return Pieces(rows, on, counted(rows if to_count is None else to_count, on), has_index)


def from_nearer_end(rows: Any, offset: int, limit: int, total: int) -> list[Any]:
    """Some rows of a list of that length, which has an order: from its end if that is nearer."""
    end = min(offset + limit, total)
    if offset < total - end:
        return list(rows[offset:end])
    return list(rows.reverse()[total - end : total - offset])[::-1]
