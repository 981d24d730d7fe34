"""Filters and orders of lists of repositories, of their versions, and of distributions."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q

from cartwheel.api.filters import (
    BadValue,
    Filter,
    Several,
    Table,
    a_few,
    any_text,
    several,
    texts,
    times,
    two,
    yes_or_no,
)
from cartwheel.api.keys import address, addresses, identified, typed, uuids
from cartwheel.api.references import REMOTES, REPOSITORIES, VERSIONS, id_of
from cartwheel.api.task_filters import related_id
from cartwheel.registry import labels
from cartwheel.registry.models import Distribution, Repository, RepositoryContent

NAMES = ("iexact", "in", "contains", "icontains", "startswith", "istartswith")
NUMBER_LIMIT = 2_147_483_647
NO_CONTENT = "No value supplied for content filter"
VERSIONS_LIMIT = 500  # of any repositories: SQLite takes no thousand conditions with OR between


def number(text: str) -> int:
    try:
        found = int(text) if len(text) < 12 else NUMBER_LIMIT + 1
    except ValueError:
        raise BadValue("Enter a number.") from None
    if abs(found) > NUMBER_LIMIT:
        raise BadValue(f"Ensure this value is less than or equal to {NUMBER_LIMIT}.")
    return found


def number_span(text: str) -> tuple[int, int]:
    """Two numbers with a comma between."""
    return two(text, number)


def numbers(name: str, column: str) -> dict[str, Filter]:
    """`name` and `name__ne`, lt, lte, gt, gte, range, isnull of a column of numbers."""

    def by(lookup: str) -> Filter:
        return Filter(number, lambda value: Q(**{f"{column}__{lookup}": value}))

    return {
        name: by("exact"),
        f"{name}__ne": Filter(number, lambda value: ~Q(**{column: value})),
        **{f"{name}__{lookup}": by(lookup) for lookup in ("lt", "lte", "gt", "gte")},
        f"{name}__range": Filter(number_span, lambda ends: Q(**{f"{column}__range": ends})),
        f"{name}__isnull": Filter(
            yes_or_no, lambda value: Q() if value is None else Q(**{f"{column}__isnull": value})
        ),
    }


def with_labels(model: type[Model]) -> Filter:
    """There are few of these, and not every database can look into labels. Raises Invalid."""

    def condition(text: str) -> Q:
        terms = labels.parse(text)
        rows = model._default_manager.values_list("pk", "labels")
        return Q(pk__in=[pk for pk, held in rows if labels.hold(terms, held)])

    return Filter(any_text, condition, blank=labels.NO_LABEL)


def _of_remote(text: str) -> Q:
    if text == "null":
        return Q(remote=None)
    return Q(remote=related_id(text, field="remote", kind="ansible.collectionremote", root=REMOTES))


def _unit_id(reference: str) -> UUID | None:
    """Raises Invalid for what is no address."""
    return id_of(address(reference), VERSIONS)


def _holding(units: Iterable[str], now: Q) -> Q:
    """Of repositories: do they hold all of these versions?"""
    wanted = Q()
    for unit in units:
        placed = RepositoryContent.objects.filter(
            now, repository=OuterRef("pk"), collection_version=_unit_id(unit)
        )
        wanted &= Q(Exists(placed))
    return wanted


REPOSITORY_FILTERS: Table = {
    **texts("name", "name", *NAMES),
    **identified(),
    "pulp_label_select": with_labels(Repository),
    "remote": Filter(any_text, _of_remote),
    "with_content": Filter(a_few, lambda units: _holding(units, Q()), NO_CONTENT),
    "latest_with_content": Filter(a_few, lambda units: _holding(units, Q(removed=None)), NO_CONTENT),
    **numbers("retain_repo_versions", "retain_repo_versions"),
}
ALL_REPOSITORY_FILTERS: Table = {
    **REPOSITORY_FILTERS,
    **typed(
        (
            "ansible.ansible",
            "container.container",
            "container.container-push",
            "core.openpgp",
            "file.file",
        ),
        "ansible.ansible",
    ),
}
REPOSITORY_ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "created_at",
    "pulp_last_updated": "updated_at",
    "name": "name",
    "description": "description",
    "next_version": "next_number",
    "retain_repo_versions": "retain_repo_versions",
    "private": "private",
    "gpgkey": "gpgkey",
    "last_synced_metadata_time": "last_synced_metadata_time",
    # Clients may name these; all repositories are alike in them.
    "pulp_type": "",
    "pulp_labels": "",
    "user_hidden": "",
}


def _with_any_unit(units: Iterable[str]) -> Q:
    """Of versions of repositories: is one of these collection versions in them?"""
    placed = RepositoryContent.objects.filter(
        Q(removed=None) | Q(removed__gt=OuterRef("number")),
        repository=OuterRef("repository"),
        added__lte=OuterRef("number"),
        collection_version__in=[found for each in units if (found := _unit_id(each))],
    )
    return Q(Exists(placed))


def _these_versions(items: list[str]) -> Q:
    """Versions of repositories, by their addresses."""
    last = [each.rstrip("/").rpartition("/")[2] for each in items]
    return Q(number__in=[int(each) for each in last if each.isascii() and each.isdigit() and len(each) < 10])


def _versions_anywhere(items: list[str]) -> Q:
    """The same for those of all repositories."""
    parts = (item.rstrip("/").rpartition("/versions/") for item in items)
    each = [Q(repository__in=uuids([repository])) & _these_versions([rest]) for repository, _, rest in parts]
    return Q(*each, _connector=Q.OR) if each else Q(pk__in=[])


VERSION_FILTERS: Table = {
    **numbers("number", "number"),
    **times("pulp_created", "created_at"),
    "content": Filter(any_text, lambda unit: _with_any_unit([unit])),
    "content__in": Filter(several, _with_any_unit),
    "pulp_href__in": Filter(addresses, _these_versions),
    **identified(names=("prn",)),
}
# Of those of all repositories the number alone names none.
ALL_VERSION_FILTERS: Table = {
    **VERSION_FILTERS,
    "pulp_href__in": Filter(lambda text: addresses(text, Several(VERSIONS_LIMIT)), _versions_anywhere),
    **identified(names=("pulp_id",)),
}
VERSION_ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "created_at",
    "pulp_last_updated": "updated_at",
    "number": "number",
    "complete": "",
}


def _with_content(unit: str) -> Q:
    """Of distributions: do they serve that collection version?"""
    wanted = _unit_id(unit)
    placed = RepositoryContent.objects.filter(collection_version=wanted)
    latest = placed.filter(removed=None, repository=OuterRef("repository"))
    number = OuterRef("repository_version__number")
    pinned = placed.filter(
        Q(removed=None) | Q(removed__gt=number),
        repository=OuterRef("repository_version__repository"),
        added__lte=number,
    )
    return Q(Exists(latest)) | Q(Exists(pinned))


def _serving(references: Iterable[str]) -> Q:
    """Of distributions: do they serve one of these repositories?"""
    kind = "ansible.ansiblerepository"
    ids = [related_id(each, field="repository", kind=kind, root=REPOSITORIES) for each in references]
    return Q(repository__in=ids)


DISTRIBUTION_FILTERS: Table = {
    **texts("name", "name", *NAMES),
    **texts("base_path", "base_path", "contains", "icontains", "in"),
    **identified(),
    "repository": Filter(
        any_text,
        lambda item: Q(repository=None) if item == "null" else _serving([item]),
        "No value supplied for repository filter.",
    ),
    "repository__in": Filter(several, _serving),
    "pulp_label_select": with_labels(Distribution),
    "with_content": Filter(any_text, _with_content, NO_CONTENT),
}
ALL_DISTRIBUTION_FILTERS: Table = {
    **DISTRIBUTION_FILTERS,
    **typed(
        (
            "ansible.ansible",
            "container.container",
            "container.pull-through",
            "core.artifact",
            "core.openpgp",
            "file.file",
        ),
        "ansible.ansible",
    ),
}
DISTRIBUTION_ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "created_at",
    "pulp_last_updated": "updated_at",
    "name": "name",
    "base_path": "base_path",
    "hidden": "hidden",
    "pulp_type": "",
    "pulp_labels": "",
}
