"""Reading collections again that are there already, with what has been learnt since they were imported."""

from __future__ import annotations

import logging

from django.utils import timezone

from cartwheel.engine.functions import Call, Options, task
from cartwheel.engine.models import Task
from cartwheel.engine.progress import progress
from cartwheel.kit.errors import Invalid
from cartwheel.kit.filenames import Filename
from cartwheel.registry import fragments
from cartwheel.registry.collections import HEAVY
from cartwheel.registry.counting import note_read_again
from cartwheel.registry.discretion import title_about
from cartwheel.registry.files import open_artifact
from cartwheel.registry.imports import read_tarball, what_was_read
from cartwheel.registry.models import CollectionVersion, Repository, User
from cartwheel.registry.permissions import require
from cartwheel.registry.repositories import changing, contents
from cartwheel.registry.touching import touch

REBUILD = "ansible.change_ansiblerepository"

log = logging.getLogger(__name__)


def rebuild(
    repository: Repository,
    *,
    namespace: str = "",
    name: str = "",
    version: str = "",
    number: int | None = None,
    by: User,
) -> Task:
    """Read what is in a repository again, as a task: all of it, or what has these names. Raises Denied.

    `number` is that of an older version of the repository.
    """
    require(by, REBUILD, repository)
    title = title_about(f"Read the collections of {repository} again", repository)
    call = Call(shared=[repository.prn], by=by, title=title)
    return rebuild_metadata.dispatch(str(repository.pk), namespace, name, version, number, call=call)


@task(
    "pulp_ansible.app.tasks.collections.rebuild_repository_collection_versions_metadata",
    title="Read collections again",
    options=Options(repeatable=True),
)
def rebuild_metadata(
    repository_id: str, namespace: str, name: str, version: str, number: int | None = None
) -> None:
    given = {"namespace": namespace, "name": name, "version": version}
    repository = Repository.objects.get(pk=repository_id)
    wanted = contents(repository, number).filter(**{key: value for key, value in given.items() if value})
    versions = list(wanted.select_related("artifact").defer(*HEAVY).order_by("pk"))
    others = 0 if any(given.values()) else _others(repository)
    with (
        progress(
            "Rebuild collection version metadata (total)",
            code="rebuild_metadata.total",
            total=len(versions) + others,
        ) as total,
        progress("Rebuild collection version metadata (failed)", code="rebuild_metadata.failed") as failed,
    ):
        for each in versions:
            try:
                _read_again(each, repository)
            except (Invalid, FileNotFoundError) as problem:
                failed.increase()
                log.warning("%s could not be read: %s", each, problem)
            total.increase()
        if others:
            failed.increase(others)
            total.increase(others)
            log.info("%s deprecations, marks and namespaces have no file to read", others)


def _others(repository: Repository) -> int:
    """How much is said there of versions and namespaces: for Pulp that is content, too, of which it can read nothing."""
    return (
        repository.deprecations.count() + repository.marks.count() + repository.published_namespaces.count()
    )


def _read_again(version: CollectionVersion, repository: Repository) -> None:
    """Raises FileNotFoundError, or what an import raises for such a file."""
    # What is read is shown wherever the version is.
    is_public = version.placements.filter(repository__private=False).exists()
    promised = Filename(version.namespace, version.name, version.version)
    with open_artifact(version.artifact) as packed:
        found = read_tarball(packed, promised, into=None if is_public else repository.pk)
    columns = what_was_read(found)
    with changing():
        mine = CollectionVersion.objects.filter(pk=version.pk)
        mine.update(**columns, updated_at=timezone.now())
        fragments.record(version, found.contents.doc_fragments)
        touch({version.collection_id})
        note_read_again()
