"""What is wrong is refused with one sentence, and the hub stays as it was."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from clients import Clients
from hub import Hub
from small_collections import collection, entry, info, member, tarball, with_members

NAME = "acme-tools-1.0.0.tar.gz"


@dataclass(frozen=True)
class Upload:
    """What is sent, and what is said to it: by the answer, or by the task that it started."""

    content: bytes
    says: str
    name: str = NAME
    status: int = 202
    form: dict[str, str] = field(default_factory=dict)


UPLOADS = {
    "no tarball": Upload(b"hello", "file could not be opened successfully:\n- method gz: ReadError('not a gzip file')"),
    "half a tarball": Upload(collection()[:-500], "The tarball is damaged: "),
    "another sha256": Upload(
        collection(),
        "[PLP0003] A file failed validation due to checksum. Expected "
        f"'{'0' * 64}', Actual '{hashlib.sha256(collection()).hexdigest()}'",
        form={"sha256": "0" * 64},
    ),
    "a name that is no collection's": Upload(
        collection(),
        "Invalid filename tools.tar.gz. Expected format: namespace-name-version.tar.gz",
        name="tools.tar.gz",
        status=400,
    ),
    "a name with a version that is none": Upload(
        collection(),
        "Invalid version string 1.0 from filename acme-tools-1.0.tar.gz. Expected semantic version format.",
        name="acme-tools-1.0.tar.gz",
        status=400,
    ),
    "a namespace that is not there": Upload(
        collection(), "Namespace in filename not found.", name="nobody-tools-1.0.0.tar.gz", status=404
    ),
    "another collection than its name says": Upload(
        collection(name="other"), 'Filename name "tools" did not match metadata "other"'
    ),
    "no manifest": Upload(tarball([member("README.md", b"# tools\n")]), "The tarball has no MANIFEST.json."),
    "a manifest that is no JSON": Upload(with_members(manifest=b"{"), "MANIFEST.json is no JSON: "),
    "a manifest without a version": Upload(
        with_members(manifest={"collection_info": info(version=None)}), "The version in MANIFEST.json is None"
    ),
    "a manifest that lies about FILES.json": Upload(
        with_members(manifest={"file_manifest_file": entry("FILES.json", b"another")}), "FILES.json has the sha256 "
    ),
    "a file that is not as FILES.json says": Upload(
        with_members(member("a.txt", b"one"), entries=[entry("a.txt", b"two")]), '"a.txt" has the sha256 '
    ),
    "a file that FILES.json does not list": Upload(
        with_members(member("a.txt", b"one")), '"a.txt" is in the tarball, but not in FILES.json.'
    ),
    "a listed file that is not there": Upload(
        with_members(entries=[entry("a.txt", b"one")]), 'FILES.json lists "a.txt", which is not in the tarball.'
    ),
    "a member that points outside": Upload(
        with_members(member("../evil", b"x")), 'The tarball holds "../evil", which points outside.'
    ),
    "an absolute member": Upload(
        with_members(member("/etc/evil", b"x")), 'The tarball holds "/etc/evil", which is an absolute path.'
    ),
    "a link to the outside": Upload(
        with_members(member("passwd", type=tarfile.SYMTYPE, linkname="../../etc/passwd")),
        '"passwd" is a link to "../../etc/passwd", which points outside.',
    ),
    "a device": Upload(
        with_members(member("null", type=tarfile.CHRTYPE)), '"null" is neither a file nor a folder.'
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def acme(hub: Hub) -> None:
    hub.request("POST", "v3/namespaces/", json={"name": "acme", "groups": []})


@pytest.fixture(autouse=True)
def the_hub_is_unchanged(hub: Hub, acme: None) -> Iterator[None]:
    before = holdings(hub)
    yield
    assert holdings(hub) == before


def holdings(hub: Hub) -> dict[str, Any]:
    """What a hub holds: versions, what its repositories show, files."""
    indexes = {
        name: hub.get(f"v3/plugin/ansible/content/{name}/collections/index/")["data"]
        for name in ("staging", "published")
    }
    store = hub.data / "artifacts"
    return {
        "versions": hub.get("pulp/api/v3/content/ansible/collection_versions/")["count"],
        "files": sorted(str(path) for path in store.rglob("*") if path.is_file()),
        **indexes,
    }


@pytest.mark.parametrize("upload", UPLOADS.values(), ids=UPLOADS.keys())
def test_a_bad_upload_is_refused_and_leaves_nothing(hub: Hub, upload: Upload) -> None:
    answer = hub.request(
        "POST",
        "v3/artifacts/collections/",
        files={"file": (upload.name, upload.content)},
        data=upload.form,
    )

    assert answer.status_code == upload.status
    if upload.status == 202:
        error = hub.wait(answer.json()["task"].split("/")[-2], "failed")["error"]
        sentence = error["description"]
    else:
        (error,) = answer.json()["errors"]
        sentence = error["detail"]
    assert sentence.startswith(upload.says)
    assert "Traceback" not in sentence


def test_a_form_without_a_file_is_refused(hub: Hub) -> None:
    answer = hub.request(
        "POST", "v3/artifacts/collections/", data={"sha256": "0" * 64}, files={"x": ("", b"")}
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": "file"}


def test_ansible_galaxy_tells_its_user_what_is_wrong(clients: Clients, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(with_members(member("../evil", b"x")))

    told = clients.ansible_galaxy("publish", path, expect=1).stderr

    assert 'Galaxy import process failed: The tarball holds "../evil", which points outside.' in told


def test_ansible_galaxy_tells_its_user_that_a_file_has_a_wrong_name(clients: Clients, tmp_path: Path) -> None:
    path = tmp_path / "tools.tar.gz"
    path.write_bytes(collection())

    told = clients.ansible_galaxy("publish", path, expect=1).stderr

    assert "Invalid filename tools.tar.gz. Expected format: namespace-name-version.tar.gz" in told
