"""Are the files of artifacts there, and are they what they were?"""

from __future__ import annotations

import hashlib
import logging

from django.db.models import QuerySet

from cartwheel.engine.functions import Call, task
from cartwheel.engine.gate import HUB_ID
from cartwheel.engine.models import Task
from cartwheel.engine.progress import progress
from cartwheel.registry.artifacts import PIECE
from cartwheel.registry.discretion import title_about
from cartwheel.registry.files import open_artifact
from cartwheel.registry.models import Artifact, Repository, RepositoryVersion, User
from cartwheel.registry.permissions import require, require_superuser
from cartwheel.registry.repositories import contents
from cartwheel.registry.walking import each_of

REPAIR = "ansible.repair_ansiblerepository"

log = logging.getLogger(__name__)


def repair(version: RepositoryVersion, *, verify_checksums: bool, by: User) -> Task:
    """Look at the files of all that a version of a repository holds, as a task. Raises Denied."""
    require(by, REPAIR, version.repository)
    title = title_about(f"Check the files of {version}", version.repository)
    call = Call(shared=[version.repository.prn], by=by, title=title)
    return repair_version.dispatch(str(version.repository_id), version.number, verify_checksums, call=call)


def repair_all(*, verify_checksums: bool, by: User) -> Task:
    """Look at the files of all artifacts, as a task. Superusers only."""
    require_superuser(by)
    call = Call(exclusive=[f"pdrn:{HUB_ID}:repair"], by=by, title="Check all files")
    return repair_all_artifacts.dispatch(verify_checksums, call=call)


@task("pulpcore.app.tasks.repository.repair_version", title="Check the files of a repository")
def repair_version(repository_id: str, number: int, verify_checksums: bool) -> None:
    repository = Repository.objects.get(pk=repository_id)
    held = contents(repository, number).values("artifact")
    _check(Artifact.objects.filter(pk__in=held), verify_checksums)


@task("pulpcore.app.tasks.repository.repair_all_artifacts", title="Check all files")
def repair_all_artifacts(verify_checksums: bool) -> None:
    _check(Artifact.objects.all(), verify_checksums)


def _check(artifacts: QuerySet[Artifact], verify_checksums: bool) -> None:
    """Report what is missing or damaged. Nothing is repaired: nobody else is known to have the file.

    Whoever has it uploads it again, which puts it in its place.
    """
    with (
        progress("Identify missing units", code="repair.missing") as missing,
        progress("Identify corrupted units", code="repair.corrupted") as corrupted,
        progress("Repair corrupted units", code="repair.repaired"),
    ):
        for artifact in each_of(artifacts):
            try:
                is_fine = _is_intact(artifact, verify_checksums)
            except FileNotFoundError:
                missing.increase()
                log.error("the file of %s is missing", _named(artifact))
                continue
            if not is_fine:
                corrupted.increase()
                log.error("the file of %s is damaged", _named(artifact))


def _is_intact(artifact: Artifact, verify_checksum: bool) -> bool:
    """Raises FileNotFoundError."""
    digest = hashlib.sha256()
    with open_artifact(artifact) as file:
        while verify_checksum and (piece := file.read(PIECE)):
            digest.update(piece)
    return not verify_checksum or digest.hexdigest() == artifact.sha256


def _named(artifact: Artifact) -> str:
    names = [str(each) for each in artifact.collection_versions.only("namespace", "name", "version")]
    return f"{', '.join(names) or 'an artifact'} ({artifact.sha256})"
