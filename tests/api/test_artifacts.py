"""Files that are stored for themselves: what is refused, and which ones nothing refers to."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from cartwheel.registry.models import Artifact, User

ARTIFACTS = "/api/automation-hub/pulp/api/v3/artifacts/"
CONTENT = b"some bytes"
NO_FILE = {"file": ["No file was submitted."]}
NOT_A_FILE = {"file": ["The submitted data was not a file. Check the encoding type on the form."]}

Client = Any


@pytest.fixture
def boss(admin: User, settings: Settings, tmp_path: Path) -> Client:
    settings.CONFIG = make.config(data=tmp_path)
    return make.api(admin)


def store(client: Client, content: bytes = CONTENT, **said: Any) -> Any:
    body = {"file": SimpleUploadedFile("x.bin", content), **said}
    return client.post(ARTIFACTS, body, format="multipart")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, NO_FILE),
        ({"size": 3}, NO_FILE),
        ({"file": "x", "bogus": 1}, NOT_A_FILE),
        ({"file": None}, {"file": ["This field may not be null."]}),
        ([1], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_a_body_without_a_file_is_told_so(boss: Client, body: Any, told: Any) -> None:
    answer = boss.post(ARTIFACTS, body, format="json")

    assert (answer.status_code, answer.json()) == (400, told)


def test_a_form_without_a_file_is_told_so(boss: Client) -> None:
    answer = boss.post(ARTIFACTS, "file=text", content_type="application/x-www-form-urlencoded")

    assert (answer.status_code, answer.json()) == (400, NOT_A_FILE)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"size": "2"}, {"non_field_errors": ["The size did not match actual size of file."]}),
        ({"size": "x"}, {"size": ["A valid integer is required."]}),
        ({"sha256": "0" * 64}, {"non_field_errors": ["The sha256 checksum did not match."]}),
        ({"sha512": "0" * 128}, {"non_field_errors": ["The sha512 checksum did not match."]}),
        ({"sha256": ""}, {"non_field_errors": ["The sha256 checksum did not match."]}),
        (
            {"md5": "0" * 32},
            {"non_field_errors": ["Checksum algorithms ['md5'] forbidden for this Pulp instance."]},
        ),
        ({"bogus": "1"}, {"bogus": ["Unexpected field"]}),
    ],
)
def test_what_is_said_of_a_file_must_be_so(boss: Client, said: Any, told: Any) -> None:
    answer = store(boss, **said)

    assert (answer.status_code, answer.json(), Artifact.objects.count()) == (400, told, 0)


def test_the_same_file_is_not_stored_twice(boss: Client) -> None:
    sha256 = hashlib.sha256(CONTENT).hexdigest()

    first = store(boss, size=str(len(CONTENT)), sha256=sha256.upper())
    again = store(boss)

    assert (first.status_code, again.status_code) == (201, 400)
    assert again.json() == {
        "non_field_errors": [f"Artifact with sha256 checksum of '{sha256}' already exists."]
    }
    assert boss.get(first["Location"]).status_code == 200


def test_an_empty_file_is_a_file(boss: Client) -> None:
    answer = store(boss, b"")

    assert (answer.status_code, answer.json()["size"]) == (201, 0)


def test_files_that_nothing_refers_to_are_found_by_how_long_that_is_so(boss: Client) -> None:
    make.placed(make.repository())
    new, old = (store(boss, each).json()["pulp_href"] for each in (b"new", b"old"))
    Artifact.objects.filter(pk=old.split("/")[-2]).update(updated_at=timezone.now() - timedelta(hours=1))

    def found(minutes: str) -> set[str]:
        return {
            each["pulp_href"] for each in boss.get(f"{ARTIFACTS}?orphaned_for={minutes}").json()["results"]
        }

    assert (found("0"), found("30"), found("90")) == ({new, old}, {old}, set())
    assert boss.get(f"{ARTIFACTS}?orphaned_for=x").json() == {"orphaned_for": ["Enter a number."]}


def test_a_file_is_stored_for_itself(boss: Client, bob: User) -> None:
    answer = store(boss, b"bytes")

    assert (answer.status_code, answer.json()["size"]) == (201, 5)
    assert boss.get(answer["Location"]).json() == answer.json()
    assert store(boss, b"other", sha256="0" * 64).status_code == 400
    assert store(make.api(bob)).status_code == 403


def test_a_file_goes_unless_it_is_a_collections(boss: Client) -> None:
    loose = store(boss, b"bytes")["Location"]
    used = f"{ARTIFACTS}{make.placed(make.repository()).artifact_id}/"

    assert (boss.delete(loose).status_code, boss.get(loose).status_code) == (204, 404)
    refused = boss.delete(used)
    assert (refused.status_code, boss.get(used).status_code) == (409, 200)
    assert "is the file of a collection version" in refused.json()["detail"]
