"""Collections as they are found: in which repository, in which versions, the highest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from cartwheel.kit.errors import NotFound
from cartwheel.registry.models import (
    Collection,
    CollectionVersion,
    Deprecation,
    Repository,
    RepositoryContent,
)
from cartwheel.registry.repositories import placed_at

HEAVY = ("manifest", "files", "docs_blob")  # columns of up to megabytes, which no list should read


def in_repository(repository: Repository) -> QuerySet[Collection]:
    """The collections of which at least one version is there, the newest first."""
    placed = RepositoryContent.objects.filter(placed_at(repository.at), repository=repository)
    return Collection.objects.filter(pk__in=placed.values("collection")).order_by("-created_at", "-pk")


def ids_in(repository: Repository) -> QuerySet[RepositoryContent, UUID]:
    """The ids of all of these, in the same order: ids grow with time. A page of them reads no more of an index."""
    placed = RepositoryContent.objects.filter(placed_at(repository.at), repository=repository)
    return placed.order_by("-collection_id").values_list("collection_id", flat=True).distinct()


def is_deprecated_in(repository: Repository) -> Exists:
    """Of a query for collections: is it deprecated there?"""
    return Exists(Deprecation.objects.filter(repository=repository, collection=OuterRef("pk")))


def with_highest(collections: QuerySet[Collection], repository: Repository) -> QuerySet[Collection, Any]:
    """Each with `highest`, `highest_id` and `deprecated`, as they are in the repository.

    Ask it for a page, not for all: each row costs a look into an index.
    """
    highest = RepositoryContent.objects.filter(
        placed_at(repository.at), repository=repository, collection=OuterRef("pk")
    ).order_by("-version_key")
    return collections.annotate(
        highest=Subquery(highest.values("collection_version__version")[:1]),
        highest_id=Subquery(highest.values("collection_version")[:1]),
        deprecated=is_deprecated_in(repository),
    )


def find_in(repository: Repository, namespace: str, name: str) -> Collection:
    """The collection of that name, if the repository has a version of it. Raises NotFound."""
    placed = RepositoryContent.objects.filter(
        placed_at(repository.at), repository=repository, collection=OuterRef("pk")
    )
    found = Collection.objects.filter(Exists(placed), namespace=namespace, name=name).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def versions_in(repository: Repository, namespace: str, name: str) -> QuerySet[CollectionVersion]:
    """The versions of a collection that are in a repository, the highest first."""
    return CollectionVersion.objects.filter(
        placed_at(repository.at, "placements__"),
        namespace=namespace,
        name=name,
        placements__repository=repository,
    ).order_by("-version_key")


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


def touch(collection_ids: set[UUID]) -> None:
    """Note that something about these collections has changed, so that clients forget what they had cached."""
    Collection.objects.filter(pk__in=collection_ids).update(updated_at=timezone.now())
