"""Search for collection versions across repositories: one result for each repository that has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.expressions import NegatedExpression
from django.db.models.functions import Cast
from django.db.models.lookups import Contains, IContains

from cartwheel.kit.errors import Invalid
from cartwheel.kit.versions import is_range, matches
from cartwheel.kit.versions import parse as parse_version
from cartwheel.registry import labels
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import (
    Deprecation,
    Distribution,
    Repository,
    RepositoryContent,
)
from cartwheel.registry.repositories import placed_at

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

ORDERS = {  # what results can be sorted by
    "pulp_created": "collection_version",  # ids grow with time
    "namespace": "collection__namespace",
    "name": "collection__name",
    "version": "version_key",
}
COLUMNS = {  # of the version in a result
    name: F(f"collection_version__{name}")
    for name in (
        "namespace",
        "name",
        "version",
        "requires_ansible",
        "created_at",
        "contents",
        "dependencies",
        "description",
        "tags",
    )
}


@dataclass(frozen=True)
class Criteria:
    """What is searched for; what is None or empty is not asked about.

    `repository_version` is the number of an older version, None for the latest. `is_signed` finds
    nothing: signatures are not kept here.
    """

    namespace: str = ""
    name: str = ""
    version: str = ""
    version_range: str = ""
    keywords: str = ""
    tags: tuple[str, ...] = ()
    dependency: str = ""
    repositories: tuple[UUID, ...] | None = None
    repository_names: tuple[str, ...] = ()
    repository_labels: str = ""
    distributions: tuple[UUID, ...] | None = None
    base_paths: tuple[str, ...] = ()
    repository_version: int | None = None
    is_highest: bool | None = None
    is_deprecated: bool | None = None
    is_signed: bool | None = None
    order: str = ""


def find(criteria: Criteria, *, by: AbstractBaseUser | AnonymousUser) -> QuerySet[RepositoryContent]:
    """The placements of versions in repositories that fit, the newest first if no order is named.

    Ask for a page of their ids, then for the `details` of those. Raises Invalid.
    """
    placed = placed_at(criteria.repository_version)
    rows = RepositoryContent.objects.filter(placed, repository__in=_repositories(criteria, by))
    rows = rows.filter(_wanted(criteria))
    flags = _flags(criteria.repository_version)
    for name, wanted in (("highest", criteria.is_highest), ("deprecated", criteria.is_deprecated)):
        if wanted is not None:
            rows = rows.filter(Q(flags[name]) if wanted else ~Q(flags[name]))
    if criteria.is_signed:
        rows = rows.none()
    if criteria.version_range:
        rows = _in_range(rows, criteria.version_range)
    return rows.order_by(*_order(criteria.order))


def details(placements: Sequence[int], *, repository_version: int | None) -> list[dict[str, Any]]:
    """Those results, in that order: repository_id, collection_version_id, COLUMNS, highest, deprecated."""
    columns = ("pk", "repository_id", "collection_version_id")
    rows: QuerySet[RepositoryContent, Any] = RepositoryContent.objects.filter(pk__in=placements)
    found = rows.values(*columns, **_flags(repository_version), **COLUMNS)
    shown: dict[int, dict[str, Any]] = {row["pk"]: row for row in found}
    return [shown[pk] for pk in placements if pk in shown]


def _repositories(criteria: Criteria, user: AbstractBaseUser | AnonymousUser) -> QuerySet[Repository]:
    found = Repository.objects.filter(readable_by(user))
    if criteria.repository_version is not None:
        found = found.filter(latest_number__gte=criteria.repository_version)
    if criteria.repositories is not None:
        found = found.filter(pk__in=criteria.repositories)
    if criteria.repository_names:
        found = found.filter(name__in=criteria.repository_names)
    if criteria.repository_labels:
        found = found.filter(pk__in=_labelled(criteria.repository_labels))
    served = Distribution.objects.exclude(repository=None)
    if criteria.distributions is not None:
        found = found.filter(pk__in=served.filter(pk__in=criteria.distributions).values("repository"))
    if criteria.base_paths:
        found = found.filter(pk__in=served.filter(base_path__in=criteria.base_paths).values("repository"))
    return found


def _labelled(wanted: str) -> list[UUID]:
    terms = labels.parse(wanted)
    rows = Repository.objects.values_list("pk", "labels")
    return [pk for pk, held in rows if labels.hold(terms, held)]


def _wanted(criteria: Criteria) -> Q:
    wanted = Q()
    for column, value in (
        ("collection__namespace", criteria.namespace),
        ("collection__name", criteria.name),
        ("collection_version__version", criteria.version),
        ("collection_version__dependencies__has_key", criteria.dependency),
    ):
        if value:
            wanted &= Q(**{column: value})
    about = "collection_version__"
    return wanted & mentions(criteria.keywords, about) & has_tags(criteria.tags, about)


def mentions(words: str, prefix: str = "") -> Q:
    """Does each of the words stand in the namespace, the name, the description or the tags?"""
    found = Q()
    for word in words.split():
        plain = Q(**{f"{prefix}namespace__icontains": word}) | Q(**{f"{prefix}name__icontains": word})
        described = Q(**{f"{prefix}description__icontains": word})
        found &= plain | described | Q(IContains(_tags(prefix), word))
    return found


def has_tags(tags: Iterable[str], prefix: str = "") -> Q:
    """Has it all of these tags?"""
    found = Q()
    for tag in tags:
        found &= Q(Contains(_tags(prefix), json.dumps(tag)))
    return found


def _tags(prefix: str) -> Cast:
    """The list of tags as its JSON text: SQLite cannot look into lists, and this is as quick."""
    return Cast(F(f"{prefix}tags"), TextField())


def _flags(number: int | None) -> dict[str, Exists | NegatedExpression[Any]]:
    """Of a result: is there no higher version in that repository, and is the collection deprecated there?"""
    higher = RepositoryContent.objects.filter(
        placed_at(number),
        repository=OuterRef("repository"),
        collection=OuterRef("collection"),
        version_key__gt=OuterRef("version_key"),
    )
    marks = Deprecation.objects.filter(repository=OuterRef("repository"), collection=OuterRef("collection"))
    return {"highest": ~Exists(higher), "deprecated": Exists(marks)}


def _in_range(rows: QuerySet[RepositoryContent], wanted: str) -> QuerySet[RepositoryContent]:
    """SQL knows no ranges of versions: they are compared here, and only where all else fits."""
    if not is_range(wanted):
        raise Invalid("version_range must be a valid semantic version range.")
    known = rows.values_list("collection_version_id", "collection_version__version").distinct()
    fitting = [pk for pk, text in known if (version := parse_version(text)) and matches(version, wanted)]
    return rows.filter(collection_version__in=fitting)


def _order(wanted: str) -> tuple[str, ...]:
    """Ids grow with time, so that the newest come first without a look at the versions themselves."""
    column = ORDERS.get(wanted.removeprefix("-"))
    last = ("-collection_version_id", "repository_id")
    if column is None:
        return last
    return (("-" if wanted.startswith("-") else "") + column, *last)
