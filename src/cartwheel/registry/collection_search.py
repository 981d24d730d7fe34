"""Search for collections, each once: across repositories, by its highest version in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.lookups import IContains, In

from cartwheel.registry.counting import SELDOM, counted, stamps
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import Collection, CollectionVersion, Namespace, Repository, RepositoryContent
from cartwheel.registry.pieces import Pieces, in_pieces
from cartwheel.registry.plans import Aside, is_many
from cartwheel.registry.search import mentions, tags_text
from cartwheel.registry.search_orders import opposite
from cartwheel.registry.search_words import may_fit, maybe_all

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

ORDERS = {  # the columns of collections to sort by: an index has each of these, and is read from its end for the opposite
    "name": ("name", "-pk"),
    "namespace_name": ("namespace", "name"),
    "download_count": ("download_count", "pk"),
    "last_updated": ("updated_at", "pk"),
}
VERSION = "collection_version__"


@dataclass(frozen=True)
class Wish:
    """What is searched for; what is empty is not asked about. `order` is a name of ORDERS, maybe with "-" before it."""

    phrase: str = ""  # stands in one of its texts
    words: str = ""  # each stands in one of them
    namespace: str = ""
    name: str = ""
    tags: tuple[str, ...] = ()  # parts of them do
    is_deprecated: bool | None = None
    order: str = "-download_count"


@dataclass(frozen=True)
class Found:
    """A collection, and its highest version as far as the user may read it."""

    version: CollectionVersion
    download_count: int
    updated_at: datetime
    avatar_url: str | None
    is_deprecated: bool


def search_collections(wish: Wish, *, by: AbstractBaseUser | AnonymousUser) -> Pieces[UUID]:
    """The ids of collections that fit, in order. They may be as they were some seconds ago."""
    readable = Repository.objects.filter(readable_by(by))
    moment = int(time() / SELDOM)  # downloads are counted though no repository changes
    on = (*stamps(readable), (moment,))
    fitting = _highest(readable).filter(_wanted(wish), _may_fit(wish)).values("collection")
    in_order = Collection.objects.order_by(*_order(wish.order)).values_list("pk", flat=True)
    if not is_many(counted(fitting.distinct(), on)):
        return in_pieces(in_order.filter(pk__in=fitting), on, to_count=fitting.distinct(), has_index=False)
    of_each = _highest(readable).filter(_wanted(wish), collection=OuterRef("pk"))
    return in_pieces(in_order.filter(Exists(of_each)), on, to_count=fitting.distinct())


def shown_collections(ids: Sequence[UUID], *, to: AbstractBaseUser | AnonymousUser) -> list[Found]:
    """Those collections, in that order. Two statements."""
    readable = Repository.objects.filter(readable_by(to))
    placed = _highest(readable).filter(collection__in=list(ids)).order_by("version_key")
    highest: dict[UUID, RepositoryContent] = {}
    deprecated: set[UUID] = set()
    for each in placed.select_related("collection_version", "collection"):
        highest[each.collection_id] = each
        if each.is_deprecated:
            deprecated.add(each.collection_id)
    names = {each.namespace for each in highest.values()}
    avatars = dict(Namespace.objects.filter(name__in=names).values_list("name", "avatar_url"))
    return [
        _found(highest[pk], avatars.get(highest[pk].namespace), is_deprecated=pk in deprecated)
        for pk in ids
        if pk in highest
    ]


def _found(placed: RepositoryContent, avatar_url: str | None, *, is_deprecated: bool) -> Found:
    collection = placed.collection
    return Found(
        placed.collection_version, collection.download_count, collection.updated_at, avatar_url, is_deprecated
    )


def _highest(readable: QuerySet[Repository]) -> QuerySet[RepositoryContent, Any]:
    """Of each collection, the highest version in each of these repositories."""
    placed = RepositoryContent.objects.filter(removed=None, is_highest=True)
    if not readable.query.where:
        return placed
    return placed.filter(In(Aside(F("repository_id")), readable.values("pk")))


def _wanted(wish: Wish) -> Q:
    """Of placements."""
    wanted = mentions(wish.words, VERSION)
    if wish.phrase:
        texts = ("namespace", "name", f"{VERSION}description")
        found = Q(IContains(tags_text(VERSION), wish.phrase))
        for each in texts:
            found |= Q(**{f"{each}__icontains": wish.phrase})
        wanted &= found
    for tag in wish.tags:
        wanted &= Q(IContains(tags_text(VERSION), tag))
    for column, value in (("namespace", wish.namespace), ("name", wish.name)):
        wanted &= Q(**{column: value.lower()}) if value else Q()  # none has capital letters
    return wanted if wish.is_deprecated is None else wanted & Q(is_deprecated=wish.is_deprecated)


def _may_fit(wish: Wish) -> Q:
    """Of placements: may the version fit, as far as an index of words can tell?"""
    parts = [wish.phrase, *wish.words.split(), *wish.tags]
    few = may_fit(parts)
    if few is not None:
        return Q(collection_version__in=few)
    many = maybe_all(parts)
    return Q() if many is None else Q(collection_version__in=many)


def _order(wanted: str) -> tuple[str, ...]:
    columns = ORDERS[wanted.removeprefix("-")]
    return tuple(map(opposite, columns)) if wanted.startswith("-") else columns
