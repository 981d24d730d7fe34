"""Helps a database to read a long list in its order, where it cannot know that this is quicker."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Model,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
)
from django.db.models.lookups import In

from cartwheel.registry.counting import Stamp, counted, key_of, remembered
from cartwheel.registry.models import RepositoryContent

FEW = 2000  # rows; so many are sorted in a millisecond
FEW_NAMED = 1000  # keys; the rows of so many are looked up and sorted in five milliseconds


class Aside(Func):
    """A column by which SQLite looks for no rows: a plus before it hides it from indexes.

    It knows how many rows a repository has on the average. Of one that has nearly all it would read all
    of these and sort them, to show ten. PostgreSQL knows what is frequent.
    """

    template = "%(expressions)s"
    output_field = UUIDField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


class Unindexed(Func):
    """A condition by which SQLite looks for no rows: it is asked of each that is read."""

    template = "%(expressions)s"
    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+(%(expressions)s)", **context)


def unindexed(wanted: Q, *, but: str = "") -> Q:
    """The same condition, asked of each row, but for what is asked of one column: that by which a list is sorted."""
    if wanted.connector == Q.AND and not wanted.negated:
        of_order = [each for each in wanted.children if _is_of(each, but)]
        if of_order:
            others = Q(*(each for each in wanted.children if not _is_of(each, but)))
            return Q(*of_order) & unindexed(others)
    return Q(Unindexed(ExpressionWrapper(wanted, BooleanField()))) if wanted else wanted


def _is_of(condition: Any, column: str) -> bool:
    return isinstance(condition, tuple) and condition[0].split("__")[0] == column


def is_many(count: int) -> bool:
    """Are so many found soon in the order of the list? Fewer are found first, and then sorted."""
    return count > FEW


def is_many_to_look_up(count: int) -> bool:
    """The same, where the rows are wide, or not found together."""
    return count > FEW_NAMED


def are_many(rows: QuerySet[Any, Any], few: int | None = None) -> bool:
    """Are there so many of these, which an index finds, that what they name is not looked up?"""
    few = FEW_NAMED if few is None else few
    return rows.order_by().values("pk")[: few + 1].count() > few


class Among(Q):
    """Is it one that `column` of some rows names?"""

    rows: QuerySet[Any, Any] | None = None  # what is made of this with other conditions has none
    column = ""

    def __copy__(self) -> Among:
        copied = super().__copy__()
        copied.rows, copied.column = self.rows, self.column
        return copied

    copy = __copy__


def named_by(model: type[Model], wanted: Q, column: str) -> Exists:
    """The same, asked of each of the rows that all else leaves."""
    return Exists(_naming(model, wanted, column))


def _naming(model: type[Model], wanted: Q, column: str) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model._default_manager.filter(unindexed(wanted), **{column: OuterRef("pk")})
    return rows


class OfEach(Exists):
    """The same, asked of each in the order of a list, until ten are found."""

    def __init__(self, model: type[Model], wanted: Q, column: str) -> None:
        super().__init__(_naming(model, wanted, column))
        self.of_all = Q(pk__in=model._default_manager.filter(_of_all(wanted)).values(column))


def among(model: type[Model], wanted: Q, column: str) -> Among:
    """Is it one that `column` of such rows names? Found by them if they are few, else asked of each."""
    rows = model._default_manager.filter(wanted)
    is_asked_of_each = are_many(rows)
    found = Among(OfEach(model, wanted, column)) if is_asked_of_each else Among(pk__in=rows.values(column))
    found.rows, found.column = rows, column
    return found


def to_count(rows: QuerySet[Any, Any], wanted: Q) -> QuerySet[Any, Any]:
    """As many rows as fit. Nothing is asked of each, and where nothing else is asked, only what names them is read."""
    if isinstance(wanted, Among) and wanted.rows is not None and not wanted.negated and not rows.query.where:
        return wanted.rows.order_by().values(wanted.column).distinct()
    return rows.filter(_of_all(wanted))


def how_many(rows: QuerySet[Any, Any], wanted: Q) -> int:
    """How many fit; if many, how many they were a second ago at most.

    Few are looked at one by one: to find all that something else names, of which they are, would cost more.
    """
    all_of_them = to_count(rows, wanted).order_by()

    def count() -> int:
        if _asks_of_each(wanted):
            few: int = rows.filter(wanted).order_by()[: FEW_NAMED + 1].count()
            if few <= FEW_NAMED:
                return few
        return all_of_them.count()

    key = key_of(all_of_them)
    return 0 if key is None else remembered(key, count, size=int)


def _asks_of_each(wanted: Q) -> bool:
    parts = [each[1] if isinstance(each, tuple) else each for each in wanted.children]
    return any(_asks_of_each(each) if isinstance(each, Q) else isinstance(each, OfEach) for each in parts)


def _of_all(wanted: Q) -> Q:
    found = wanted.copy()
    found.children = [_of_all(each) if isinstance(each, Q) else _one_of_all(each) for each in wanted.children]
    return found


def _one_of_all(condition: Any) -> Any:
    asked = condition[1] if isinstance(condition, tuple) else condition
    return getattr(asked, "of_all", condition)


def looked_for(wanted: Q, on: tuple[Stamp, ...]) -> Q:
    """A condition on placements: found first if they are few, else asked of each in the order of the list."""
    if not wanted:
        return wanted
    some: QuerySet[RepositoryContent] = RepositoryContent.objects.filter(wanted, removed=None)
    if is_many(counted(some[: FEW + 1], on)):
        return unindexed(wanted)
    return Q(pk__in=some.values("pk"))


def aside(repositories: Collection[UUID]) -> Q:
    """Of placements: are they in one of these? They are found by something else."""
    return Q(In(Aside(F("repository_id")), list(repositories)))


def placed_in(on: tuple[Stamp, ...], *, has_names: bool) -> Q:
    """Of placements: are they in one of these now? Found by that only if these are few, and no names are asked for."""
    ids = [pk for pk, *_ in on]
    if has_names or _is_many(ids, on):
        return aside(ids)
    return Q(repository__in=ids)


def _is_many(ids: list[UUID], on: tuple[Stamp, ...]) -> bool:
    some: QuerySet[RepositoryContent] = RepositoryContent.objects.filter(removed=None, repository__in=ids)
    return is_many(counted(some[: FEW + 1], on))
