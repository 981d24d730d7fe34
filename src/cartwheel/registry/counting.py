"""How long a list is: counted once, and again only when what it counts may have changed.

Each page of a list tells its length. To count 100,000 rows for each ten that are shown costs more than to
show them, though the length of a list of what is in repositories changes only with these. While much
changes, the length of a long list may be that of a second ago, or of ten if it is dear to count; that of any
other is exact.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any, TypeVar, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet, Subquery

from cartwheel.kit.ids import uuid7
from cartwheel.registry.models import Fact, Repository

LIMIT = 1000  # lengths, and pieces of lists (pieces.py), that are remembered
LONG = 5000  # rows; a list of more may be said to be as long as it lately was
LATELY = 1.0  # second
SHARE = 50  # what takes long is done so seldom that it takes one of so many seconds,
SELDOM = 10.0  # seconds, but no more seldom than this
READ_AGAIN = "versions.read_again"  # the fact that changes whenever versions are read or ranked again

T = TypeVar("T")
# A repository, its latest version and its next: what it holds has changed when one of these has.
Stamp = tuple[UUID, int, int, str | None]


@dataclass(frozen=True)
class Known:
    found: Any
    on: tuple[Any, ...] | None  # it holds for as long as this is so,
    until: float  # and until then anyway; monotonic seconds


_known: OrderedDict[Any, Known] = OrderedDict()
_lock = Lock()


def stamps(repositories: QuerySet[Repository, Any]) -> tuple[Stamp, ...]:
    """How far these have come. To be asked before anything else is."""
    again = Subquery(Fact.objects.filter(name=READ_AGAIN).values("value"))
    rows = repositories.order_by().annotate(again=again)
    return tuple(rows.values_list("pk", "latest_number", "next_number", "again"))


def stamp(repository: Repository) -> Stamp:
    """How far one has come as it was read. For lists that do not depend on what the versions say."""
    return repository.pk, repository.latest_number, repository.next_number, None


def note_read_again() -> None:
    """What versions say, or how they are ranked, changes though no repository does. Joins the caller's transaction."""
    Fact.objects.update_or_create(name=READ_AGAIN, defaults={"value": str(uuid7())})


def counted(rows: QuerySet[Any, Any], on: tuple[tuple[Any, ...], ...]) -> int:
    """How many rows; they must depend on the latest content of these repositories and on nothing else."""
    key = key_of(rows)
    return 0 if key is None else remembered(key, rows.count, size=int, on=on)


def counted_lately(rows: QuerySet[Any, Any]) -> int:
    """How many rows, of whatever kind; if they are many, how many they were a second ago at most."""
    rows = rows.order_by()
    key = key_of(rows)
    return 0 if key is None else remembered(key, rows.count, size=int)


def remembered(
    key: Any, make: Callable[[], T], *, size: Callable[[T], int], on: tuple[Any, ...] | None = None
) -> T:
    """What `make` finds, or has found.

    For as long as `on` is the same that is known; otherwise it is found again, and if its size says that it is
    of many rows, that is done once a second at most, or more seldom if it takes long.
    """
    known = _look(key)
    if known is not None and ((on is not None and on == known.on) or monotonic() < known.until):
        return cast("T", known.found)
    begun = monotonic()
    found = make()
    ended = monotonic()
    is_long = size(found) > LONG
    if is_long or on is not None:
        _keep(key, Known(found, on, ended + _pause(ended - begun) if is_long else ended))
    return found


def _pause(took: float) -> float:
    """For how many seconds to rest after what took so many."""
    return min(max(LATELY, SHARE * took), SELDOM)


# -- what is remembered ---------------------------------------------------------------------------


def key_of(rows: QuerySet[Any, Any]) -> Any:
    """Its SQL, None if it has no rows for sure."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, repr(params)


def _look(key: Any) -> Known | None:
    with _lock:
        if key in _known:
            _known.move_to_end(key)
        return _known.get(key)


def _keep(key: Any, known: Known) -> None:
    with _lock:
        _known[key] = known
        while len(_known) > LIMIT:
            _known.popitem(last=False)
