"""Filters of lists of collection versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from rest_framework.request import Request

from cartwheel.api.addresses import below_pulp
from cartwheel.api.filters import (
    NOT_FILTERS,
    BadValue,
    Condition,
    Filter,
    a_few,
    any_text,
    texts,
    understood,
)
from cartwheel.api.keys import ALL, address, identified, uuids
from cartwheel.registry import plans
from cartwheel.registry.counting import remembered, stamps
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.labels import NO_LABEL, hold, parse
from cartwheel.registry.models import CollectionVersion, Repository, RepositoryContent, RepositoryVersion
from cartwheel.registry.orphans import PROTECTION_MINUTES
from cartwheel.registry.pieces import Pieces, in_pieces
from cartwheel.registry.plans import among, is_many_to_look_up, named_by
from cartwheel.registry.repositories import placed_at
from cartwheel.registry.search import is_version, of_tags, of_words
from cartwheel.registry.sparing import IS_NOWHERE

MINUTES_LIMIT = 100_000_000  # how long something may have been an orphan


def plain(request: Request, *names: str) -> str:
    """The first of these parameters that says something. No text holds a null character. Raises ValidationError."""
    query = request.query_params
    name = next((each for each in names if query.get(each)), None)
    return understood(name, lambda: any_text(query[name].replace("\0", "\ufffd"))) if name else ""


def tags(request: Request) -> list[str]:
    """All of which a version must have. Raises ValidationError."""
    return understood("tags", lambda: a_few(plain(request, "tags")))


@dataclass(frozen=True)
class Place:
    """A version of a repository, as an address names it; there need not be one."""

    repository: UUID
    number: int

    @property
    def placed(self) -> Q:
        return Q(repository=self.repository)

    def held(self, number: int | None) -> Q:
        """The places of what was there in the version of that number."""
        return Q(pk__in=[]) if number is None else self.placed & placed_at(number)

    @property
    def previous(self) -> int | None:
        """The number of the version before it."""
        earlier = RepositoryVersion.objects.filter(repository=self.repository, number__lt=self.number)
        return earlier.order_by("-number").values_list("number", flat=True).first()


def place(reference: str) -> Place | None:
    """The version of a repository that an address or a PRN names."""
    if reference.startswith("prn:core.repositoryversion:"):
        found = RepositoryVersion.objects.filter(pk__in=uuids([reference])).first()
        return Place(found.repository_id, found.number) if found else None
    parts = (below_pulp(reference) or "").strip("/").split("/")
    is_one = len(parts) == 6 and parts[0] == "repositories" and parts[4] == "versions"
    repository = uuids([parts[3]]) if is_one else []
    if not repository or not parts[5].isascii() or not parts[5].isdigit() or len(parts[5]) > 9:
        return None
    return Place(repository[0], int(parts[5]))


def version_address(text: str) -> str:
    """The address or PRN of a version of a repository. Raises Invalid for what is none of anything."""
    return address(any_text(text))


def in_repository_version(reference: str) -> Q:
    """The versions in a version of a repository, given by its address; nothing for another address."""
    where = place(reference)
    return _among(where.held(where.number)) if where else Q(pk__in=[])


def _among(placed: Q) -> Q:
    return among(RepositoryContent, placed, "collection_version")


def _in_each(placed: Q) -> Q:
    """The same of the few that another condition leaves."""
    return Q(named_by(RepositoryContent, placed, "collection_version"))


def _added_in(reference: str) -> Q:
    where = place(reference)
    if where is None:
        return Q(pk__in=[])
    before, held = where.previous, where.held(where.number)
    return _among(held & Q(added__gt=before or 0)) & ~_in_each(where.held(before))


def _removed_in(reference: str) -> Q:
    where = place(reference)
    if where is None:
        return Q(pk__in=[])
    if where.previous is None:  # what it removed may still be known, though not from where
        return _among(where.placed & Q(removed=where.number))
    left = where.held(where.previous) & Q(removed__lte=where.number)
    return _among(left) & ~_in_each(where.held(where.number))


def _orphaned_for(minutes: float) -> Q:
    wanted = IS_NOWHERE & Q(updated_at__lte=timezone.now() - timedelta(minutes=minutes))
    # To find them takes a look at where each version is. Among many that is done once in some seconds at most.
    few = remembered("orphans", _few_orphans, size=lambda _: CollectionVersion.objects.count())
    return wanted if few is None else Q(pk__in=few) & wanted


def _few_orphans() -> list[UUID] | None:
    """The versions that are in no repository; None if they are so many that ten are soon found."""
    some = CollectionVersion.objects.filter(IS_NOWHERE).values_list("pk", flat=True)
    found = list(some[: plans.FEW_NAMED + 1])
    return None if is_many_to_look_up(len(found)) else found


def minutes(text: str) -> float:
    """-1 are those after which orphans are cleaned up, as for Pulp."""
    try:
        found = float(text)
    except ValueError:
        raise BadValue("Enter a number.") from None
    if found == -1:
        return PROTECTION_MINUTES
    if not 0 <= found < MINUTES_LIMIT:
        raise BadValue("Enter a number.")
    return found


def _labelled(text: str) -> Q:
    """Content has no labels here. Raises Invalid."""
    return ALL if hold(parse(text), {}) else Q(pk__in=[])


def _none(_: object) -> Q:
    return Q(pk__in=[])


def of_content(
    present: Condition = _none,
    added: Condition = _none,
    removed: Condition = _none,
    orphaned: Condition = _none,
) -> dict[str, Filter]:
    """What content of every kind is asked for by: where it is, was added or removed, and since when it is nowhere."""
    by_version = partial(Filter, version_address, blank="No value supplied for repository version filter")
    return {
        "repository_version": by_version(present),
        "repository_version_added": by_version(added),
        "repository_version_removed": by_version(removed),
        "orphaned_for": Filter(minutes, orphaned),
        "pulp_label_select": Filter(any_text, _labelled, NO_LABEL),
    }


VERSIONS: dict[str, Filter] = {
    **texts("namespace", "namespace"),
    **texts("name", "name"),
    "version": Filter(any_text, is_version),
    "q": Filter(any_text, of_words),
    "tags": Filter(a_few, of_tags),
}
PULP_VERSIONS: dict[str, Filter] = {
    **VERSIONS,
    **of_content(in_repository_version, _added_in, _removed_in, _orphaned_for),
    **identified(),
}


def placed_there(request: Request) -> Pieces[UUID] | None:
    """The versions in a version of a repository, the newest first, if a list is asked for these and nothing else.

    Whoever may read the repository knows of all that is there. To find it from all versions would take a look at each of
    those that are newer.
    """
    asked = set(request.query_params) - (NOT_FILTERS - {"ordering", "q"})
    where = place(plain(request, "repository_version")) if asked == {"repository_version"} else None
    if where is None:
        return None
    on = stamps(Repository.objects.filter(pk=where.repository, versions__number=where.number))
    placed = RepositoryContent.objects.filter(where.held(where.number)).order_by("-collection_version")
    ids = placed.values_list("collection_version", flat=True)
    return in_pieces(ids, on, has_index=False) if on else None


def may_ask(request: Request) -> bool:
    """Are all versions of repositories that the parameters name in what the user may read?

    Whether something known is in a private repository is nobody else's business.
    """
    names = [each for each in request.query_params if each.startswith("repository_version")]
    named = {where.repository for each in names if (where := place(plain(request, each)))}
    if not named:
        return True
    readable = Repository.objects.filter(readable_by(request.user), pk__in=named)
    return readable.count() == len(named)
