"""Files that come in chunks, each in a request of its own.

A chunk waits in the store, like all that waits for a task: the next one may come in at another host, and what
makes a file of them run at a third. Whoever began an upload, and superusers, see it and go on with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from cartwheel.engine.context import created
from cartwheel.engine.functions import Call, task
from cartwheel.engine.models import Task
from cartwheel.kit.digests import Digests
from cartwheel.kit.errors import Denied, Invalid
from cartwheel.registry.artifacts import Upload, collect, discard_upload, open_upload, pieces_of
from cartwheel.registry.deprecation import UPLOAD
from cartwheel.registry.imports import ONCE, UploadGone, WrongDigest
from cartwheel.registry.loose_files import keep_upload
from cartwheel.registry.models import Chunk, ChunkedUpload, User
from cartwheel.registry.permissions import DENIED, permissions_by_object, require_superuser
from cartwheel.registry.store import StoreUnavailable

CHUNKS_LIMIT = 10_000  # of one upload: each is a file


class Incomplete(Invalid):
    """Something of the file has not come yet."""

    code = "incomplete"

    def __init__(self, here: int, size: int) -> None:
        super().__init__(f"Only {here} of {size} bytes are here. Send the rest.")


def require_begin(by: User) -> None:
    """Raises Denied for whoever may publish nothing."""
    everywhere, on_one = permissions_by_object(by, "namespace")
    if not by.is_superuser and UPLOAD not in everywhere.union(*on_one.values()):
        raise Denied(DENIED)


def begin(size: int, *, by: User) -> ChunkedUpload:
    """Expect a file of so many bytes. Raises Denied, Invalid."""
    require_begin(by)
    limit = settings.CONFIG.upload_limit_mb
    if size > limit << 20:
        raise Invalid(f"At most {limit} MiB can be uploaded.", field="size")
    return ChunkedUpload.objects.create(user=by, size=size)


def uploads_of(user: User) -> QuerySet[ChunkedUpload]:
    """Those that somebody sees and goes on with."""
    return ChunkedUpload.objects.all() if user.is_superuser else ChunkedUpload.objects.filter(user=user)


def add_chunk(upload: ChunkedUpload, file: Upload, start: int) -> None:
    """Take the bytes from `start` on; those that were sent from there before are replaced.

    Raises Invalid, UploadGone, NoSpace.
    """
    chunk = Chunk(upload=upload, start=start, size=file.size)
    try:
        file.give_to(chunk.pk)  # not in the transaction: to an object store it may take long
        replaced = _record(chunk)
    except BaseException:  # whatever it was, and it is raised on: nobody else knows of the file
        discard_upload(chunk.pk)
        raise
    _discard(replaced)


@transaction.atomic
def _record(chunk: Chunk) -> list[UUID]:
    """Write down that it is there; returns those in whose place it is."""
    upload = ChunkedUpload.objects.select_for_update().filter(pk=chunk.upload_id).first()
    if upload is None:
        raise UploadGone(str(chunk.upload_id))
    same = upload.chunks.filter(start=chunk.start)
    replaced = list(same.values_list("pk", flat=True))
    same.delete()
    before = upload.chunks.filter(start__lt=chunk.end).order_by("start").last()
    if before is not None and before.end > chunk.start:
        raise Invalid(f"There are {before} already. Chunks must not overlap.", field="non_field_errors")
    if upload.chunks.count() >= CHUNKS_LIMIT:
        message = f"An upload can have {CHUNKS_LIMIT} chunks. Send larger ones."
        raise Invalid(message, field="non_field_errors")
    chunk.save(force_insert=True)
    ChunkedUpload.objects.filter(pk=upload.pk).update(updated_at=timezone.now())
    return replaced


def require_complete(upload: ChunkedUpload) -> None:
    """Raises Incomplete."""
    # They neither overlap nor lead beyond its end.
    here = upload.chunks.aggregate(here=Sum("size"))["here"] or 0
    if here != upload.size:
        raise Incomplete(here, upload.size)


def joined(upload: ChunkedUpload) -> tuple[Upload, Digests]:
    """One file of all chunks, on this host. Discard it, or give it to somebody. Raises Incomplete, UploadGone, NoSpace."""
    require_complete(upload)
    try:
        return collect(_pieces(upload))
    except FileNotFoundError:
        raise UploadGone(str(upload.pk)) from None


def _pieces(upload: ChunkedUpload) -> Iterator[bytes]:
    for chunk_id in list(upload.chunks.order_by("start").values_list("pk", flat=True)):
        with open_upload(chunk_id) as chunk:
            yield from pieces_of(chunk)


def forget(upload: ChunkedUpload) -> None:
    """Delete it and its chunks; it may be gone already."""
    chunks = list(upload.chunks.values_list("pk", flat=True))
    ChunkedUpload.objects.filter(pk=upload.pk).delete()
    _discard(chunks)


def _discard(chunks: Iterable[UUID]) -> None:
    with suppress(StoreUnavailable):  # then they are deleted with all that nobody awaits (artifacts.py)
        for each in chunks:
            discard_upload(each)


def make_artifact(upload: ChunkedUpload, sha256: str, *, by: User) -> Task:
    """Make an artifact of an upload that is complete, as a task. Superusers only. Raises Denied, Incomplete."""
    require_superuser(by)
    require_complete(upload)
    return commit.dispatch(str(upload.pk), sha256, call=Call(exclusive=[upload.prn], by=by))


@task("pulpcore.app.tasks.upload.commit", title="Make a file of an upload", options=ONCE)
def commit(upload_id: str, sha256: str) -> None:
    """Make an artifact of all chunks, which go then. `sha256` is what the client says that it has."""
    upload = ChunkedUpload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise UploadGone(upload_id)
    file, digests = joined(upload)
    try:
        if sha256.lower() != digests.sha256:
            raise WrongDigest(sha256, digests.sha256)
        created(f"artifacts/{keep_upload(file, digests).pk}/")
    finally:
        file.discard()
    forget(upload)
