"""Importing an uploaded collection: it is read and checked, recorded, and put into its repository."""

from __future__ import annotations

import logging
from collections.abc import Container
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from semantic_version import Version

from cartwheel import __version__
from cartwheel.engine.child import EndsWith
from cartwheel.engine.context import created, current_task
from cartwheel.engine.errors import LostClaim
from cartwheel.engine.functions import Call, Options, task
from cartwheel.engine.models import Task
from cartwheel.kit.collection_files import CollectionFiles, read_collection
from cartwheel.kit.contents import Contents, ContentsReader
from cartwheel.kit.digests import Digests
from cartwheel.kit.errors import Conflict, Invalid, NotFound
from cartwheel.kit.filenames import Filename, parse_filename
from cartwheel.kit.portable_names import warnings_about
from cartwheel.kit.versions import sort_key
from cartwheel.registry import fragments
from cartwheel.registry.approval import PUBLISHED, auto_approve
from cartwheel.registry.artifacts import (
    delete_forgotten,
    discard_upload,
    keep,
    open_upload,
    remove_unrecorded,
)
from cartwheel.registry.collections import HEAVY
from cartwheel.registry.discretion import title_about
from cartwheel.registry.distributions import find_served
from cartwheel.registry.linting.task import start_linting
from cartwheel.registry.models import Artifact, Collection, CollectionVersion, Repository
from cartwheel.registry.repositories import add_and_remove, changing

log = logging.getLogger(__name__)


class WrongDigest(Invalid):
    """The file is not the one that the client sent. Clients know the sentence."""

    code = "wrong_sha256"
    pulp_code = "PLP0003"

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(
            f"[{self.pulp_code}] A file failed validation due to checksum. Expected '{expected}', Actual '{actual}'"
        )


class VersionExists(Conflict):
    """A version never changes once it is there."""

    code = "version_exists"

    def __init__(self, name: str, version: str) -> None:
        super().__init__(f"{name} {version} already exists with other contents. Publish a higher version.")


class UploadGone(NotFound):
    code = "upload_gone"

    def __init__(self, filename: str) -> None:
        super().__init__(f"The upload {filename} is no longer there. Upload it again.")


ONCE = Options(again=False)  # what was uploaded goes with the task that it was uploaded for


@task("galaxy_ng.app.tasks.publishing.import_to_staging", title="Import {filename}", options=ONCE)
def import_to_staging(
    filename: str, repository_id: str, digests: dict[str, Any], sha256: str
) -> EndsWith | None:
    """Import what was uploaded for this task into a repository; ends as the task ends that puts it there.

    `filename` is a collection's, `digests` are those of the upload, `sha256` is what the client said.
    """
    return _import(parse_filename(filename), repository_id, Digests(**digests), sha256, approve=False)


@task("galaxy_ng.app.tasks.publishing.import_and_auto_approve", title="Import {filename}", options=ONCE)
def import_and_auto_approve(
    filename: str, repository_id: str, digests: dict[str, Any], sha256: str
) -> EndsWith | None:
    """Likewise, and approve it at once: it ends up in published."""
    return _import(parse_filename(filename), repository_id, Digests(**digests), sha256, approve=True)


@task("pulp_ansible.app.tasks.collections.import_collection", title="Import {filename}", options=ONCE)
def import_collection(
    filename: str, repository_id: str, digests: dict[str, Any], sha256: str
) -> EndsWith | None:
    """Likewise, but where `repository_id` is empty it is put nowhere: somebody must do that soon."""
    return _import(parse_filename(filename), repository_id, Digests(**digests), sha256, approve=False)


@dataclass(frozen=True)
class _Import:
    """What an import needs to know on its way."""

    task: Task
    promised: Filename
    digests: Digests
    repository_id: str
    approve: bool


@dataclass(frozen=True)
class Found:
    """What was in a tarball."""

    files: CollectionFiles
    contents: Contents


def _import(
    promised: Filename, repository_id: str, digests: Digests, sha256: str, *, approve: bool
) -> EndsWith | None:
    task = current_task()
    if task is None:
        raise LostClaim
    this = _Import(task, promised, digests, repository_id, approve)
    delete_forgotten()
    try:
        if sha256 and sha256.lower() != digests.sha256:
            raise WrongDigest(sha256, digests.sha256)
        child = _record(this, _read(this))
        return EndsWith(child) if child else None
    finally:
        discard_upload(task.pk)


def _read(this: _Import) -> Found:
    log.info("Importing with Cartwheel %s", __version__)
    try:
        with open_upload(this.task.pk) as packed:
            found = read_tarball(packed, this.promised, into=this.repository_id or None)
    except FileNotFoundError:
        raise UploadGone(str(this.promised)) from None
    for each in found.contents.contents:
        log.info("Loading %s %s", each["content_type"], each["name"])
    listing = found.files.listing
    for warning in [*found.contents.warnings, *warnings_about([*listing.files, *listing.folders])]:
        log.warning("%s", warning)
    log.info("Collection loading complete")
    return found


def read_tarball(
    packed: BinaryIO, promised: Filename, *, into: UUID | str | None, beside: Container[UUID] = ()
) -> Found:
    """Read and check the tarball that should be of that name.

    `into` is the id of the repository that it is for, `beside` has those of versions that come with it. Raises BadTarball, BadManifest, NameMismatch.
    """
    reader = ContentsReader(fragments_elsewhere=fragments.finder(into, beside=beside))
    files = read_collection(packed, promised=promised, reader=reader)
    return Found(files, reader.result(f"{promised.namespace}.{promised.name}"))


def _record(this: _Import, found: Found) -> Task | None:
    """Write the version down and dispatch the task that puts it into the repository, both or neither.

    There is no such task if it is for no repository.
    """
    try:
        with changing():
            version = find_or_make(found, keep(this.task.pk, this.digests))
            created(f"content/ansible/collection_versions/{version.pk}/")
            into = Repository.objects.get(pk=this.repository_id) if this.repository_id else None
            placing = _place(this, version, into) if into else None
            start_linting(version, into)
            return placing
    except BaseException:  # also where it is stopped: nobody else knows of the file
        remove_unrecorded(this.digests.sha256)
        raise


def find_or_make(found: Found, artifact: Artifact) -> CollectionVersion:
    """The version that was read: the one that is known, or a new one, of which that is the tarball.

    Joins the caller's transaction, in which the tarball was kept, also if the version is known: its file may
    be lost or damaged. Where that is rolled back, call `remove_unrecorded`. Raises VersionExists if the known
    one has other bytes.
    """
    manifest = found.files.manifest
    # Locked, so that nobody deletes it, or forgets the version, before this import has said that it needs them.
    rows = Collection.objects.select_for_update(no_key=True)
    collection, _ = rows.get_or_create(namespace=manifest.namespace, name=manifest.name)
    versions = CollectionVersion.objects.filter(collection=collection, version=manifest.version)
    known = versions.defer(*HEAVY).first()
    if known is None:
        return _make(collection, found, artifact)
    if known.artifact_id != artifact.pk:
        raise VersionExists(str(collection), manifest.version)
    return known


def _make(collection: Collection, found: Found, artifact: Artifact) -> CollectionVersion:
    manifest = found.files.manifest
    version = Version(manifest.version)
    made = CollectionVersion.objects.create(
        collection=collection,
        namespace=manifest.namespace,
        name=manifest.name,
        version=manifest.version,
        version_key=sort_key(version),
        is_prerelease=bool(version.prerelease),
        artifact=artifact,
        **what_was_read(found),
    )
    fragments.record(made, found.contents.doc_fragments)
    return made


def what_was_read(found: Found) -> dict[str, Any]:
    """The columns of a version that say what is in its tarball."""
    manifest, contents = found.files.manifest, found.contents
    return {
        "requires_ansible": contents.requires_ansible,
        "authors": manifest.authors,
        "contents": contents.contents,
        "dependencies": manifest.dependencies,
        "description": manifest.description,
        "documentation": manifest.documentation,
        "homepage": manifest.homepage,
        "issues": manifest.issues,
        "origin_repository": manifest.repository,
        "license": manifest.license,
        "tags": manifest.tags,
        "manifest": manifest.document,
        "files": found.files.listing.document,
        "docs_blob": contents.docs_blob,
    }


def _place(this: _Import, version: CollectionVersion, repository: Repository) -> Task:
    """The child task that puts a version into the repository it is meant for."""
    if not this.approve:
        title = title_about(f"Add {version} to {repository}", repository)
        call = Call(exclusive=[repository.prn], title=title)
        return add_and_remove.dispatch(repository.pk, [version.pk], [], call=call)
    published = find_served(PUBLISHED)
    call = Call(
        exclusive=[repository.prn, published.prn],
        title=f"Approve {version}",
        group=this.task.task_group,
    )
    return auto_approve.dispatch(version.pk, repository.pk, published.pk, call=call)
