"""How long a list is, exactly: counted once, and again only when what it counts may have changed.

Each page of a list tells its length. To count 100,000 rows for each ten that are shown costs more than to
show them, though the length of a list of what is in repositories changes only with these.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet, Subquery

from cartwheel.kit.ids import uuid7
from cartwheel.registry.models import Fact, Repository

LIMIT = 1000  # lengths, and lists of FEW rows, that are remembered
FEW = 300
READ_AGAIN = "versions.read_again"  # the fact that changes whenever versions are read or ranked again

# A repository, its latest version and its next: what it holds has changed when one of these has.
Stamp = tuple[UUID, int, int, str | None]

_known: OrderedDict[Any, Any] = OrderedDict()
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


def counted(rows: QuerySet[Any, Any], on: tuple[Stamp, ...]) -> int:
    """How many rows; they must depend on the latest content of these repositories and on nothing else."""
    count: int = _remembered("count", rows, on, rows.count)
    return count


def unless_few(rows: QuerySet[Any, Any], on: tuple[Stamp, ...]) -> QuerySet[Any, Any] | list[Any]:
    """The rows, or a list of them if they are so few that they are remembered as their number is.

    To find few among many by what no index has, such as a word, takes reading all. They must be small.
    """
    if counted(rows, on) > FEW:
        return rows
    found: list[Any] = _remembered("rows", rows, on, lambda: list(rows))
    return found


def _remembered(kind: str, rows: QuerySet[Any, Any], on: tuple[Stamp, ...], find: Callable[[], Any]) -> Any:
    try:
        key = (kind, rows.query.sql_with_params(), on)
    except EmptyResultSet:
        return find()
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    found = find()
    with _lock:
        _known[key] = found
        while len(_known) > LIMIT:
            _known.popitem(last=False)
    return found
