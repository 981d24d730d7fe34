"""What was answered 202 survives killed processes and a full disk; nothing is ever half there."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import postgres
import pytest
import requests
from hub import Hub, running_hub
from patience import eventually
from processes import descendants, is_dead
from real_collections import Unavailable, real_collection
from small_collections import collection
from storages import AFTER_ALL

UPLOAD = "v3/artifacts/collections/"
VERSIONS = "pulp/api/v3/content/ansible/collection_versions/"
DISK_BYTES = 12 << 20
BLOCK = 4096  # bytes


def make_namespace(hub: Hub, name: str) -> None:
    hub.request("POST", "v3/namespaces/", json={"name": name, "groups": []})


def upload(hub: Hub, name: str, content: bytes) -> requests.Response:
    return hub.request("POST", UPLOAD, files={"file": (name, content)})


def task_of(answer: requests.Response) -> str:
    assert answer.status_code == 202, answer.text
    identifier: str = answer.json()["task"].split("/")[-2]
    return identifier


def stored(hub: Hub) -> list[str]:
    """Artifacts and uploads: files on the hub's disk, and what is in its object store if it has one."""
    here = [str(path) for path in (hub.data / "artifacts").rglob("*") if path.is_file()]
    url = hub.environ.get("CARTWHEEL_STORAGE_URL")
    if not url:
        return here
    from cartwheel.registry.object_store import ObjectStore

    return [*here, *ObjectStore(url).older("", AFTER_ALL)]


def held(hub: Hub) -> tuple[int, int]:
    """How many versions it has, and how many files."""
    return hub.get(VERSIONS)["count"], len(stored(hub))


# -- killed ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large() -> Path:
    """A collection whose import takes long enough to be killed in."""
    try:
        return real_collection("cisco.dnac")
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.mark.parametrize("moment", ["waiting", "running"])
def test_a_hub_that_is_killed_in_an_import_leaves_nothing_half_made(
    tmp_path: Path, large: Path, moment: str
) -> None:
    with running_hub(tmp_path / "data") as hub:
        make_namespace(hub, "cisco")
        task = task_of(upload(hub, large.name, large.read_bytes()))
        if moment == "running":
            hub.wait(task, "running", "completed")  # which it may be before one has looked
        kill_all(hub)

    with running_hub(tmp_path / "data") as hub:
        ended = hub.wait(task)
        expected = {"failed": 0, "completed": 1}[ended["state"]]
        eventually(lambda: held(hub) == (expected, expected), what="tidying up, which comes after the end")
        again = hub.wait(task_of(upload(hub, large.name, large.read_bytes())))

        assert again["state"] == "completed"
        assert held(hub) == (1, 1)


def kill_all(hub: Hub) -> None:
    """End every process of a hub at once, as a loss of power does."""
    processes = [hub.process.pid, *descendants(hub.process.pid)]
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)  # so that none can react to the end of another
    for pid in processes:
        os.kill(pid, signal.SIGKILL)
    hub.process.wait()
    for pid in processes:
        eventually(lambda pid=pid: is_dead(pid), what=f"the end of {pid}")  # type: ignore[misc]  # mypy knows no type of a default


# -- a full disk ----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of DISK_BYTES, with the database on it."""
    if postgres.is_wanted():
        pytest.skip("the database is elsewhere")
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)]
    done = subprocess.run(options, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path, *, leave: int) -> Path:
    """Fill a disk up to about so many bytes."""
    filler = disk / "filler"
    free = os.statvfs(disk)
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for _ in range((free.f_bavail * free.f_frsize - leave) // BLOCK):
            file.write(bytes(BLOCK))
    return filler


def test_an_upload_that_does_not_fit_is_refused_and_the_hub_goes_on(small_disk: Path) -> None:
    with running_hub(small_disk / "data") as hub:
        make_namespace(hub, "acme")
        before = stored(hub)

        refused = upload(hub, "acme-tools-1.0.0.tar.gz", os.urandom(2 * DISK_BYTES))

        assert refused.status_code == 507
        assert "disk is full" in refused.text
        assert stored(hub) == before
        fits = hub.wait(task_of(upload(hub, "acme-tools-1.0.0.tar.gz", collection())))
        assert fits["state"] == "completed"


@pytest.mark.parametrize("leave", [0, 16_384, 262_144], ids=["nothing", "a little", "some"])
def test_a_full_disk_costs_nothing_that_was_answered(small_disk: Path, leave: int) -> None:
    with running_hub(small_disk / "data") as hub:
        make_namespace(hub, "acme")
        first = hub.wait(task_of(upload(hub, "acme-tools-1.0.0.tar.gz", collection())))
        assert first["state"] == "completed"
        filler = fill(small_disk, leave=leave)

        told = [upload(hub, f"acme-t{n}-1.0.0.tar.gz", collection(name=f"t{n}")) for n in range(8)]
        assert {each.status_code for each in told} <= {202, 507}
        assert told[-1].status_code == 507
        assert "disk is full" in told[-1].text
        filler.unlink()

        ended = [hub.wait(task_of(each)) for each in told if each.status_code == 202]
        last = hub.wait(task_of(upload(hub, "acme-last-1.0.0.tar.gz", collection(name="last"))))
        assert last["state"] == "completed"
        completed = sum(each["state"] == "completed" for each in ended)
        eventually(lambda: held(hub) == (2 + completed, 2 + completed), what="tidying up")
