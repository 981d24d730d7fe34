"""Versions as a person browses them: across repositories, or the latest of each collection in one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionVersion, Repository, RepositoryContent
from cartwheel.registry.search import Criteria, find

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def readable_versions(
    user: AbstractBaseUser | AnonymousUser, *, base_path: str = ""
) -> QuerySet[CollectionVersion]:
    """The versions in any repository that the user may read, or in the one behind a path."""
    readable = Repository.objects.filter(readable_by(user))
    if base_path:
        readable = readable.filter(distributions__base_path=base_path)
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


def tags(user: AbstractBaseUser | AnonymousUser) -> dict[str, int]:
    """Each tag and how many collections have it, in the order in which the tags came up.

    Only the highest version in each repository counts: that is what a search for the tag shows.
    """
    highest = find(Criteria(is_highest=True), by=user).order_by("collection_version")
    rows = list(highest.values_list("collection_version__tags", "collection_id"))
    having = {(tag, collection) for held, collection in rows for tag in held}
    counted = Counter(tag for tag, _ in having)
    first_seen = dict.fromkeys(tag for held, _ in rows for tag in held)
    return {tag: counted[tag] for tag in first_seen}
