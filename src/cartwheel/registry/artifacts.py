"""Artifacts, and uploads on their way to become some.

What arrives is written to this host's disk and digested, then it waits in the store (store.py), where
every worker finds it, for the task that imports it. Nothing is ever half there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.engine.states import INCOMPLETE
from cartwheel.kit.digests import Digesting, Digests
from cartwheel.kit.errors import CartwheelError
from cartwheel.kit.ids import is_uuid
from cartwheel.registry import files
from cartwheel.registry.models import Artifact, Chunk, ChunkedUpload, CollectionVersion
from cartwheel.registry.store import UPLOADS, FileStore, in_own_words, rename, store

PIECE = 1 << 20  # bytes
FORGOTTEN_SECONDS = 86_400  # an upload that no task awaits is deleted after so long
HALF_SECONDS = 3600  # and a file that has not grown for so long: whoever wrote it was killed
ARRIVING = "arriving-"


class Upload:
    """A file that arrives: written to disk and digested in one pass. Discard it, or give it to somebody."""

    def __init__(self) -> None:
        self.path = _uploads() / f"{ARRIVING}{uuid4().hex}"
        self._digesting = Digesting()
        if settings.CONFIG.is_storage_remote:  # imports delete it, but may all run at other hosts
            _delete_left_here()
        with in_own_words():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb")

    def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises NoSpace, StoreUnavailable, and nothing is left then."""
        try:
            with in_own_words():
                self._file.write(piece)
        except CartwheelError:
            self.discard()
            raise
        self._digesting.update(piece)

    def finish(self) -> Digests:
        """Force all of it to disk. Raises NoSpace, StoreUnavailable, and nothing is left then."""
        try:
            with in_own_words():
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
        except CartwheelError:
            self.discard()
            raise
        return self._digesting.result()

    def discard(self) -> None:
        """Delete it, unless it was given to somebody. Doing it twice is fine."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def give_to(self, task_id: UUID) -> None:
        """Let it wait for a task under that task's id; or as a chunk, under the chunk's."""
        store().put(self.path, f"{UPLOADS}{task_id}")

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._digesting.size

    def wait_as_fetched(self, sha256: str) -> None:
        """Let it wait under its digest for whoever imports it."""
        rename(self.path, fetched(sha256))


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def receive(stream: _Readable) -> tuple[Upload, Digests]:
    """Take a file from a stream. Raises NoSpace."""
    return collect(pieces_of(stream))


def pieces_of(stream: _Readable) -> Iterable[bytes]:
    """All that is in a stream, a little at a time."""
    return iter(partial(stream.read, PIECE), b"")


def collect(pieces: Iterable[bytes]) -> tuple[Upload, Digests]:
    """Make a file of pieces. Raises NoSpace."""
    upload = Upload()
    try:
        for each in pieces:
            upload.write(each)
        return upload, upload.finish()
    except BaseException:  # whatever it was, and it is raised on: nobody else knows of the file
        upload.discard()
        raise


def fetched(sha256: str) -> Path:
    """Where on this host a file is that was fetched from elsewhere and is not imported yet."""
    return _uploads() / f"fetched-{sha256}"


def send_fetched(sha256: str) -> None:
    """Send a file that was fetched to where `keep_fetched` will want it, which may take long, before its transaction.

    Raises FileNotFoundError. If nothing comes of it, call `remove_unrecorded`.
    """
    store().send_ahead(fetched(sha256), files.key_of(Artifact(sha256=sha256)))


def keep_fetched(digests: Digests) -> Artifact:
    """As `keep`, of a file that was fetched. Raises FileNotFoundError if somebody else has taken it."""
    artifact = _locked(digests.sha256) or _created(digests)
    store().put(fetched(digests.sha256), files.key_of(artifact))
    return artifact


def open_upload(task_id: UUID) -> BinaryIO:
    """Open what a task awaits. Raises FileNotFoundError."""
    return store().open(f"{UPLOADS}{task_id}")


def discard_upload(task_id: UUID) -> None:
    """Delete what a task awaited. Doing it twice is fine."""
    store().delete(f"{UPLOADS}{task_id}")


def keep(task_id: UUID, digests: Digests) -> Artifact:
    """Make an artifact of what a task awaited, or find the one that has the same bytes.

    Joins the caller's transaction, which holds the artifact's row from here on: whoever wants to store
    or delete the same bytes waits for its end. If it is rolled back, call `remove_unrecorded`.
    """
    artifact = _locked(digests.sha256) or _created(digests)
    # Also where the row was there: its file may be gone since a deletion that was rolled back.
    store().move(f"{UPLOADS}{task_id}", files.key_of(artifact))
    return artifact


def _locked(sha256: str) -> Artifact | None:
    return Artifact.objects.select_for_update().filter(sha256=sha256).first()


def _created(digests: Digests) -> Artifact:
    try:
        with transaction.atomic():
            return Artifact.objects.create(
                sha256=digests.sha256,
                sha224=digests.sha224,
                sha384=digests.sha384,
                sha512=digests.sha512,
                size=digests.size,
            )
    except IntegrityError:
        return Artifact.objects.select_for_update().get(sha256=digests.sha256)


def remove_unused(sha256: str) -> bool:
    """Delete the artifact with that digest, row and file, unless a collection version refers to it. Is it gone?"""
    with transaction.atomic():
        artifact = _locked(sha256)
        if artifact is None:
            return True
        if CollectionVersion.objects.filter(artifact=artifact).exists():
            return False
        artifact.delete()
        files.remove(artifact)
        return True


def remove_unrecorded(sha256: str) -> None:
    """Delete the file with that digest unless there is an artifact of it: its transaction came to no good end."""
    with transaction.atomic():
        # A row that is there for the moment keeps others from storing the same bytes.
        artifact, is_new = Artifact.objects.get_or_create(sha256=sha256, defaults={"size": 0})
        if is_new:
            artifact.delete()
            files.remove(artifact)


def delete_forgotten() -> None:
    """Delete uploads that nobody awaits any more: of processes that were killed, tasks that never began.

    And those of which no other chunk has come for long.
    """
    late = timezone.now() - timedelta(seconds=FORGOTTEN_SECONDS)
    ChunkedUpload.objects.filter(updated_at__lt=late).delete()
    before = time.time() - FORGOTTEN_SECONDS
    names = {key.removeprefix(UPLOADS) for key in store().older(UPLOADS, before)}
    ids = [UUID(name) for name in names if is_uuid(name)]
    awaited = set(Task.objects.filter(pk__in=ids, state__in=INCOMPLETE).values_list("pk", flat=True))
    awaited.update(Chunk.objects.filter(pk__in=ids).values_list("pk", flat=True))
    for name in names:
        if not is_uuid(name) or UUID(name) not in awaited:
            store().delete(f"{UPLOADS}{name}")
    _delete_left_here()


def _delete_left_here() -> None:
    """Delete what processes of this host were receiving, or sending to the store, when they were killed."""
    here = FileStore(settings.CONFIG.artifact_root)
    for key in here.older(UPLOADS, time.time() - HALF_SECONDS):
        if key.startswith(f"{UPLOADS}{ARRIVING}"):
            here.delete(key)
    if settings.CONFIG.is_storage_remote:
        for key in here.older(UPLOADS, time.time() - FORGOTTEN_SECONDS):
            here.delete(key)


def _uploads() -> Path:
    """Where files arrive on this host; of a store on its disk, also where they wait."""
    root: Path = settings.CONFIG.artifact_root
    return root / "uploads"
