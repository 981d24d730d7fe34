"""The artifact store: nothing is ever half there."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock
from uuid import UUID, uuid4

import make
import pytest
from django.utils import timezone
from pytest_django import Settings
from storages import on_disk

from cartwheel.kit.digests import Digests
from cartwheel.kit.errors import NoSpace
from cartwheel.registry.artifacts import (
    FORGOTTEN_SECONDS,
    HALF_SECONDS,
    Upload,
    delete_forgotten,
    fetched,
    keep,
    open_upload,
    receive,
    remove_unrecorded,
    remove_unused,
)
from cartwheel.registry.chunked_uploads import add_chunk
from cartwheel.registry.files import path_of
from cartwheel.registry.models import Artifact, ChunkedUpload, User
from cartwheel.registry.store import StoreUnavailable

pytestmark = on_disk  # the other store has test_object_store.py

CONTENT = b"0123456789" * 1000


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.CONFIG = make.config(data=tmp_path)
    return tmp_path / "artifacts"


def waiting(content: bytes = CONTENT) -> tuple[UUID, Digests]:
    """An upload that waits for a task."""
    upload, digests = receive(io.BytesIO(content))
    task_id = uuid4()
    upload.give_to(task_id)
    return task_id, digests


def files(root: Path) -> list[Path]:
    return [each for each in root.rglob("*") if each.is_file()]


def test_an_upload_is_digested_as_it_arrives(root: Path) -> None:
    upload, digests = receive(io.BytesIO(CONTENT))

    for name in ("sha224", "sha256", "sha384", "sha512"):
        assert getattr(digests, name) == hashlib.new(name, CONTENT).hexdigest()
    assert digests.size == len(CONTENT)
    assert upload.path.read_bytes() == CONTENT


def test_an_upload_that_breaks_off_leaves_nothing(root: Path) -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        receive(Broken())

    assert files(root) == []


def test_what_was_given_away_is_not_discarded(root: Path) -> None:
    upload, _ = receive(io.BytesIO(CONTENT))
    task_id = uuid4()

    upload.give_to(task_id)
    upload.discard()

    with open_upload(task_id) as kept:
        assert kept.read() == CONTENT


@pytest.mark.django_db
def test_an_artifact_stands_under_its_digest(root: Path) -> None:
    task_id, digests = waiting()

    artifact = keep(task_id, digests)

    assert path_of(artifact) == root / digests.sha256[:2] / digests.sha256[2:]
    assert files(root) == [path_of(artifact)]
    assert (artifact.sha512, artifact.size) == (digests.sha512, digests.size)


@pytest.mark.django_db
def test_the_same_bytes_are_stored_once(root: Path) -> None:
    first = keep(*waiting())

    second = keep(*waiting())

    assert first == second
    assert files(root) == [path_of(first)]


@pytest.mark.django_db
def test_a_lost_file_comes_back_with_the_next_open_upload_its_bytes(root: Path) -> None:
    artifact = keep(*waiting())
    path_of(artifact).unlink()

    keep(*waiting())

    assert path_of(artifact).read_bytes() == CONTENT


@pytest.mark.django_db
def test_an_artifact_that_nobody_needs_is_removed_with_its_file(root: Path) -> None:
    artifact = keep(*waiting())

    remove_unused(artifact.sha256)

    assert not Artifact.objects.exists()
    assert files(root) == []


@pytest.mark.django_db
def test_an_artifact_that_a_version_needs_stays(root: Path) -> None:
    version = make.version()

    remove_unused(version.artifact.sha256)

    assert Artifact.objects.get() == version.artifact


@pytest.mark.django_db
def test_a_file_without_a_row_is_removed_too(root: Path) -> None:
    artifact = keep(*waiting())
    Artifact.objects.all().delete()

    remove_unrecorded(artifact.sha256)

    assert files(root) == []
    assert not Artifact.objects.exists()


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("function", ["os.fsync", "pathlib.Path.replace"])
def test_a_full_disk_is_said_and_leaves_no_half_file(
    root: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    monkeypatch.setattr(function, full)

    with pytest.raises(
        NoSpace, match=r"^The hub's disk is full\. Ask its operator for space, then try again\.$"
    ):
        waiting()

    assert [each for each in files(root) if not each.name.startswith("arriving-")] == []


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("function", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.open"])
def test_files_that_cannot_be_used_are_told_in_one_sentence_and_in_the_log_in_full(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, function: str, number: int
) -> None:
    monkeypatch.setattr(function, Mock(side_effect=OSError(number, "refused", "/of/the/hub")))

    with pytest.raises(StoreUnavailable, match=r"^The hub cannot use its files\. Ask its operator"):
        waiting()

    assert caplog.messages[-1].endswith("refused: '/of/the/hub'")


def test_a_disk_that_fills_while_an_upload_arrives_leaves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Upload()
    upload._file.close()
    monkeypatch.setattr(upload, "_file", Path("/dev/full").open("wb", buffering=0))  # noqa: SIM115, the upload closes it

    with pytest.raises(NoSpace):
        upload.write(CONTENT)

    assert files(root) == []


@pytest.mark.django_db
def test_uploads_that_nobody_awaits_are_deleted_after_a_day(root: Path) -> None:
    awaited = make.task()
    upload, _ = receive(io.BytesIO(CONTENT))
    upload.give_to(awaited.pk)
    waiting()
    receive(io.BytesIO(CONTENT))
    for each in files(root):
        os.utime(each, (time.time() - FORGOTTEN_SECONDS - 1,) * 2)
    fresh, _ = waiting()

    delete_forgotten()

    assert {each.name for each in files(root)} == {str(awaited.pk), str(fresh)}


@pytest.mark.parametrize("is_over", [False, True])
def test_chunks_are_deleted_after_a_day_in_which_no_other_came(
    root: Path, alice: User, is_over: bool
) -> None:
    last = timezone.now() - timedelta(seconds=FORGOTTEN_SECONDS - (-60 if is_over else 60))
    upload = ChunkedUpload.objects.create(user=alice, size=2 * len(CONTENT))
    add_chunk(upload, receive(io.BytesIO(CONTENT))[0], 0)
    ChunkedUpload.objects.update(updated_at=last)
    for each in files(root):
        os.utime(each, (time.time() - FORGOTTEN_SECONDS - 1,) * 2)

    delete_forgotten()

    assert (len(files(root)), ChunkedUpload.objects.count()) == ((0, 0) if is_over else (1, 1))


@pytest.mark.django_db
def test_what_is_half_there_because_its_process_was_killed_is_deleted_after_an_hour(root: Path) -> None:
    dead, alive, whole = Upload(), Upload(), fetched("0" * 64)
    whole.touch()
    for path in (dead.path, whole):
        os.utime(path, (time.time() - HALF_SECONDS - 1,) * 2)

    delete_forgotten()

    assert {each.name for each in files(root)} == {alive.path.name, whole.name}
    alive.discard()
    dead.discard()


def test_a_host_that_runs_no_imports_deletes_what_a_killed_upload_left(
    settings: Settings, root: Path
) -> None:
    settings.CONFIG = replace(settings.CONFIG, storage_url="s3://collections/hub")
    dead, alive = Upload(), Upload()
    os.utime(dead.path, (time.time() - HALF_SECONDS - 1,) * 2)

    new = Upload()

    assert {each.name for each in files(root)} == {alive.path.name, new.path.name}
    for each in (dead, alive, new):
        each.discard()
