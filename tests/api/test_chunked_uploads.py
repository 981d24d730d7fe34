"""Files that come in chunks: to be kept as they are, or to be imported as a collection."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from small_collections import collection
from storages import has_file, stored

from cartwheel.engine.models import Task
from cartwheel.registry import chunked_uploads
from cartwheel.registry.imports import UploadGone, WrongDigest
from cartwheel.registry.models import Artifact, ChunkedUpload, CollectionVersion, User
from cartwheel.registry.repositories import contents

ROOT = "/api/automation-hub/pulp/api/v3/"
UPLOADS = f"{ROOT}uploads/"
VERSIONS = f"{ROOT}content/ansible/collection_versions/"
CONTENT = b"0123456789"

Client = Any


@pytest.fixture
def boss(admin: User, settings: Settings, tmp_path: Path) -> Client:
    settings.CONFIG = make.config(data=tmp_path)
    return make.api(admin)


@pytest.fixture
def publisher(boss: Client, alice: User) -> Client:
    make.grant(alice, "galaxy.upload_to_namespace", on=make.namespace("acme"))
    return make.api(alice)


def begin(client: Client, size: int = len(CONTENT)) -> str:
    answer = client.post(UPLOADS, {"size": size}, format="json")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["pulp_href"])


def send(
    client: Client, upload: str, content: bytes, start: int, said: str | None = None, **form: str
) -> Any:
    """Send a chunk; `said` is another range than its own."""
    told = said or f"bytes {start}-{start + len(content) - 1}/*"
    body = {**form, "file": SimpleUploadedFile("file", content)}
    return client.put(upload, body, format="multipart", headers={"content-range": told})


def send_all(client: Client, content: bytes, size: int = 4) -> str:
    """An upload that is complete."""
    upload = begin(client, len(content))
    starts = range(0, len(content), size)
    for start in reversed(starts):
        assert send(client, upload, content[start : start + size], start).status_code == 200
    return upload


def task_of(answer: Any) -> Task:
    assert answer.status_code == 202, answer.content
    return Task.objects.get(pk=answer.json()["task"].split("/")[-2])


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# -- sending ----------------------------------------------------------------------------------------


def test_an_upload_is_begun_filled_and_shown(boss: Client) -> None:
    begun = boss.post(UPLOADS, {"size": 10}, format="json")
    href = begun["Location"]

    sent = send(boss, href, CONTENT[4:], 4, sha256=sha256(CONTENT[4:]).upper())
    shown = boss.get(href).json()

    assert begun.status_code == 201
    assert begun.json()["prn"] == f"prn:core.upload:{href.split('/')[-2]}"
    assert (sent.status_code, sent.json()["size"], list(sent.json())) == (200, 10, list(begun.json()))
    assert shown == sent.json() | {"chunks": [{"offset": 4, "size": 6}]}
    assert boss.get(f"{UPLOADS}?size__gt=9&size__range=1,10").json()["results"] == [sent.json()]
    assert boss.get(f"{UPLOADS}?size__lt=10").json()["count"] == 0


def test_a_chunk_that_is_sent_again_takes_the_place_of_the_first(boss: Client) -> None:
    upload = begin(boss)
    send(boss, upload, b"xxxx", 0)

    send(boss, upload, CONTENT, 0)

    assert boss.get(upload).json()["chunks"] == [{"offset": 0, "size": 10}]
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("start", "content", "said", "form", "problem"),
    [
        (4, b"45", "bytes 4-6/10", {}, {"non_field_errors": ["Chunk size does not match content range."]}),
        (8, b"8910", None, {}, {"non_field_errors": ["End byte is greater than upload size."]}),
        (4, b"4", "4-4", {}, {"non_field_errors": ["Invalid or missing content range header."]}),
        (4, b"4", "bytes -4-4/10", {}, {"non_field_errors": ["Invalid or missing content range header."]}),
        (4, b"4", f"bytes {'9' * 5000}-4/1", {}, {"non_field_errors": ["Invalid or missing content range header."]}),
        (4, b"4", None, {"sha256": "0" * 64}, ["Checksum does not match chunk upload."]),
        (4, b"", "bytes 4-3/10", {}, {"file": ["The submitted file is empty."]}),
        (1, b"12", None, {}, {"non_field_errors": ["There are 4 bytes from 0 already. Chunks must not overlap."]}),
        (5, b"567", None, {}, {"non_field_errors": ["There are 4 bytes from 6 already. Chunks must not overlap."]}),
    ],
)  # fmt: skip
def test_a_chunk_that_does_not_fit_is_refused_and_not_kept(
    boss: Client, start: int, content: bytes, said: str | None, form: dict[str, str], problem: Any
) -> None:
    upload = begin(boss)
    send(boss, upload, CONTENT[:4], 0)
    send(boss, upload, CONTENT[6:], 6)

    answer = send(boss, upload, content, start, said, **form)

    assert (answer.status_code, answer.json()) == (400, problem)
    assert len(stored()) == 2


def test_there_are_only_so_many_chunks(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunked_uploads, "CHUNKS_LIMIT", 2)
    upload = begin(boss)

    told = [send(boss, upload, CONTENT[each : each + 1], each).status_code for each in (0, 1, 2, 1)]

    assert told == [200, 200, 400, 200]
    assert len(stored()) == 2


@pytest.mark.parametrize(
    "body", [{}, {"size": 0}, {"size": -1}, {"size": "x"}, {"size": 10**30}, {"size": 1, "x": 1}, [], None]
)
def test_an_upload_of_no_size_is_not_begun(boss: Client, body: Any) -> None:
    assert boss.post(UPLOADS, body, format="json").status_code == 400


def test_an_upload_is_as_large_as_a_request_at_most(boss: Client, settings: Settings) -> None:
    settings.CONFIG = replace(settings.CONFIG, upload_limit_mb=1)

    answer = boss.post(UPLOADS, {"size": (1 << 20) + 1}, format="json")

    assert (answer.status_code, answer.json()) == (400, {"size": ["At most 1 MiB can be uploaded."]})
    assert boss.post(UPLOADS, {"size": 1 << 20}, format="json").status_code == 201


def test_what_is_no_form_is_no_chunk(boss: Client) -> None:
    upload = begin(boss)

    assert boss.put(upload, {"sha256": "x"}, format="multipart").json() == {
        "file": ["No file was submitted."]
    }
    assert boss.put(upload, {"file": "x"}, format="multipart").status_code == 400
    assert boss.put(upload, {"file": "x"}, format="json").status_code == 415


def test_an_upload_that_is_given_up_leaves_nothing(boss: Client) -> None:
    upload = begin(boss)
    send(boss, upload, CONTENT, 0)

    assert (boss.delete(upload).status_code, boss.get(upload).status_code) == (204, 404)
    assert stored() == []
    assert send(boss, upload, CONTENT, 0).status_code == 404
    assert boss.get(f"{UPLOADS}nonsense/").status_code == 404


def test_an_upload_is_its_makers_alone(boss: Client, publisher: Client, bob: User) -> None:
    theirs = begin(publisher)
    make.grant(bob, "galaxy.upload_to_namespace")
    other = make.api(bob)

    assert other.get(UPLOADS).json()["count"] == 0
    assert [other.get(theirs).status_code, other.delete(theirs).status_code] == [404, 404]
    assert send(other, theirs, CONTENT, 0).status_code == 404
    assert other.post(VERSIONS, {"upload": theirs}, format="json").json() == {
        "upload": ["Invalid hyperlink - Object does not exist."]
    }
    assert [each.get(UPLOADS).json()["count"] for each in (publisher, boss)] == [1, 1]


def test_nobody_sends_who_may_publish_nothing(boss: Client, bob: User) -> None:
    assert make.api(bob).post(UPLOADS, {"size": 1}, format="json").status_code == 403
    make.grant(bob, "galaxy.change_namespace")
    assert make.api(bob).post(UPLOADS, {"size": 1}, format="json").status_code == 403
    make.grant(bob, "galaxy.upload_to_namespace")
    assert make.api(bob).post(UPLOADS, {"size": 1}, format="json").status_code == 201


# -- to be kept as it is ------------------------------------------------------------------------------


def commit(client: Client, upload: str, said: str = sha256(CONTENT)) -> Any:
    return client.post(f"{upload}commit/", {"sha256": said}, format="json")


def test_an_upload_becomes_an_artifact(boss: Client) -> None:
    upload = send_all(boss, CONTENT)

    task = make.perform(task_of(commit(boss, upload)))

    artifact = Artifact.objects.get()
    assert task.name == "pulpcore.app.tasks.upload.commit"
    assert f"prn:core.upload:{upload.split('/')[-2]}" in (task.reserved_resources_record or [])
    assert [each.path for each in task.created_resources.all()] == [f"artifacts/{artifact.pk}/"]
    assert (artifact.sha256, artifact.size, has_file(artifact)) == (sha256(CONTENT), 10, True)
    assert (len(stored()), boss.get(upload).status_code) == (1, 404)


def test_another_file_than_was_sent_is_not_kept(boss: Client) -> None:
    upload = send_all(boss, CONTENT)
    task = task_of(commit(boss, upload, "0" * 64))

    with pytest.raises(WrongDigest, match=r"Expected '0000"):
        make.perform(task)

    assert not Artifact.objects.exists()
    assert len(stored()) == len(boss.get(upload).json()["chunks"]) == 3


def test_an_upload_becomes_an_artifact_once(boss: Client) -> None:
    upload = send_all(boss, CONTENT)
    first, second = (task_of(commit(boss, upload)) for _ in range(2))
    make.perform(first)

    with pytest.raises(UploadGone):
        make.perform(second)


def test_an_upload_that_is_not_complete_becomes_nothing(boss: Client) -> None:
    upload = begin(boss)
    send(boss, upload, CONTENT[:7], 0)

    for answer in (commit(boss, upload), boss.post(VERSIONS, {"upload": upload}, format="json")):
        assert answer.status_code == 400
        assert answer.json() == {"detail": "Only 7 of 10 bytes are here. Send the rest."}
    assert not Task.objects.exists()


@pytest.mark.parametrize("body", [{}, {"sha256": None}, {"sha256": "x" * 5000}, {"sha256": "x", "y": 1}, []])
def test_a_commit_that_is_not_understood_is_refused(boss: Client, body: Any) -> None:
    answer = boss.post(f"{send_all(boss, CONTENT)}commit/", body, format="json")

    assert answer.status_code == 400


def test_only_superusers_store_files_for_themselves(publisher: Client) -> None:
    assert commit(publisher, send_all(publisher, CONTENT)).status_code == 403


# -- to be imported -----------------------------------------------------------------------------------


def test_a_collection_comes_in_chunks(publisher: Client, alice: User) -> None:
    mine = make.repository("mine")
    make.grant(alice, "ansible.modify_ansible_repo_content", on=mine)
    upload = send_all(publisher, collection(), 1000)

    task = task_of(
        publisher.post(VERSIONS, {"upload": upload, "repository": f"{ROOT}{mine.path}"}, format="json")
    )
    make.perform(task)
    make.perform(task.child_tasks.get())

    made = CollectionVersion.objects.get()
    assert (str(made), list(contents(mine))) == ("acme.tools 1.0.0", [made])
    assert has_file(made.artifact)
    assert (len(stored()), ChunkedUpload.objects.count()) == (1, 0)


@pytest.mark.parametrize("format_", ["json", "multipart"])
def test_a_collection_is_made_of_an_artifact(boss: Client, format_: str) -> None:
    make.namespace("acme")
    upload = send_all(boss, collection(), 1000)
    make.perform(task_of(commit(boss, upload, sha256(collection()))))
    artifact = Artifact.objects.get()
    body = {"artifact": f"{ROOT}artifacts/{artifact.pk}/", "expected_name": "tools"}

    make.perform(task_of(boss.post(VERSIONS, body, format=format_)))

    assert CollectionVersion.objects.get().artifact == artifact
    assert (has_file(artifact), len(stored())) == (True, 1)


def test_an_artifact_whose_file_is_lost_is_not_imported(boss: Client) -> None:
    artifact = make.version().artifact  # only a row
    answer = boss.post(VERSIONS, {"artifact": f"prn:core.artifact:{artifact.pk}"}, format="json")

    assert (answer.status_code, answer.json()) == (
        400,
        {"artifact": ["Its file is lost. Send the file itself."]},
    )


def test_nobody_takes_a_file_that_they_may_not_know(publisher: Client, boss: Client) -> None:
    hidden = make.placed(make.repository("secret", private=True)).artifact

    answer = publisher.post(VERSIONS, {"artifact": f"{ROOT}artifacts/{hidden.pk}/"}, format="json")

    assert answer.json() == {"artifact": ["Invalid hyperlink - Object does not exist."]}


def test_what_cannot_be_imported_can_still_be_tried_again(publisher: Client) -> None:
    foreign = send_all(publisher, collection(namespace="foreign"), 1000)
    nonsense = send_all(publisher, CONTENT)
    before = stored()
    told = {
        foreign: (404, {"detail": "Namespace in filename not found."}),
        nonsense: (400, None),
    }

    for upload, (status, problem) in told.items():
        answer = publisher.post(VERSIONS, {"upload": upload}, format="json")

        assert answer.status_code == status, answer.content
        assert problem is None or answer.json() == problem
        assert publisher.get(upload).status_code == 200
    assert not Task.objects.exists()
    assert stored() == before


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ({"expected_version": "2.0.0"}, {"expected_version": ["The file is of version 1.0.0, not 2.0.0."]}),
        (
            {"artifact": f"{ROOT}artifacts/{uuid4()}/"},
            {"artifact": ["Invalid hyperlink - Object does not exist."]},
        ),
        ({"upload": "x"}, {"upload": ["Invalid hyperlink - No URL match."]}),
        ({"upload": [1]}, {"upload": ["Incorrect type. Expected URL string, received list."]}),
        (
            {"file": "x"},
            {"file": ["The submitted data was not a file. Check the encoding type on the form."]},
        ),
    ],
    ids=lambda each: next(iter(each)),
)
def test_what_is_said_of_an_upload_must_be_right(boss: Client, extra: dict[str, Any], problem: Any) -> None:
    make.namespace("acme")
    upload = send_all(boss, collection(), 1000)

    answer = boss.post(VERSIONS, {"upload": upload} | extra, format="json")

    assert (answer.status_code, answer.json()) == (400, problem)


def test_a_collection_comes_in_one_way_only(boss: Client) -> None:
    form = {"file": SimpleUploadedFile("acme-tools-1.0.0.tar.gz", collection()), "upload": begin(boss)}

    answer = boss.post(VERSIONS, form, format="multipart")

    assert answer.status_code == 400
    assert answer.json() == {"non_field_errors": ["Exactly one of file, upload, artifact must be specified."]}


def test_the_methods_of_uploads_are_told_as_on_the_real_hub(boss: Client) -> None:
    upload = begin(boss)

    told = [boss.get(each)["Allow"] for each in (UPLOADS, upload)]

    assert told == ["GET, POST, HEAD", "GET, PUT, DELETE, HEAD"]
    assert boss.options(upload).status_code == 403
