"""What goes with versions into another repository: deprecations, marks, and what their namespaces say."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cartwheel.registry.many import many
from cartwheel.registry.models import Collection, CollectionVersion, Mark, Namespace, Repository
from cartwheel.registry.repositories import change_contents


def copy_into(destination: Repository, versions: Sequence[CollectionVersion], *, source: Repository) -> None:
    """Put versions of a repository into another, with what the first says of them.

    Joins the caller's transaction, which holds both. Before they leave the source: it then says no more.
    """
    ids = [each.pk for each in versions]
    deprecated = Collection.objects.filter(deprecations__repository=source, versions__in=many(ids))
    change_contents(destination, add=versions, deprecate=deprecated.distinct())
    _copy_marks(destination, ids, source)
    names = CollectionVersion.objects.filter(pk__in=many(ids)).values("namespace")
    destination.published_namespaces.add(*Namespace.objects.filter(published_in=source, name__in=names))


def _copy_marks(destination: Repository, versions: list[UUID], source: Repository) -> None:
    marks = Mark.objects.filter(repository=source, collection_version__in=many(versions))
    Mark.objects.bulk_create(
        (
            Mark(repository=destination, collection_version_id=version, value=value)
            for version, value in marks.values_list("collection_version_id", "value")
        ),
        ignore_conflicts=True,
    )
