"""Versions of repositories: how they differ, and how one is deleted or marked as what to go back to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from cartwheel.engine.functions import Call, task
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Conflict, Invalid
from cartwheel.registry.counting import counted, remembered, stamp
from cartwheel.registry.discretion import title_about
from cartwheel.registry.models import Repository, RepositoryContent, RepositoryVersion, User
from cartwheel.registry.permissions import require
from cartwheel.registry.plans import Aside, unindexed
from cartwheel.registry.repositories import changing, lock, placed_at
from cartwheel.registry.repository_documents import Document, pulp_root, repository_version
from cartwheel.registry.retention import forget

DELETE = "ansible.delete_ansiblerepository"
COUNT = Count("collection_version")  # not of all rows: SQLite would read all of an index that has all else
CAME: tuple[str | Combinable, ...] = ("added", "removed")
# Or SQLite would read all of an index that has the rows in their order.
LEFT: tuple[str | Combinable, ...] = tuple(Aside(each, output_field=IntegerField()) for each in CAME)


class LastVersion(Invalid):
    code = "last_version"

    def __init__(self) -> None:
        super().__init__(
            "Cannot delete repository version. Repositories must have at least one repository version."
        )


class StillServed(Conflict):
    code = "still_served"

    def __init__(self, version: RepositoryVersion, path: str) -> None:
        what, place = (
            (f"Version {version.number}", "a path") if version.repository.private else (version, path)
        )
        super().__init__(
            f"{what} is served at {place}. Let that distribution serve another one, or delete it."
        )


@dataclass(frozen=True)
class Summary:
    """How many collection versions came with a version of a repository, left with it, and are in it."""

    added: int
    removed: int
    present: int


def versions_of(repository: Repository) -> QuerySet[RepositoryVersion, Any]:
    """Its versions, each with `previous`: the number of the one before it, or null."""
    return with_previous(RepositoryVersion.objects.filter(repository=repository))


def shown(version: RepositoryVersion) -> Document:
    """A version as the result of the task that has made it."""
    repository = version.repository
    row = versions_of(repository).get(pk=version.pk)
    [summary] = summaries(repository, [row])
    return repository_version(row, summary, root=pulp_root())


def with_previous(versions: QuerySet[RepositoryVersion]) -> QuerySet[RepositoryVersion, Any]:
    earlier = RepositoryVersion.objects.filter(
        repository=OuterRef("repository"), number__lt=OuterRef("number")
    ).order_by("-number")
    return versions.select_related("base_version", "repository").annotate(
        previous=Subquery(earlier.values("number")[:1])
    )


def summaries(repository: Repository, versions: Sequence[Any]) -> list[Summary]:
    """Of versions from `versions_of`, in their order. Two statements of what changed between them, one of all."""
    if not versions:
        return []
    first, last = min(map(_before, versions)), max(each.number for each in versions)
    placed = RepositoryContent.objects.filter(repository=repository)
    # Each by an index of its own.
    came = placed.filter(added__gt=first, added__lte=last)
    left = placed.filter(unindexed(Q(added__lte=first)), removed__gt=first, removed__lte=last)
    spans: list[Span] = [
        span
        for moved, columns in ((came, CAME), (left, LEFT))
        for span in moved.values_list(*columns).annotate(count=COUNT).order_by()
    ]
    present = counted(placed.filter(placed_at(last)), (stamp(repository),))
    return [_summary(spans, each, present, last) for each in versions]


def summaries_of(versions: Sequence[Any]) -> list[Summary]:
    """Of versions of any repositories, with `previous` and their repository, in their order. Three statements."""
    since: dict[UUID, int] = {}
    for each in versions:
        since[each.repository_id] = min(_before(each), since.get(each.repository_id, each.number))
    spans: dict[UUID, list[Span]] = defaultdict(list)
    for moved, columns in zip(_moved_since(since), (CAME, LEFT), strict=True):
        rows = moved.values_list("repository", *columns).annotate(count=COUNT).order_by()
        for repository, added, removed, count in rows:
            spans[repository].append((added, removed, count))
    present = held({each.repository for each in versions})
    return [
        _summary(
            spans[each.repository_id], each, present.get(each.repository_id, 0), each.repository.latest_number
        )
        for each in versions
    ]


def _moved_since(since: Mapping[UUID, int]) -> list[QuerySet[RepositoryContent]]:
    """What came into these repositories after a version of each, and what left them: each by an index of its own."""
    came = left = Q(pk__in=[])
    for repository, first in since.items():
        came |= Q(repository=repository, added__gt=first)
        left |= Q(repository=repository, removed__gt=first) & unindexed(Q(added__lte=first))
    return [RepositoryContent.objects.filter(came), RepositoryContent.objects.filter(left)]


def held(repositories: Collection[Repository]) -> dict[UUID, int]:
    """How many versions of collections each repository holds now; those that hold none are left out."""
    placed = RepositoryContent.objects.filter(repository__in=repositories, removed=None)
    rows = placed.values_list("repository").annotate(Count("pk")).order_by()
    on = tuple(sorted(map(stamp, repositories)))
    key = "held", *(pk for pk, *_ in on)
    return remembered(key, lambda: dict(rows), size=lambda found: sum(found.values()), on=on)


Span = tuple[int, "int | None", int]  # added in, removed in, how many


def _before(version: Any) -> int:
    previous: int | None = version.previous
    return int(version.number) - 1 if previous is None else previous


def _summary(spans: Iterable[Span], version: Any, present: int, last: int) -> Summary:
    """`present` are in the version of the number `last`; the spans are of all that moved between."""
    number, previous = version.number, version.previous
    added = removed = 0
    for first, end, count in spans:
        is_here = first <= number and (end is None or end > number)
        was_here = previous is not None and first <= previous and (end is None or end > previous)
        is_there = end is None or end > last
        added += count * (is_here and not was_here)
        removed += count * (end == number if previous is None else was_here and not is_here)
        present += count * (is_here and not is_there) - count * (is_there and not is_here)
    return Summary(present if previous is None else added, removed, present)


def delete_version(version: RepositoryVersion, *, by: User) -> Task:
    """Delete a version of a repository, as a task. Raises Denied."""
    repository = version.repository
    require(by, DELETE, repository)
    title = title_about(f"Delete {version}", repository)
    call = Call(exclusive=[repository.prn], by=by, title=title)
    return delete_repository_version.dispatch(str(repository.pk), version.number, call=call)


@task("pulpcore.app.tasks.repository.delete_version", title="Delete version {number} of a repository")
def delete_repository_version(repository_id: str, number: int) -> None:
    """Doing it twice is fine. Raises LastVersion, StillServed."""
    with changing():
        versions = RepositoryVersion.objects.filter(repository__in=lock([repository_id]))
        version = versions.filter(number=number).select_related("repository").first()
        if version is None:
            return
        if versions.count() == 1:
            raise LastVersion
        served = version.distributions.values_list("base_path", flat=True).first()
        if served is not None:
            raise StillServed(version, served)
        forget(version)
