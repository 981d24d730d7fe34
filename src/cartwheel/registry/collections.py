"""Collections as they are found: in which repository, in which versions, the highest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from cartwheel.engine.prepared import Given, GivenSeveral, Query
from cartwheel.kit.errors import NotFound
from cartwheel.registry.counting import stamp, stamps
from cartwheel.registry.models import (
    Collection,
    CollectionVersion,
    Deprecation,
    Repository,
    RepositoryContent,
)
from cartwheel.registry.pieces import Pieces, in_pieces
from cartwheel.registry.plans import aside, unindexed
from cartwheel.registry.repositories import placed_at

HEAVY = ("manifest", "files", "docs_blob")  # columns of up to megabytes, which no list should read


def ids_in(
    repository: Repository,
    wanted: Q | None = None,
    *,
    deprecated: bool | None = None,
    has_names: bool = False,
) -> QuerySet[RepositoryContent, UUID]:
    """The ids of the collections of which a version is there, the newest first: ids grow with time.

    `wanted` is asked of the placements; with `has_names` it asks for a namespace or a name.
    """
    here = aside([repository.pk]) if has_names else Q(repository=repository)
    placed = RepositoryContent.objects.filter(placed_at(repository.at), here, wanted or Q())
    if repository.at is None:
        placed = placed.filter(is_highest=True)  # one of each collection
    if deprecated is not None:
        marked = _is_deprecated(repository)
        placed = placed.filter(marked if deprecated else ~marked)
    ids = placed.order_by("-collection_id").values_list("collection_id", flat=True)
    return ids if repository.at is None else ids.distinct()


def ids_in_pieces(
    ids: QuerySet[RepositoryContent, UUID],
    repository: Repository,
    *,
    reads_versions: bool = False,
    to_count: QuerySet[RepositoryContent, UUID] | None = None,
) -> Pieces[UUID]:
    """These, counted by `to_count` if that is quicker.

    Do they depend on what the versions say, such as their tags?
    """
    if repository.at is None and not reads_versions:
        return in_pieces(ids, (stamp(repository),), to_count=to_count)
    on = stamps(Repository.objects.filter(pk=repository.pk))
    return in_pieces(ids, on, to_count=to_count, has_index=repository.at is None)


def _is_deprecated(repository: Repository) -> Q:
    """Of placements there."""
    if repository.at is None:
        return Q(is_deprecated=True)
    marks = Deprecation.objects.filter(repository=repository, collection=OuterRef("collection"))
    return Q(Exists(marks))


def is_there(repository: Repository) -> Q:
    """Of the few placements that another condition leaves: are they in the repository?"""
    there = placed_at(repository.at) & Q(repository=repository)
    # Of an older version, SQLite would look at all that was there, for each that is asked about.
    return there if repository.at is None else unindexed(there)


def with_highest(collections: QuerySet[Collection], repository: Repository) -> QuerySet[Collection, Any]:
    """Each with `highest`, `highest_id` and `deprecated`, as they are in the repository.

    Ask it for a page, not for all: each row costs a look into an index.
    """
    placed = RepositoryContent.objects.filter(is_there(repository), collection=OuterRef("pk"))
    highest = placed.order_by("-version_key")
    return collections.annotate(
        highest=Subquery(highest.values("collection_version__version")[:1]),
        highest_id=Subquery(highest.values("collection_version")[:1]),
        deprecated=Exists(Deprecation.objects.filter(repository=repository, collection=OuterRef("pk"))),
    )


_highest_now = Query(
    lambda: RepositoryContent.objects.filter(
        repository=Given("repository", Repository._meta.pk),
        removed=None,
        is_highest=True,
        collection__among=GivenSeveral("ids", Collection._meta.pk),
    ).values(
        "collection_id",
        "namespace",
        "name",
        "collection__download_count",
        "collection_version_id",
        "is_deprecated",
    )
)


@dataclass(frozen=True)
class Standing:
    """A collection as it is in a repository, and its highest version there."""

    collection: UUID
    namespace: str
    name: str
    download_count: int
    highest: UUID
    is_deprecated: bool


def standing_of(ids: Iterable[UUID], repository: Repository) -> dict[UUID, Standing]:
    """How these collections stand in a repository, as far as they are there."""
    if repository.at is None:
        found = _highest_now(ids=list(ids), repository=repository.pk)
        return {row["collection_id"]: Standing(*row.values()) for row in found}
    rows = with_highest(Collection.objects.filter(pk__in=ids), repository)
    return {
        each.pk: Standing(
            each.pk,
            each.namespace,
            each.name,
            each.download_count,
            UUID(str(each.highest_id)),
            each.deprecated,
        )
        for each in rows
    }


def find_in(repository: Repository, namespace: str, name: str) -> Collection:
    """The collection of that name, if the repository has a version of it. Raises NotFound."""
    placed = RepositoryContent.objects.filter(is_there(repository), collection=OuterRef("pk"))
    found = Collection.objects.filter(Exists(placed), namespace=namespace, name=name).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def versions_in(repository: Repository, namespace: str, name: str) -> QuerySet[CollectionVersion]:
    """The versions of a collection that are in a repository, the highest first."""
    placed = RepositoryContent.objects.filter(is_there(repository), collection_version=OuterRef("pk"))
    rows = CollectionVersion.objects.filter(Exists(placed), namespace=namespace, name=name)
    return rows.order_by("-version_key")


def find_version_in(
    repository: Repository, namespace: str, name: str, version: str, *, also: Iterable[str] = ()
) -> CollectionVersion:
    """One version, its heavy columns only as far as `also` names them. Raises NotFound."""
    rows = versions_in(repository, namespace, name).filter(version=version)
    left_out = set(HEAVY) - set(also)
    found = rows.select_related("artifact", "collection").defer(*left_out).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def count_download(collection_id: UUID) -> None:
    """Somebody fetched a version of it."""
    Collection.objects.filter(pk=collection_id).update(download_count=F("download_count") + 1)
