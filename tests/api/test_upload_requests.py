"""Uploads over HTTP, with bodies byte for byte as the clients send them."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import make
import pytest
from ansible.module_utils.urls import prepare_multipart
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.response import Response
from small_collections import collection
from storages import stored

from cartwheel.engine.models import Task
from cartwheel.registry.artifacts import open_upload
from cartwheel.registry.models import CollectionImport, User

ROOT = "/api/automation-hub/"
UPLOAD = f"{ROOT}v3/artifacts/collections/"
TOOLS = "acme-tools-1.0.0.tar.gz"
PACKED = collection()
SHA256 = hashlib.sha256(PACKED).hexdigest()
BOUNDARY = "--------------------------8f2e53b5d2494b7f8b9a5f0d8a3c2b1e"


@pytest.fixture
def owner(alice: User, settings: Settings, tmp_path: Path) -> User:
    """Alice, who may upload to acme, on a hub with staging and published."""
    settings.CONFIG = make.config(data=tmp_path)
    make.served("staging", labels={"pipeline": "staging"})
    make.served("published", labels={"pipeline": "approved"})
    make.grant(alice, "galaxy.upload_to_namespace", on=make.namespace("acme"))
    return alice


def galaxykit_body(sha256: bytes | None = SHA256.encode(), filename: str | None = TOOLS) -> bytes:
    """No blank line in the first part, "file" for a disposition in the second, no line break at the end."""
    boundary = f"--{BOUNDARY}".encode()
    named = b'; filename="%s"' % filename.encode() if filename else b""
    lines = [] if sha256 is None else [boundary, b'Content-Disposition: form-data; name="sha256"', sha256]
    lines += [
        boundary,
        b'Content-Disposition: file; name="file"' + named,
        b"Content-Type: application/octet-stream",
        b"",
        PACKED,
        boundary + b"--",
    ]
    return b"\r\n".join(lines)


def post(user: User | None, body: bytes, content_type: str, path: str = UPLOAD) -> Any:
    return make.api(user).post(path, body, content_type=content_type)


def form(user: User | None, path: str = UPLOAD, filename: str = TOOLS, **fields: str) -> Any:
    """Send what a browser sends."""
    file = SimpleUploadedFile(filename, PACKED, "application/gzip")
    return make.api(user).post(path, {"file": file, **fields}, format="multipart")


def arrived(answer: Response) -> Task:
    """The import that an answer names, once it is sure that the file has arrived whole."""
    assert answer.status_code == 202, answer.data
    task = Task.objects.get()
    assert answer.data == {"task": f"{ROOT}content/staging/v3/plugin/ansible/imports/collections/{task.pk}/"}
    with open_upload(task.pk) as kept:
        assert kept.read() == PACKED
    return task


def sha256_of(task: Task) -> str:
    """What the client said that the file's digest is."""
    said: str = task.args[3]
    return said


def test_the_body_of_ansible_galaxy_is_understood(owner: User, tmp_path: Path) -> None:
    path = tmp_path / TOOLS
    path.write_bytes(PACKED)
    content_type, body = prepare_multipart(
        {"sha256": SHA256, "file": {"filename": str(path), "mime_type": "application/octet-stream"}}
    )
    assert b"Content-Transfer-Encoding: base64" in body

    task = arrived(post(owner, body, content_type))

    assert sha256_of(task) == SHA256


def test_the_body_of_galaxykit_is_understood(owner: User) -> None:
    answer = post(owner, galaxykit_body(), f"multipart/form-data; boundary={BOUNDARY}")

    assert sha256_of(arrived(answer)) == SHA256


def test_the_body_of_galaxykit_without_a_digest_is_understood(owner: User) -> None:
    answer = post(owner, galaxykit_body(sha256=None), f"multipart/form-data; boundary={BOUNDARY}")

    assert sha256_of(arrived(answer)) == ""


def test_the_body_of_a_browser_is_understood(owner: User) -> None:
    assert sha256_of(arrived(form(owner))) == ""


def test_the_digest_may_come_after_the_file(owner: User) -> None:
    assert sha256_of(arrived(form(owner, sha256=SHA256))) == SHA256


@pytest.mark.parametrize(
    "path",
    [
        "v3/artifacts/collections/",
        "content/staging/v3/artifacts/collections/",
        "content/published/v3/artifacts/collections/",
        "v3/plugin/ansible/content/staging/collections/artifacts/",
        "v3/plugin/ansible/content/published/collections/artifacts/",
        "content/published/v3/plugin/ansible/content/staging/collections/artifacts/",
    ],
)
def test_every_address_for_uploads_takes_them_to_staging(owner: User, path: str) -> None:
    arrived(form(owner, f"{ROOT}{path}"))


def error(status: int, code: str, title: str, detail: str | None = None, field: str | None = None) -> Any:
    entry: dict[str, Any] = {"status": str(status), "code": code, "title": title}
    if detail:
        entry["detail"] = detail
    if field:
        entry["source"] = {"parameter": field}
    return {"errors": [entry]}


def test_a_wrong_file_name_is_refused(owner: User) -> None:
    answer = form(owner, filename="bad.tar.gz")

    assert answer.status_code == 400
    assert answer.data == error(
        400,
        "invalid",
        "Invalid input.",
        "Invalid filename bad.tar.gz. Expected format: namespace-name-version.tar.gz",
        "filename",
    )
    assert stored() == []


def test_strangers_cannot_upload(owner: User, bob: User) -> None:
    answer = form(bob)

    assert answer.status_code == 403
    assert answer.data == error(
        403, "permission_denied", "You do not have permission to perform this action."
    )
    assert stored() == []
    assert not CollectionImport.objects.exists()


def test_nobody_uploads_without_signing_in(owner: User) -> None:
    answer = form(None)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Session"
    assert answer.data == error(401, "not_authenticated", "Authentication credentials were not provided.")


@pytest.mark.parametrize(
    ("path", "filename", "detail"),
    [
        ("v3/artifacts/collections/", "nope-tools-1.0.0.tar.gz", "Namespace in filename not found."),
        ("content/inbound-acme/v3/artifacts/collections/", TOOLS, "Distribution does not exist."),
    ],
)
def test_what_does_not_exist_is_not_found(owner: User, path: str, filename: str, detail: str) -> None:
    answer = form(owner, f"{ROOT}{path}", filename)

    assert answer.status_code == 404
    assert answer.data == error(404, "not_found", "Not found.", detail)


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_only_multipart_is_taken(owner: User, content_type: str) -> None:
    answer = post(owner, b"{}", content_type)

    assert answer.status_code == 415
    title = 'Unsupported media type "{media_type}" in request.'
    detail = f'Unsupported media type "{content_type}" in request.'
    assert answer.data == error(415, "unsupported_media_type", title, detail)


def test_a_form_without_a_file_is_refused(owner: User) -> None:
    file = SimpleUploadedFile("x.txt", b"abc")

    answer = make.api(owner).post(UPLOAD, {"notfile": file}, format="multipart")

    assert answer.status_code == 400
    assert answer.data == error(400, "required", "Invalid input.", "No file was submitted.", "file")
    assert stored() == []


@pytest.mark.parametrize("path", [UPLOAD, f"{ROOT}pulp/api/v3/content/ansible/collection_versions/"])
def test_an_empty_file_is_refused(owner: User, path: str) -> None:
    file = SimpleUploadedFile(TOOLS, b"", "application/gzip")

    answer = make.api(owner).post(path, {"file": file}, format="multipart")

    assert answer.status_code == 400, answer.data
    assert "The submitted file is empty." in str(answer.data)
    assert stored() == []


def test_a_file_without_a_name_is_refused(owner: User) -> None:
    answer = post(owner, galaxykit_body(filename=None), f"multipart/form-data; boundary={BOUNDARY}")

    assert answer.status_code == 400
    detail = "The submitted data was not a file. Check the encoding type on the form."
    assert answer.data == error(400, "invalid", "Invalid input.", detail, "file")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data"),
        (b"", "multipart/form-data; boundary="),
        (galaxykit_body(), "multipart/form-data; boundary=another"),
        (galaxykit_body()[:700], f"multipart/form-data; boundary={BOUNDARY}"),
        (
            b"--b\r\nContent-Disposition: form-data; name=file; filename=%s\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n%s!\r\n--b--\r\n"
            % (TOOLS.encode(), base64.b64encode(PACKED)[:-3]),
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_a_broken_body_is_refused_and_leaves_nothing(owner: User, body: bytes, content_type: str) -> None:
    answer = post(owner, body, content_type)

    assert answer.status_code == 400
    assert answer.data["errors"][0]["code"] in ("parse_error", "required")
    assert stored() == []
    assert not Task.objects.exists()
