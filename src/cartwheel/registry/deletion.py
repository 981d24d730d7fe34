"""Delete collections and versions: out of every repository, then their records, then their files."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from cartwheel.engine.functions import Call, task
from cartwheel.engine.models import Task
from cartwheel.engine.progress import progress
from cartwheel.kit.errors import Invalid
from cartwheel.registry.artifacts import remove_unused
from cartwheel.registry.counting import note_read_again
from cartwheel.registry.dependents import dependents, dependents_of_version
from cartwheel.registry.discretion import title_about
from cartwheel.registry.loose_files import IS_LOOSE
from cartwheel.registry.many import many
from cartwheel.registry.models import (
    Artifact,
    Collection,
    CollectionVersion,
    Namespace,
    Repository,
    RepositoryContent,
    User,
)
from cartwheel.registry.permissions import require
from cartwheel.registry.repositories import change_contents, changing, lock
from cartwheel.registry.touching import lock_collections, touch

DELETE = "ansible.delete_collection"

log = logging.getLogger(__name__)


class StillRequired(Invalid):
    """Others depend on it: `dependents` names them, as "namespace.name version"."""

    code = "still_required"

    def __init__(self, what: str, dependents: list[str]) -> None:
        super().__init__(f"{what} could not be deleted because there are other collections that require it.")
        self.dependents = dependents


def require_delete(namespace: str, *, by: User) -> None:
    """Raises Denied if the user may not delete collections of that namespace."""
    require(by, DELETE, Namespace.objects.filter(name=namespace).first())


def delete(collection: Collection, *, by: User) -> Task:
    """Delete all versions of a collection from all repositories, as a task. Raises StillRequired."""
    found = dependents(collection, to=by)
    if found:
        raise StillRequired(f"Collection {collection}", found)
    versions = CollectionVersion.objects.filter(collection=collection)
    call = _call(versions, f"Delete {collection}", by)
    return delete_collection.dispatch(collection.pk, call=call)


def delete_version(version: CollectionVersion, *, by: User) -> Task:
    """Delete one version from all repositories, as a task.

    Raises StillRequired if somebody depends on it whom no other version of its collection would do.
    """
    found = dependents_of_version(version, to=by)
    if found:
        raise StillRequired(f"Collection version {version}", found)
    versions = CollectionVersion.objects.filter(pk=version.pk)
    call = _call(versions, f"Delete {version}", by)
    return delete_collection_version.dispatch(version.pk, call=call)


def _call(versions: QuerySet[CollectionVersion], title: str, by: User) -> Call:
    """With the repositories that hold one of them, now or in an older version that they keep.

    What is in private ones only is not named.
    """
    placed = RepositoryContent.objects.filter(collection_version__in=versions.values("pk"))
    holders = list(Repository.objects.filter(pk__in=placed.values("repository")).order_by("pk"))
    public = [each for each in holders if not each.private]
    return Call(exclusive=[each.prn for each in holders], by=by, title=title_about(title, *public or holders))


@task("pulp_ansible.app.tasks.deletion.delete_collection", title="Delete a collection")
def delete_collection(collection_id: str) -> None:
    """Delete all versions of a collection. Doing it twice is fine."""
    _delete(CollectionVersion.objects.filter(collection__pk=collection_id))


@task("pulp_ansible.app.tasks.deletion.delete_collection_version", title="Delete a collection version")
def delete_collection_version(version_id: str) -> None:
    """Delete one version of a collection. Doing it twice is fine."""
    _delete(CollectionVersion.objects.filter(pk=version_id))


def _delete(wanted: QuerySet[CollectionVersion]) -> None:
    with changing():
        versions = list(wanted.only("namespace", "name", "version", "collection_id", "artifact_id"))
        for repository in lock(_current_holders(versions)):
            change_contents(repository, remove=versions)
        delete_records(versions)
        note_read_again()  # older versions of repositories may have held them, which are the same in name
    delete_artifacts(versions)


def _current_holders(versions: Iterable[CollectionVersion]) -> list[UUID]:
    ids = {each.pk for each in versions}
    placed = RepositoryContent.objects.filter(removed=None, collection_version__in=many(ids))
    return list(placed.values_list("repository", flat=True).distinct())


def delete_records(versions: list[CollectionVersion]) -> None:
    """The versions, and collections that have none left."""
    with progress("Clean up orphan Content", code="clean-up.content", total=len(versions)) as report:
        concerned = {each.collection_id for each in versions}
        lock_collections(concerned)
        ids = {each.pk for each in versions}
        CollectionVersion.objects.filter(pk__in=many(ids)).only("pk").delete()
        rest = CollectionVersion.objects.filter(collection=OuterRef("pk"))
        Collection.objects.filter(~Exists(rest), pk__in=many(concerned)).delete()
        touch(concerned)
        report.set(len(versions))
    for each in versions:
        log.info("deleted %s", each)


def delete_artifacts(versions: list[CollectionVersion], *, before: datetime | None = None) -> None:
    """Those of their artifacts that no version refers to any more, and their files.

    With `before`, also all others that nobody has referred to since then.
    """
    wanted = Q(pk__in=many({each.artifact_id for each in versions}))
    if before is not None:
        wanted |= Q(updated_at__lt=before)
    digests = sorted(Artifact.objects.filter(IS_LOOSE, wanted).values_list("sha256", flat=True))
    with progress("Clean up orphan Artifacts", code="clean-up.artifacts", total=len(digests)) as report:
        for sha256 in digests:
            remove_unused(sha256)
            report.increase()
