"""Versions of repositories go: the oldest when there are more than one keeps, others when somebody wants it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils import timezone

from cartwheel.registry.counting import note_read_again
from cartwheel.registry.many import many
from cartwheel.registry.models import Repository, RepositoryContent, RepositoryVersion
from cartwheel.registry.sparing import note_leaving
from cartwheel.registry.standing import note_standing
from cartwheel.registry.touching import touch


def keep_newest(repository: Repository) -> None:
    """Delete the versions beyond those that a repository keeps. What a path serves for good stays.

    Joins the caller's transaction, which holds the repository's row.
    """
    if repository.retain_repo_versions is None:
        return
    versions = RepositoryVersion.objects.filter(repository=repository)
    newest = versions.order_by("-number").values_list("pk", flat=True)[: repository.retain_repo_versions]
    old = versions.exclude(pk__in=many(list(newest))).filter(distributions=None)
    ids = set(old.values_list("pk", flat=True))
    if ids:
        versions.filter(pk__in=many(ids)).delete()
        drop_unseen(repository)


def drop_unseen(repository: Repository) -> None:
    """Forget placements that are in no version any more, and left with none of those that are there."""
    seen = RepositoryVersion.objects.filter(
        repository=repository, number__gte=OuterRef("added"), number__lte=OuterRef("removed")
    )
    past = RepositoryContent.objects.filter(repository=repository, removed__isnull=False)
    unseen = past.filter(~Exists(seen))
    gone = set(unseen.values_list("collection_version_id", flat=True))
    unseen.delete()
    note_leaving(gone)


def forget(version: RepositoryVersion) -> None:
    """Delete one version of a repository that has others.

    If it was the latest, the repository is again what it was before. Joins the caller's transaction,
    which holds the repository's row.
    """
    repository = version.repository
    numbers = list(
        RepositoryVersion.objects.filter(repository=repository)
        .exclude(pk=version.pk)
        .order_by("number")
        .values_list("number", flat=True)
    )
    before = max((each for each in numbers if each < version.number), default=None)
    after = min((each for each in numbers if each > version.number), default=None)
    version.delete()
    if after is None and before is not None:
        _go_back(repository, before)
    elif after is not None and before is not None:
        _join(repository, before, after)
    drop_unseen(repository)


def _go_back(repository: Repository, number: int) -> None:
    """Let the version of that number be the latest again."""
    placed = RepositoryContent.objects.filter(repository=repository)
    gone, back = placed.filter(added__gt=number), placed.filter(added__lte=number, removed__gt=number)
    changed = {*gone.values_list("collection_id", flat=True), *back.values_list("collection_id", flat=True)}
    left = set(gone.values_list("collection_version_id", flat=True))
    gone.delete()
    note_leaving(left)
    back.update(removed=None)
    Repository.objects.filter(pk=repository.pk).update(latest_number=number, updated_at=timezone.now())
    touch(changed)
    note_standing(repository, changed)


def _join(repository: Repository, before: int, after: int) -> None:
    """What left and came back between two versions of which none is between any more has never been away."""
    placed = RepositoryContent.objects.filter(repository=repository)
    left = placed.filter(removed__gt=before, removed__lte=after)
    by_version = {each.collection_version_id: each for each in left}
    came = placed.filter(added__gt=before, added__lte=after, collection_version__in=many(by_version))
    for again in came:
        first = by_version[again.collection_version_id]
        if first.removed is not None and first.removed <= again.added:
            again.delete()
            placed.filter(pk=first.pk).update(removed=again.removed)
            note_read_again()  # the rows of lists that are remembered are others now
    note_standing(repository, {each.collection_id for each in by_version.values()})
