"""What a repository holds, and how that changes: always by a new numbered version."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cartwheel.engine.context import created, current_task, require_claim
from cartwheel.engine.functions import task
from cartwheel.registry.models import (
    Collection,
    CollectionVersion,
    Repository,
    RepositoryContent,
    RepositoryVersion,
)

STOCK = {  # name -> labels; a hub has these from the start
    "staging": {"pipeline": "staging", "hide_from_search": ""},
    "published": {"pipeline": "approved"},
    "rejected": {"pipeline": "rejected", "hide_from_search": ""},
    "rh-certified": {},
    "validated": {},
    "community": {},
}


def contents(repository: Repository, number: int | None = None) -> QuerySet[CollectionVersion]:
    """The collection versions in a repository, now or as of the version of that number."""
    return CollectionVersion.objects.filter(placements__in=_placed(repository, number))


def _placed(repository: Repository, number: int | None) -> QuerySet[RepositoryContent]:
    placed = RepositoryContent.objects.filter(repository=repository)
    if number is None:
        return placed.filter(removed=None)
    return placed.filter(Q(removed=None) | Q(removed__gt=number), added__lte=number)


def change_contents(
    repository: Repository,
    *,
    add: Iterable[CollectionVersion] = (),
    remove: Iterable[CollectionVersion] = (),
) -> RepositoryVersion | None:
    """Make the next version of a repository; None if nothing would be different.

    Joins the caller's transaction. In a task it is noted as made by that task, and refused if the task
    has been taken away from this worker. The task must hold the repository exclusively.
    """
    with transaction.atomic():
        if current_task() is not None:
            require_claim()
        repository = Repository.objects.select_for_update().get(pk=repository.pk)
        here = set(_placed(repository, None).values_list("collection_version_id", flat=True))
        leaving = {each.pk for each in remove} & here
        coming = {each.pk for each in add} - (here - leaving)
        unchanged = leaving & coming
        leaving, coming = leaving - unchanged, coming - unchanged
        if not leaving and not coming:
            return None
        return _new_version(repository, coming, leaving)


def _new_version(repository: Repository, coming: set[UUID], leaving: set[UUID]) -> RepositoryVersion:
    number = repository.latest_number + 1
    base = RepositoryVersion.objects.filter(repository=repository, number=repository.latest_number).first()
    version = RepositoryVersion.objects.create(repository=repository, number=number, base_version=base)
    _placed(repository, None).filter(collection_version__in=leaving).update(removed=number)
    RepositoryContent.objects.bulk_create(
        RepositoryContent(repository=repository, collection_version_id=pk, added=number)
        for pk in sorted(coming)
    )
    now = timezone.now()
    Repository.objects.filter(pk=repository.pk).update(latest_number=number, updated_at=now)
    Collection.objects.filter(versions__in=coming | leaving).update(updated_at=now)
    created(version.path)
    return version


@task("pulpcore.app.tasks.repository.add_and_remove", title="Change the content of a repository")
def add_and_remove(repository_id: str, add: list[str], remove: list[str]) -> None:
    """Add collection versions to a repository and remove others, by their ids."""
    change_contents(
        Repository.objects.get(pk=repository_id),
        add=CollectionVersion.objects.filter(pk__in=add),
        remove=CollectionVersion.objects.filter(pk__in=remove),
    )
