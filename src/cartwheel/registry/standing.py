"""How versions stand in a repository: which is the highest of its collection, which are deprecated."""

from __future__ import annotations

from collections.abc import Collection as Several
from uuid import UUID

from django.db.models import Exists, OuterRef

from cartwheel.registry.many import FEW, many
from cartwheel.registry.models import (
    CollectionVersion,
    Deprecation,
    Mark,
    Namespace,
    Repository,
    RepositoryContent,
)


def forget_what_left(repository: Repository, versions: Several[UUID]) -> None:
    """Say no more of versions that have left a repository; nor of their collections and namespaces if that was all.

    Joins the caller's transaction, which holds the repository's row.
    """
    if not versions:
        return
    left = CollectionVersion.objects.filter(pk__in=many(versions))
    placed = RepositoryContent.objects.filter(repository=repository, removed=None)
    Mark.objects.filter(repository=repository, collection_version__in=many(versions)).delete()
    deprecations = Deprecation.objects.filter(repository=repository, collection__in=left.values("collection"))
    deprecations.filter(~Exists(placed.filter(collection=OuterRef("collection")))).delete()
    shown = Namespace.published_in.through.objects.filter(repository=repository)
    shown = shown.filter(namespace__name__in=left.values("namespace"))
    shown.filter(~Exists(placed.filter(namespace=OuterRef("namespace__name")))).delete()


def note_standing(repository: Repository, collections: Several[UUID] | None) -> int:
    """Note how the versions of these collections, by default all, stand in a repository, after a change.

    Joins the caller's transaction, which holds the repository's row. Writes only what is different, and
    says how many that were. What has been removed stands nowhere: whoever removes it notes that.
    """
    placed = RepositoryContent.objects.filter(repository=repository, removed=None)
    marks = Deprecation.objects.filter(repository=repository)
    if collections is not None:
        placed = placed.filter(collection__in=many(collections))
        marks = marks.filter(collection__in=many(collections))
    deprecated = set(marks.values_list("collection_id", flat=True))
    changes: dict[tuple[bool, bool], list[int]] = {}
    last = None
    rows = placed.order_by("collection_id", "-version_key", "-collection_version_id")
    for pk, collection, *before in rows.values_list("pk", "collection_id", "is_highest", "is_deprecated"):
        now = (collection != last, collection in deprecated)
        if now != tuple(before):
            changes.setdefault(now, []).append(pk)
        last = collection
    for (is_highest, is_deprecated), pks in changes.items():
        for start in range(0, len(pks), FEW):
            some = RepositoryContent.objects.filter(pk__in=pks[start : start + FEW])
            some.update(is_highest=is_highest, is_deprecated=is_deprecated)
    return sum(len(pks) for pks in changes.values())
