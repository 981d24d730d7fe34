"""What a repository holds, and how that changes: always by a new numbered version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cartwheel.engine.context import created, current_task, require_claim
from cartwheel.engine.functions import task
from cartwheel.kit.errors import NotFound
from cartwheel.registry.many import many
from cartwheel.registry.models import (
    Collection,
    CollectionVersion,
    Deprecation,
    Repository,
    RepositoryContent,
    RepositoryVersion,
)
from cartwheel.registry.retention import keep_newest
from cartwheel.registry.standing import forget_what_left, note_standing
from cartwheel.registry.touching import touch

STOCK = {  # name -> labels; a hub has these from the start
    "staging": {"pipeline": "staging", "hide_from_search": ""},
    "published": {"pipeline": "approved"},
    "rejected": {"pipeline": "rejected", "hide_from_search": ""},
    "rh-certified": {},
    "validated": {},
    "community": {},
}


ALL = "*"  # in place of the ids of all that a repository holds


class Gone(NotFound):
    """It was there when the task was asked for."""

    code = "gone"

    def __init__(self) -> None:
        super().__init__("A version that was to be added has been deleted meanwhile. Upload it again.")


def contents(repository: Repository, number: int | None = None) -> QuerySet[CollectionVersion]:
    """The collection versions in a repository, now or as of the version of that number."""
    return CollectionVersion.objects.filter(placements__in=_placed(repository, number))


def placed_at(number: int | None, prefix: str = "") -> Q:
    """Of rows of RepositoryContent: is it there now, or was it there in the version of that number?"""
    if number is None:
        return Q(**{f"{prefix}removed": None})
    is_later = Q(**{f"{prefix}removed": None}) | Q(**{f"{prefix}removed__gt": number})
    return is_later & Q(**{f"{prefix}added__lte": number})


def _placed(repository: Repository, number: int | None) -> QuerySet[RepositoryContent]:
    return RepositoryContent.objects.filter(placed_at(number), repository=repository)


def changed_at(repository: Repository) -> datetime:
    """When the version was made in which it is looked at."""
    versions = RepositoryVersion.objects.filter(repository=repository)
    if repository.at is not None:
        versions = versions.filter(number=repository.at)
    version = versions.order_by("-number").first()
    return version.created_at if version else repository.created_at


class VersionGone(NotFound):
    """The version that it should be like was there when the task was asked for."""

    code = "gone"

    def __init__(self, number: int) -> None:
        super().__init__(f"Version {number} of the repository has been deleted meanwhile.")


@contextmanager
def changing() -> Iterator[None]:
    """A transaction that changes the hub. In a task it is refused once the task was taken away.

    Raises LostClaim then, before anything is changed.
    """
    with transaction.atomic():
        if current_task() is not None:
            require_claim()
        yield


def lock(repository_ids: Iterable[UUID | str]) -> list[Repository]:
    """The repositories as they are now, locked until the transaction ends, always in the same order."""
    return list(Repository.objects.select_for_update().filter(pk__in=list(repository_ids)).order_by("pk"))


def change_contents(
    repository: Repository,
    *,
    add: Iterable[CollectionVersion] = (),
    remove: Iterable[CollectionVersion] = (),
    deprecate: Iterable[Collection] = (),
    recommend: Iterable[Collection] = (),
    base: RepositoryVersion | None = None,
) -> RepositoryVersion | None:
    """Make the next version of a repository; None if nothing would be different.

    `recommend` takes a deprecation back. With `base`, what is added and removed makes the repository
    what it was in that version, or what another was. Joins the caller's transaction. In a task it is noted as made by that
    task, and refused if the task has been taken away from this worker. The task must hold the repository
    exclusively. Older versions go if the repository keeps no more of them.
    """
    with changing():
        [repository] = lock([repository.pk])
        coming, leaving = _difference(repository, {each.pk for each in add}, {each.pk for each in remove})
        marked = _mark(repository, {each.pk for each in deprecate}, {each.pk for each in recommend})
        if not coming and not leaving and not marked:
            return None
        version = _new_version(repository, coming, leaving, marked, base)
        keep_newest(repository)
        return version


def _difference(repository: Repository, add: set[UUID], remove: set[UUID]) -> tuple[set[UUID], set[UUID]]:
    """What comes and what leaves: what is added and removed at once stays as it is."""
    placed = _placed(repository, None).filter(collection_version__in=many(add | remove))
    here = set(placed.values_list("collection_version_id", flat=True))
    return add - here, (remove & here) - add


def _mark(repository: Repository, deprecate: set[UUID], recommend: set[UUID]) -> set[UUID]:
    """Deprecate collections in a repository, or take it back; gives those for which it changed something."""
    marks = Deprecation.objects.filter(repository=repository)
    found = marks.filter(collection__in=many(deprecate | recommend))
    known = set(found.values_list("collection_id", flat=True))
    new, gone = deprecate - known, (recommend & known) - deprecate
    Deprecation.objects.bulk_create(
        Deprecation(repository=repository, collection_id=pk) for pk in sorted(new)
    )
    marks.filter(collection__in=many(gone)).delete()
    return new | gone


def _new_version(
    repository: Repository,
    coming: set[UUID],
    leaving: set[UUID],
    marked: set[UUID],
    base: RepositoryVersion | None,
) -> RepositoryVersion:
    number = repository.next_number
    version = RepositoryVersion.objects.create(repository=repository, number=number, base_version=base)
    _placed(repository, None).filter(collection_version__in=many(leaving)).update(
        removed=number, is_highest=False, is_deprecated=False
    )
    _place(repository, coming, number)
    Repository.objects.filter(pk=repository.pk).update(
        latest_number=number, next_number=number + 1, updated_at=timezone.now()
    )
    changed = CollectionVersion.objects.filter(pk__in=many(coming | leaving))
    concerned = marked.union(changed.values_list("collection_id", flat=True))
    touch(concerned)
    forget_what_left(repository, leaving)
    note_standing(repository, concerned)
    created(version.path)
    return version


def _place(repository: Repository, coming: set[UUID], number: int) -> None:
    versions = CollectionVersion.objects.filter(pk__in=many(coming)).order_by("pk")
    RepositoryContent.objects.bulk_create(
        RepositoryContent(
            repository=repository,
            collection_version_id=pk,
            collection_id=collection_id,
            version_key=version_key,
            namespace=namespace,
            name=name,
            added=number,
        )
        for pk, collection_id, version_key, namespace, name in versions.values_list(
            "pk", "collection_id", "version_key", "namespace", "name"
        )
    )


@task("pulpcore.app.tasks.repository.add_and_remove", title="Change the content of a repository")
def add_and_remove(
    repository_id: str,
    add: Sequence[str],
    remove: Sequence[str],
    deprecate: Sequence[str] = (),
    recommend: Sequence[str] = (),
    back_to: int | None = None,
    source_id: str | None = None,
) -> None:
    """Add collection versions to a repository and remove others, by their ids; likewise deprecations.

    To remove "*" is to remove all that is there. `back_to` is the number of a version that it should be
    like before that; one of the repository `source_id`, if that is given. Raises Gone if one that is to be added, or that version, was deleted meanwhile.
    """
    with changing():
        repository = Repository.objects.get(pk=repository_id)
        known = CollectionVersion.objects.filter(pk__in=add).values_list("pk", flat=True)
        if len(known) < len(set(add)):
            raise Gone
        base = _version(source_id or repository_id, back_to)
        coming, leaving = set(known), {UUID(each) for each in remove if each != ALL}
        if base or ALL in remove:
            now = _ids(repository, None)
            then = _ids(base.repository, base.number) if base else now
            wanted = coming if ALL in remove else (then - leaving) | coming
            coming, leaving = wanted - now, now - wanted
        change_contents(
            repository,
            add=_by_ids(coming),
            remove=_by_ids(leaving),
            deprecate=Collection.objects.filter(pk__in=deprecate),
            recommend=Collection.objects.filter(pk__in=recommend),
            base=base,
        )


def _version(repository_id: str, number: int | None) -> RepositoryVersion | None:
    if number is None:
        return None
    rows = RepositoryVersion.objects.select_related("repository")
    found = rows.filter(repository__pk=repository_id, number=number).first()
    if found is None:
        raise VersionGone(number)
    return found


def _ids(repository: Repository, number: int | None) -> set[UUID]:
    return set(_placed(repository, number).values_list("collection_version_id", flat=True))


def _by_ids(wanted: set[UUID]) -> QuerySet[CollectionVersion]:
    return CollectionVersion.objects.filter(pk__in=many(wanted)).only("pk")
