"""Versions as a person browses them: across repositories, or the latest of each collection in one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from cartwheel.registry.counting import Stamp, stamps
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionImport, CollectionVersion, Repository, RepositoryContent
from cartwheel.registry.pieces import Pieces, in_pieces
from cartwheel.registry.plans import looked_for, placed_in
from cartwheel.registry.search import About, in_range
from cartwheel.registry.search_orders import has_index, in_order

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


@dataclass(frozen=True)
class Shelf:
    """The ids of versions, each once, in an order."""

    rows: QuerySet[RepositoryContent, UUID]
    to_count: QuerySet[RepositoryContent, Any]
    is_indexed: bool
    on: tuple[Stamp, ...]

    def keys(self) -> Pieces[UUID]:
        return in_pieces(self.rows, self.on, to_count=self.to_count, has_index=self.is_indexed)


def shelved(
    user: AbstractBaseUser | AnonymousUser,
    wanted: Q,
    says: About,
    *,
    base_path: str = "",
    version_range: str = "",
    order: str = "",
) -> Shelf:
    """The versions in any repository that the user may read, or in the one behind a path. Raises Invalid.

    `wanted` is asked of their placements. `order` is one of a search.
    """
    readable = Repository.objects.filter(readable_by(user))
    if base_path:
        readable = readable.filter(distributions__base_path=base_path)
    on, within = stamps(readable), in_range(version_range)
    rows = RepositoryContent.objects.filter(wanted, removed=None)
    if readable.query.where:
        rows = rows.filter(placed_in(on, has_names=says.is_by_few))
    columns = [each for each in in_order(order, newest_first=False) if "repository" not in each]
    names = [each.removeprefix("-") for each in columns]
    found = rows.filter(says.condition, looked_for(within, on)).order_by(*columns)
    all_of_them = rows.filter(says.joined, within).values("collection_version")
    # Grouped, not distinct: in this form SQLite sees that the order has those that are equal side by side.
    each_once = found.values(*names).annotate(places=Count("pk")).values_list("collection_version", flat=True)
    return Shelf(each_once, all_of_them.distinct(), has_index(order), on)


def readable_versions(user: AbstractBaseUser | AnonymousUser) -> QuerySet[CollectionVersion]:
    """The versions in any repository that the user may read."""
    readable = Repository.objects.filter(readable_by(user))
    placed = RepositoryContent.objects.filter(removed=None, repository__in=readable)
    return CollectionVersion.objects.filter(pk__in=placed.values("collection_version"))


def where_they_are(
    versions: Iterable[UUID], *, to: AbstractBaseUser | AnonymousUser
) -> dict[UUID, list[str]]:
    """The names of the repositories that hold each of the versions, as far as the user may read them."""
    readable = Repository.objects.filter(readable_by(to))
    placed = RepositoryContent.objects.filter(
        removed=None, repository__in=readable, collection_version__in=list(versions)
    )
    found = defaultdict(list)
    rows = placed.order_by("repository__name").values_list("collection_version_id", "repository__name")
    for version, repository in rows:
        found[version].append(repository)
    return found


def newest_places(
    imports: Mapping[UUID, CollectionImport], *, to: AbstractBaseUser | AnonymousUser
) -> dict[UUID, RepositoryContent]:
    """Where what was imported was put last, as far as it is still there and the user may read it.

    One statement, none if there are no imports. `imports` are by any ids, for instance those of their tasks.
    """
    if not imports:
        return {}
    named = Q()
    for each in imports.values():
        named |= Q(namespace=each.namespace, name=each.name, version=each.version)
    versions = CollectionVersion.objects.filter(named).values("pk")
    readable = Repository.objects.filter(readable_by(to))
    placed = RepositoryContent.objects.filter(
        removed=None, repository__in=readable, collection_version__in=versions
    )
    newest = {
        (each.namespace, each.name, each.collection_version.version): each
        for each in placed.select_related("repository", "collection_version").order_by("pk")
    }
    keys = {pk: (each.namespace, each.name, each.version) for pk, each in imports.items()}
    return {pk: newest[key] for pk, key in keys.items() if key in newest}
