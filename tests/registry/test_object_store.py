"""Artifacts in an object store."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import make
import pytest
import requests
from django.db import connection
from hub import Hub, running_hub
from object_stores import CREDENTIALS, Bucket
from patience import PATIENCE_SECONDS
from pytest_django import Settings
from small_collections import collection
from upstream import running_upstream

from cartwheel.config import BadSetting, read
from cartwheel.registry.artifacts import keep, open_upload, receive, remove_unused
from cartwheel.registry.files import link_to, open_artifact
from cartwheel.registry.loose_files import keep_upload
from cartwheel.registry.models import CollectionRemote, User
from cartwheel.registry.object_store import ATOMIC_LIMIT, ObjectStore
from cartwheel.registry.store import StoreUnavailable, store
from cartwheel.registry.sync.start import sync
from cartwheel.registry.uploads import start_import

CONTENT = b"0123456789" * 100_000


@pytest.fixture
def there(bucket: Bucket, settings: Settings, tmp_path: Path) -> ObjectStore:
    """The hub's store, with a prefix of this test's own."""
    url = bucket.url(uuid4().hex)
    settings.CONFIG = make.config(data=tmp_path, storage_url=url)
    made = store()
    assert isinstance(made, ObjectStore)
    return made


def local(tmp_path: Path, content: bytes = CONTENT) -> Path:
    path = tmp_path / uuid4().hex
    path.write_bytes(content)
    return path


def test_what_was_put_is_read_from_anywhere_in_it(there: ObjectStore, tmp_path: Path) -> None:
    there.put(local(tmp_path), "aa/bb")

    with there.open("aa/bb") as opened:
        assert opened.read() == CONTENT
        opened.seek(999_995)
        assert opened.read(10) == b"56789"
        opened.seek(5)
        assert opened.read(3) == b"567"


def test_the_local_file_is_gone(there: ObjectStore, tmp_path: Path) -> None:
    source = local(tmp_path)

    there.put(source, "aa/bb")

    assert not source.exists()


def test_a_large_file_is_put_in_parts(there: ObjectStore, tmp_path: Path) -> None:
    content = bytes(ATOMIC_LIMIT + 1)

    there.put(local(tmp_path, content), "aa/large")

    with there.open("aa/large") as opened:
        assert hashlib.sha256(opened.read()).digest() == hashlib.sha256(content).digest()


def test_the_same_may_be_put_by_several_at_once(there: ObjectStore, tmp_path: Path) -> None:
    sources = [local(tmp_path) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: there.put(each, "aa/bb"), sources))

    with there.open("aa/bb") as opened:
        assert opened.read() == CONTENT


def test_what_is_not_there_is_not_found_and_deleting_it_is_fine(there: ObjectStore) -> None:
    there.delete("aa/nothing")

    with pytest.raises(FileNotFoundError):
        there.open("aa/nothing")
    with pytest.raises(FileNotFoundError):
        there.move("aa/nothing", "aa/bb")


def test_old_objects_are_found_by_their_prefix(there: ObjectStore, tmp_path: Path) -> None:
    there.put(local(tmp_path), "uploads/one")
    there.put(local(tmp_path), "aa/bb")

    assert list(there.older("uploads/", time.time() + 60)) == ["uploads/one"]
    assert list(there.older("uploads/", time.time() - 60)) == []
    assert sorted(there.older("", time.time() + 60)) == ["aa/bb", "uploads/one"]


def test_a_store_that_is_away_is_told_in_one_sentence_and_in_the_log_in_full(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("cartwheel.registry.object_store.RETRIES", 0)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    away = ObjectStore("s3://collections/hub?endpoint=http://127.0.0.1:9&region=us-east-1")

    with pytest.raises(StoreUnavailable, match=r"^The artifact store s3://collections does not do"):
        away.open("aa/bb")

    assert "http://127.0.0.1:9/collections/hub/aa/bb" in caplog.messages[-1]


@pytest.mark.django_db
def test_an_upload_waits_there_and_becomes_an_artifact(there: ObjectStore) -> None:
    upload, digests = receive(io.BytesIO(CONTENT))
    task_id = uuid4()

    upload.give_to(task_id)
    with open_upload(task_id) as waiting:
        assert waiting.read() == CONTENT
    artifact = keep(task_id, digests)

    with open_artifact(artifact) as stored:
        assert stored.read() == CONTENT
    with pytest.raises(FileNotFoundError):
        open_upload(task_id)
    assert artifact.sha256[2:] in (link_to(artifact, 60) or "")
    remove_unused(artifact.sha256)
    with pytest.raises(FileNotFoundError):
        open_artifact(artifact)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_there_in_a_transaction(
    there: ObjectStore, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others would wait for it: on SQLite whoever writes, on PostgreSQL whoever stops the sync."""
    make.served("staging", labels={"pipeline": "staging"})
    make.namespace("acme")
    send, in_transaction = ObjectStore._send, []

    def watch(self: ObjectStore, source: Path, key: str, size: int) -> None:
        in_transaction.append(connection.in_atomic_block)
        send(self, source, key, size)

    monkeypatch.setattr(ObjectStore, "_send", watch)

    start_import(*receive(io.BytesIO(CONTENT)), "acme-tools-1.0.0.tar.gz", by=admin)
    keep_upload(*receive(io.BytesIO(CONTENT)))
    with running_upstream() as upstream:
        upstream.add("acme.tools")
        remote = CollectionRemote.objects.create(name="elsewhere", url=upstream.url)
        make.perform(sync(make.served("community"), remote, by=admin))

    assert in_transaction == [False, False, False]


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3://bucket?where=x",
        "s3://key:secret@bucket/",
        "s3://bucket/?endpoint=",
        "ftp://x/",
        "s3:bucket",
    ],
)
def test_what_is_no_store_stops_the_start(url: str) -> None:
    with pytest.raises(BadSetting, match="CARTWHEEL_STORAGE_URL is not understood"):
        read({"CARTWHEEL_STORAGE_URL": url})


@pytest.fixture
def hub_over_bucket(bucket: Bucket, tmp_path: Path) -> Iterator[Hub]:
    with running_hub(tmp_path / "data", storage_url=bucket.url(uuid4().hex)) as started:
        yield started


def test_a_hub_over_an_object_store_takes_and_gives_collections(hub_over_bucket: Hub) -> None:
    hub = hub_over_bucket
    hub.request("POST", "v3/namespaces/", json={"name": "acme", "groups": []}).raise_for_status()
    packed = collection()
    files = {"file": ("acme-tools-1.0.0.tar.gz", packed)}

    task = hub.request("POST", "v3/artifacts/collections/", files=files).json()["task"]
    ended = hub.wait(task.rstrip("/").rpartition("/")[2])

    assert ended["state"] == "completed", ended["error"]
    address = "v3/plugin/ansible/content/staging/collections/artifacts/acme-tools-1.0.0.tar.gz"
    signed = hub.request("GET", address).headers["Location"].removeprefix(hub.url.rstrip("/"))
    in_the_store = hub.request("GET", signed, auth=None)
    assert in_the_store.status_code == 302

    assert requests.get(in_the_store.headers["Location"], timeout=PATIENCE_SECONDS).content == packed
    assert hub.request("HEAD", signed, auth=None).headers["Content-Length"] == str(len(packed))
    assert [each for each in (hub.data / "artifacts").rglob("*") if each.is_file()] == []


def test_downloads_pass_through_the_hub_where_clients_cannot_reach_the_store(
    bucket: Bucket, tmp_path: Path
) -> None:
    url = bucket.url(uuid4().hex, redirect="false")
    with running_hub(tmp_path / "data", storage_url=url, require_content_approval="false") as hub:
        hub.request("POST", "v3/namespaces/", json={"name": "acme", "groups": []}).raise_for_status()
        packed = collection()
        files = {"file": ("acme-tools-1.0.0.tar.gz", packed)}
        task = hub.request("POST", "v3/artifacts/collections/", files=files).json()["task"]
        hub.wait(task.rstrip("/").rpartition("/")[2])
        address = "v3/plugin/ansible/content/published/collections/artifacts/acme-tools-1.0.0.tar.gz"
        signed = hub.request("GET", address).headers["Location"].removeprefix(hub.url.rstrip("/"))

        whole = hub.request("GET", signed, auth=None)
        part = hub.request("GET", signed, auth=None, headers={"Range": "bytes=10-19"})

    assert whole.content == packed
    assert (part.status_code, part.content) == (206, packed[10:20])
