"""Downloads: a signed address leads to the file, or to a part of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import make
import pytest
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings
from storages import drop_file, write_file

from cartwheel.api import signed_links
from cartwheel.registry.models import Collection, CollectionVersion, User
from cartwheel.registry.repositories import change_contents

CONTENT = b"0123456789"
ARTIFACTS = "/api/automation-hub/v3/plugin/ansible/content/published/collections/artifacts/"


@pytest.fixture
def tools(db: None, settings: Settings, tmp_path: Path) -> CollectionVersion:
    """acme.tools 1.0.0 in published, with a file of ten bytes."""
    settings.CONFIG = make.config(data=tmp_path)
    made = make.placed(make.served())
    made.artifact.size = len(CONTENT)
    made.artifact.save()
    write_file(made.artifact, CONTENT)
    return made


def link(user: User, filename: str = "acme-tools-1.0.0.tar.gz") -> str:
    """The signed address that a download leads to, without the host."""
    location = urlsplit(make.api(user).get(f"{ARTIFACTS}{filename}")["Location"])
    return f"{location.path}?{location.query}"


def fetch(address: str, method: str = "GET", **headers: str) -> HttpResponseBase:
    """Ask as nobody in particular."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().generic(method, address, headers=named)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_whoever_has_the_signed_address_gets_the_file(tools: CollectionVersion, bob: User) -> None:
    answer = fetch(link(bob))

    assert answer.status_code == 200
    assert body(answer) == CONTENT
    assert answer["Content-Type"] == "application/gzip"
    assert answer["Content-Length"] == "10"
    assert answer["ETag"] == f'"{tools.artifact.sha256}"'
    assert answer["Content-Disposition"] == 'attachment; filename="acme-tools-1.0.0.tar.gz"'


def test_the_address_is_on_the_host_that_was_asked(tools: CollectionVersion, bob: User) -> None:
    answer = make.api(bob).get(f"{ARTIFACTS}acme-tools-1.0.0.tar.gz", headers={"Host": "hub.example:8080"})

    assert answer["Location"].startswith(
        "http://hub.example:8080/pulp/content/published/acme-tools-1.0.0.tar.gz?"
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda address: address.partition("?")[0],
        lambda address: address[:-1] + ("0" if address[-1] != "0" else "1"),
        lambda address: address.replace("expires=", "expires=9"),
        lambda address: address.replace("expires=", "expires=-"),
        lambda address: address.replace("tools-1.0.0", "tools-2.0.0"),
        lambda address: address.replace("/published/", "/staging/"),
        lambda address: address.replace("validate_token=", "validate_token=%FF"),
    ],
)
def test_an_address_that_was_changed_is_refused(tools: CollectionVersion, bob: User, spoil: Any) -> None:
    assert fetch(spoil(link(bob))).status_code == 403


def test_an_address_expires(tools: CollectionVersion, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_links, "VALID_SECONDS", -1)

    assert fetch(link(bob)).status_code == 403


@pytest.mark.parametrize(
    "filename",
    [
        "acme-tools-9.9.9.tar.gz",
        "acme-tools-1.0.0.zip",
        "acme-tools.tar.gz",
        "..%2F..%2Fsecret-key",
        "acme-tools-1.0.0.tar.gz%00",
        "acme-tools-1.0.0%0a.tar.gz",
        "ACME-tools-1.0.0.tar.gz",
        "%F0%9F%A6%84-tools-1.0.0.tar.gz",
    ],
)
def test_a_name_without_a_file_leads_to_nothing(tools: CollectionVersion, bob: User, filename: str) -> None:
    answer = make.api(bob).get(f"{ARTIFACTS}{filename}")
    if answer.status_code == 404:
        return  # no address of a file at all
    location = urlsplit(answer["Location"])

    assert fetch(f"{location.path}?{location.query}").status_code == 404


def test_a_version_that_was_removed_is_not_served_any_more(tools: CollectionVersion, bob: User) -> None:
    address = link(bob)
    change_contents(tools.placements.get().repository, remove=[tools])

    assert fetch(address).status_code == 404


def test_a_file_that_is_missing_from_the_store_is_not_found(tools: CollectionVersion, bob: User) -> None:
    drop_file(tools.artifact)

    assert fetch(link(bob)).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "part", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
        ("bytes=-100", CONTENT, "bytes 0-9/10"),
    ],
)
def test_a_part_is_served(
    tools: CollectionVersion, bob: User, wanted: str, part: bytes, content_range: str
) -> None:
    answer = fetch(link(bob), range=wanted)

    assert answer.status_code == 206
    assert body(answer) == part
    assert answer["Content-Range"] == content_range
    assert answer["Content-Length"] == str(len(part))


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_part_behind_the_end_is_refused(tools: CollectionVersion, bob: User, wanted: str) -> None:
    answer = fetch(link(bob), range=wanted)

    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */10"


@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=a-b"},
        {"range": "lines=1-2"},
        {"range": "bytes=-"},
        {"range": "bytes=5-2"},
        {"range": "bytes=0-1,3-4"},
        {"range": "bytes=0-1", "if_range": '"other"'},
    ],
)
def test_all_is_served_where_the_part_makes_no_sense(
    tools: CollectionVersion, bob: User, headers: dict[str, str]
) -> None:
    answer = fetch(link(bob), **headers)

    assert answer.status_code == 200
    assert body(answer) == CONTENT


def test_a_part_of_the_same_file_is_served(tools: CollectionVersion, bob: User) -> None:
    answer = fetch(link(bob), range="bytes=0-1", if_range=f'"{tools.artifact.sha256}"')

    assert body(answer) == b"01"


def test_what_the_client_has_already_is_not_sent_again(tools: CollectionVersion, bob: User) -> None:
    answer = fetch(link(bob), if_none_match=f'"{tools.artifact.sha256}"')

    assert answer.status_code == 304
    assert body(answer) == b""


@pytest.mark.parametrize("wanted", ["bytes=0-3", "bytes=99999999-"])
def test_nor_is_a_part_of_it(tools: CollectionVersion, bob: User, wanted: str) -> None:
    answer = fetch(link(bob), if_none_match=f'"other", W/"{tools.artifact.sha256}"', range=wanted)

    assert answer.status_code == 304


@pytest.mark.parametrize("wanted", ["bytes=0-3", "bytes=99999999-", ""])
def test_who_wants_to_go_on_with_another_file_is_told(
    tools: CollectionVersion, bob: User, wanted: str
) -> None:
    answer = fetch(link(bob), if_match=f'"other", W/"{tools.artifact.sha256}"', range=wanted)

    assert answer.status_code == 412
    assert body(answer) == b""


@pytest.mark.parametrize("match", ["*", '"other", {etag}'])
def test_who_wants_to_go_on_with_this_file_gets_it(tools: CollectionVersion, bob: User, match: str) -> None:
    etag = f'"{tools.artifact.sha256}"'

    assert body(fetch(link(bob), if_match=match.format(etag=etag), range="bytes=8-")) == b"89"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_file_can_only_be_read(tools: CollectionVersion, bob: User, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, link(bob))

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"


def test_head_tells_the_size_without_the_file(tools: CollectionVersion, bob: User) -> None:
    answer = fetch(link(bob), "HEAD")

    assert answer["Content-Length"] == "10"
    assert body(answer) == b""


def test_a_download_is_counted_once_however_many_parts_follow(tools: CollectionVersion, bob: User) -> None:
    body(fetch(link(bob)))
    body(fetch(link(bob), range="bytes=4-"))
    body(fetch(link(bob), "HEAD"))

    assert Collection.objects.get().download_count == 1


def test_a_refused_download_is_told_as_galaxys_clients_read_it(tools: CollectionVersion) -> None:
    answer = make.api().get(f"{ARTIFACTS}acme-tools-1.0.0.tar.gz")

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["status"], error["code"]) == (401, "401", "not_authenticated")
