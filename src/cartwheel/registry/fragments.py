"""Doc fragments for plugins that extend those of other collections: what the hub knows of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import cache
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from cartwheel.kit.doc_fragments import CORE, Texts, of_core
from cartwheel.registry.models import CollectionVersion, DocFragments, RepositoryContent


def finder(
    into: UUID | str | None, *, beside: Container[UUID] = ()
) -> Callable[[str, str], Mapping[str, str] | None]:
    """Finds the texts of fragments, by the name of their collection and their own; asks once per collection.

    `into` is the id of the repository for which somebody reads documentation, `beside` has the ids of versions
    that come into it together with that. Whoever reads it may not read other private repositories, and not
    what is in none any more: these lend nothing.
    """
    public_or_same = Q(repository__private=False) | Q(repository=into)
    lent = RepositoryContent.objects.filter(public_or_same, collection_version=OuterRef("collection_version"))

    @cache
    def of(collection: str) -> dict[str, Texts]:
        namespace, _, name = collection.partition(".")
        rows = DocFragments.objects.filter(
            collection_version__namespace=namespace, collection_version__name=name
        )
        newest = rows.order_by("collection_version__is_prerelease", "-collection_version__version_key")
        known = newest.annotate(is_lent=Exists(lent)).values_list("pk", "collection_version_id", "is_lent")
        chosen = next((pk for pk, version, is_lent in known if is_lent or version in beside), None)
        found: dict[str, Texts] | None = rows.filter(pk=chosen).values_list("fragments", flat=True).first()
        return found or {}

    def find(collection: str, name: str) -> Mapping[str, str] | None:
        return of_core(name) if collection == CORE else of(collection).get(name)

    return find


def record(version: CollectionVersion, fragments: dict[str, Texts]) -> None:
    """Keep the fragments of a version for others. Joins the caller's transaction."""
    if fragments:
        DocFragments.objects.update_or_create(collection_version=version, defaults={"fragments": fragments})
    else:
        DocFragments.objects.filter(collection_version=version).delete()
