"""Helps a database to read a long list in its order, where it cannot know that this is quicker."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F, Func, Q, QuerySet, UUIDField
from django.db.models.lookups import In

from cartwheel.registry.counting import Stamp, counted
from cartwheel.registry.models import RepositoryContent

FEW = 2000  # rows; so many are sorted in a millisecond


class Aside(Func):
    """A column by which SQLite looks for no rows: a plus before it hides it from indexes.

    It knows how many rows a repository has on the average. Of one that has nearly all it would read all
    of these and sort them, to show ten. PostgreSQL knows what is frequent.
    """

    template = "%(expressions)s"
    output_field = UUIDField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


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
    return counted(some[:FEW], on) == FEW
