"""Search for collection versions across repositories: one result for each repository that has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.functions import Cast
from django.db.models.lookups import Contains, IContains

from cartwheel.kit.errors import Invalid
from cartwheel.kit.versions import KEY_LIMIT, Span, sort_key, spans
from cartwheel.kit.versions import parse as parse_version
from cartwheel.registry import labels
from cartwheel.registry.counting import Stamp, stamps
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import (
    CollectionVersion,
    Deprecation,
    Distribution,
    Repository,
    RepositoryContent,
)
from cartwheel.registry.pieces import Pieces, in_pieces
from cartwheel.registry.plans import looked_for, placed_in, unindexed
from cartwheel.registry.repositories import placed_at
from cartwheel.registry.search_orders import has_index, in_order
from cartwheel.registry.search_words import may_fit, maybe_all

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# SQLite takes no thousand conditions with AND between, and each is asked of every version. As many words
# as fit into the fields of the pages.
WORDS_LIMIT = 100
CLAUSES_LIMIT = 50  # of a range of versions
COLUMNS = {  # of the version in a result
    name: F(f"collection_version__{name}")
    for name in (
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
    nothing: signatures are not kept here. `order` is names of orders (search_orders.py) with commas between, each with or without
    "-" before it.
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


@dataclass(frozen=True)
class Results:
    """The placements of versions in repositories that fit. Ask for a page of their ids, then for its `details`."""

    rows: QuerySet[RepositoryContent]
    to_count: QuerySet[RepositoryContent]
    is_indexed: bool
    on: tuple[Stamp, ...]

    def keys(self) -> Pieces[int]:
        """The ids of the placements, in order."""
        keys = self.rows.values_list("pk", flat=True)
        return in_pieces(keys, self.on, to_count=self.to_count, has_index=self.is_indexed)


def find(criteria: Criteria, *, by: AbstractBaseUser | AnonymousUser) -> QuerySet[RepositoryContent]:
    """The placements that fit, the newest first if no order is named. Raises Invalid."""
    return search(criteria, by=by).rows


def search(criteria: Criteria, *, by: AbstractBaseUser | AnonymousUser) -> Results:
    """What fits, the newest first if no order is named. Raises Invalid."""
    number = criteria.repository_version
    says = about(criteria.keywords, criteria.tags, dependency=criteria.dependency)
    repositories = _repositories(criteria, by)
    on = stamps(repositories)
    rows = RepositoryContent.objects.filter(placed_at(number))
    within = in_range(criteria.version_range)
    if number is not None:
        rows = rows.filter(repository__in=[pk for pk, *_ in on])
    elif repositories.query.where:
        has_names = bool(criteria.namespace or criteria.name or criteria.version) or says.is_by_few
        rows = rows.filter(placed_in(on, has_names=has_names))
    rows = rows.filter(_wanted(criteria), _flagged(criteria))
    if criteria.is_signed:
        rows = rows.none()
    reached = looked_for(within, on) if number is None else within
    found = rows.filter(says.condition, reached).order_by(*in_order(criteria.order))
    is_indexed = number is None and has_index(criteria.order)
    return Results(found, rows.filter(says.joined, within), is_indexed, on)


def _flagged(criteria: Criteria) -> Q:
    flags = _flags(criteria.repository_version)
    asked = {"highest": criteria.is_highest, "deprecated": criteria.is_deprecated}
    wanted = Q()
    for name, value in asked.items():
        if value is not None:
            wanted &= flags[name] if value else ~flags[name]
    return wanted


def details(placements: Sequence[int], *, repository_version: int | None) -> list[dict[str, Any]]:
    """Those results, in that order: repository_id, collection_version_id, names, COLUMNS, highest, deprecated."""
    columns = ("pk", "repository_id", "collection_version_id", "namespace", "name")
    rows: QuerySet[RepositoryContent, Any] = RepositoryContent.objects.filter(pk__in=placements)
    flags = {
        name: ExpressionWrapper(flag, BooleanField()) for name, flag in _flags(repository_version).items()
    }
    found = rows.values(*columns, **flags, **COLUMNS)
    shown: dict[int, dict[str, Any]] = {row["pk"]: row for row in found}
    return [shown[pk] for pk in placements if pk in shown]


def _repositories(criteria: Criteria, user: AbstractBaseUser | AnonymousUser) -> QuerySet[Repository]:
    found = Repository.objects.filter(readable_by(user))
    if criteria.repository_version is not None:
        found = found.filter(versions__number=criteria.repository_version)
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
    names = {"namespace": criteria.namespace, "name": criteria.name}
    wanted = Q(**{column: value for column, value in names.items() if value})
    if criteria.version:
        wanted &= is_version(criteria.version, "collection_version__")
    return wanted


@dataclass(frozen=True)
class About:
    """What the versions of placements must say, and whether the few that may say it are named in that.

    `joined` asks for the same, to be counted: then all must be read.
    """

    condition: Q = field(default_factory=Q)
    is_by_few: bool = False
    joined: Q = field(default_factory=Q)


def about(
    words: str, tags: Iterable[str], *, dependency: str = "", parts: Mapping[str, str] | None = None
) -> About:
    """Of placements: does the version say that?

    `parts` are parts of its names or of its version, by their lookups, {"name__icontains": "too"}.
    If many may, it is asked of each until there are enough. If the databases saw that the versions could be
    joined, they would read them all first, and PostgreSQL takes every tag for rare.
    """
    tags, parts = list(tags), parts or {}
    wanted = mentions(words) & has_tags(tags)
    if dependency:
        wanted &= Q(dependencies__has_key=dependency)
    wanted &= Q(**parts)
    if not wanted:
        return About()
    fitting = CollectionVersion.objects.filter(wanted)
    asked = Q(collection_version=Subquery(fitting.filter(pk=OuterRef("collection_version")).values("pk")[:1]))
    said = [*_parts(words, tags, dependency), *_of_names(parts)]
    few = may_fit(said)
    if few is not None:
        asked &= Q(collection_version__in=few)
        return About(asked, is_by_few=True, joined=asked)
    many = maybe_all(said)
    joined = fitting if many is None else fitting.filter(pk__in=many)
    return About(asked, joined=Q(collection_version__in=joined.values("pk")))


def _parts(words: str, tags: Iterable[str], dependency: str = "") -> list[str]:
    """What must stand in the text of a version that says that."""
    quoted = [json.dumps(each) for each in (*tags, *([dependency] if dependency else ()))]
    return [*words.split(), *quoted]


def _of_names(parts: Mapping[str, str]) -> list[str]:
    return [text for lookup, text in parts.items() if not lookup.startswith("version")]


def of_words(words: str) -> Q:
    """The versions that mention the words. For lists of versions."""
    return _by_few(mentions(words), _parts(words, ()))


def of_tags(tags: list[str]) -> Q:
    """The versions that have all the tags."""
    return _by_few(has_tags(tags), _parts("", tags))


def _by_few(wanted: Q, parts: list[str]) -> Q:
    if not wanted:
        return wanted
    few = may_fit(parts)
    # As in `about`: PostgreSQL would take the words for rare, and look for all that have them.
    return Q(pk=Said(wanted)) if few is None else wanted & Q(pk__in=few)


class Said(Subquery):
    """The version itself, if it says something. Of the versions of a list; `of_all` asks the same, to count."""

    def __init__(self, wanted: Q) -> None:
        super().__init__(CollectionVersion.objects.filter(wanted, pk=OuterRef("pk")).values("pk")[:1])
        self.of_all = wanted


def is_version(text: str, prefix: str = "") -> Q:
    """Is it that version? By what versions are sorted by: an index has that. A longer one may differ in the rest."""
    version = parse_version(text)
    key = sort_key(version) if version else ""
    wanted = Q(version_key=key)
    return wanted & Q(**{f"{prefix}version": text}) if len(key) == KEY_LIMIT else wanted


def mentions(words: str, prefix: str = "") -> Q:
    """Does each of the words stand in the namespace, the name, the description or the tags? Raises Invalid."""
    found, wanted = Q(), dict.fromkeys(words.split())
    if len(wanted) > WORDS_LIMIT:
        raise Invalid(f"At most {WORDS_LIMIT} words can be looked for at once.")
    for word in wanted:
        plain = Q(**{f"{prefix}namespace__icontains": word}) | Q(**{f"{prefix}name__icontains": word})
        described = Q(**{f"{prefix}description__icontains": word})
        found &= plain | described | Q(IContains(tags_text(prefix), word))
    return found


def has_tags(tags: Iterable[str], prefix: str = "") -> Q:
    """Has it all of these tags?"""
    found = Q()
    for tag in tags:
        found &= Q(Contains(tags_text(prefix), json.dumps(tag)))
    return found


def tags_text(prefix: str) -> Cast:
    """The list of tags as its JSON text: SQLite cannot look into lists, and this is as quick."""
    return Cast(F(f"{prefix}tags"), TextField())


def _flags(number: int | None) -> dict[str, Q]:
    """Of a result: is there no higher version in that repository, and is the collection deprecated there?

    That is noted for the latest versions of repositories (standing.py), and looked up for older ones.
    """
    if number is None:
        return {"highest": Q(is_highest=True), "deprecated": Q(is_deprecated=True)}
    higher = RepositoryContent.objects.filter(
        # Else SQLite looks at all that was there, for each result.
        unindexed(placed_at(number) & Q(repository=OuterRef("repository"))),
        collection=OuterRef("collection"),
        version_key__gt=OuterRef("version_key"),
    )
    marks = Deprecation.objects.filter(repository=OuterRef("repository"), collection=OuterRef("collection"))
    return {"highest": ~Q(Exists(higher)), "deprecated": Q(Exists(marks))}


def in_range(wanted: str) -> Q:
    """Of placements: is the version in the range? Raises Invalid for what is no range, or too long."""
    if wanted.count(",") >= CLAUSES_LIMIT:
        raise Invalid(f"version_range can have at most {CLAUSES_LIMIT} parts.")
    try:
        found = spans(wanted)
    except ValueError:
        raise Invalid("version_range must be a valid semantic version range.") from None
    condition = Q()
    for some in found:
        condition &= reduce(or_, map(_within, some))
    return condition


def _within(span: Span) -> Q:
    ends = {"version_key__gte": span.low, "version_key__lt": span.high}
    return Q(**{lookup: key for lookup, key in ends.items() if key is not None})
