"""Syncs by real workers: from another hub, stopped, and killed on the way."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hub import PASSWORD, Hub, running_hub
from patience import PATIENCE_SECONDS, eventually
from small_collections import collection
from upstream import Asked, Upstream, running_upstream

REMOTES = "pulp/api/v3/remotes/ansible/collection/"
REPOSITORIES = "pulp/api/v3/repositories/ansible/ansible/"
FILES = 8  # versions that the scripted server has


def made(hub: Hub, path: str, **given: Any) -> str:
    """Make something; gives its address."""
    answer = hub.request("POST", path, json={"name": f"n{uuid4().hex[:10]}", **given})
    assert answer.status_code == 201, answer.text
    href: str = answer.json()["pulp_href"]
    return href


def start(hub: Hub, repository: str, remote: str, **options: Any) -> str:
    """Start a sync; gives the task's id."""
    answer = hub.request("POST", f"{repository}sync/", json={"remote": remote, **options})
    assert answer.status_code == 202, answer.text
    task: str = answer.json()["task"]
    return task.rstrip("/").rpartition("/")[2]


def count(hub: Hub, repository: str) -> int:
    """Versions in the latest version of a repository."""
    latest = hub.get(hub.get(repository)["latest_version_href"])
    summary = latest["content_summary"]["present"].get("ansible.collection_version", {"count": 0})
    number: int = summary["count"]
    return number


def done(hub: Hub, task: str) -> int:
    reports = hub.task(task)["progress_reports"]
    return sum(each["done"] for each in reports if each["code"] == "sync.downloading.artifacts")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server with some versions, of names that no other test has."""
    with running_upstream() as started:
        name = f"n{uuid4().hex[:10]}.tools"
        for number in range(FILES):
            started.add(name, f"1.{number}.0")
        yield started


@pytest.fixture
def gate(upstream: Upstream) -> threading.Event:
    """Until it is set, the server gives only half of its files; who asks for others has to wait."""
    opened, given = threading.Event(), iter(range(FILES // 2))

    def answer(asked: Asked) -> None:
        if next(given, None) is None:
            opened.wait(PATIENCE_SECONDS)
        said = upstream.answer(asked.path, {})
        assert isinstance(said, bytes)
        asked.give(said)

    upstream.instead["/files/"] = answer
    return opened


def test_a_hub_syncs_from_another_hub(hub: Hub, tmp_path: Path) -> None:
    namespace = f"n{uuid4().hex[:10]}"
    with running_hub(tmp_path / "other", require_content_approval="false") as other:
        other.request("POST", "v3/namespaces/", json={"name": namespace, "groups": []}).raise_for_status()
        for version in ("1.0.0", "1.1.0"):
            packed = collection(namespace=namespace, version=version)
            files = {"file": (f"{namespace}-tools-{version}.tar.gz", packed)}
            task = other.request("POST", "v3/artifacts/collections/", files=files).json()["task"]
            other.wait(task.rstrip("/").rpartition("/")[2])
        token = other.request("POST", "v3/auth/token/").json()["token"]
        url = f"{other.api}content/published/"
        by_token = made(hub, REMOTES, url=url, token=token)
        by_password = made(hub, REMOTES, url=url, username="admin", password=PASSWORD)
        repository = made(hub, REPOSITORIES, remote=by_token)

        first = hub.wait(start(hub, repository, by_token))
        again = hub.wait(start(hub, repository, by_token))
        other_way = hub.wait(start(hub, repository, by_password))

    assert [each["state"] for each in (first, again, other_way)] == ["completed"] * 3, first["error"]
    assert count(hub, repository) == 2
    assert first["result"] == hub.get(f"{repository}versions/1/")
    assert first["result"]["content_summary"]["added"]["ansible.collection_version"]["count"] == 2
    assert [each["code"] for each in again["progress_reports"]] == ["sync.no_change"]
    assert (again["result"], other_way["result"]) == (None, None)
    assert hub.get(repository)["last_sync_task"]["state"] == "completed"
    assert hub.get(by_token)["last_sync_task"]["state"] == "completed"


def test_a_killed_sync_goes_on_with_what_it_has(hub: Hub, upstream: Upstream, gate: threading.Event) -> None:
    remote = made(hub, REMOTES, url=upstream.url, download_concurrency=2)
    repository = made(hub, REPOSITORIES)
    task = start(hub, repository, remote)
    eventually(lambda: done(hub, task) == FILES // 2, what="half of the files")
    had = {path for path in upstream.asked if path.startswith("/files/")}

    os.kill(hub.process_of(task), signal.SIGKILL)
    gate.set()

    ended = hub.wait(task)
    assert ended["state"] == "completed", ended["error"]
    assert ended["attempt"] == 2
    assert count(hub, repository) == FILES
    twice = {path for path, times in upstream.asked.items() if path in had and times > 1}
    assert len(twice) <= 2  # those that were on their way
    assert upstream.files_asked_for <= FILES + 2


def test_a_sync_whose_whole_hub_was_killed_goes_on_with_what_it_has(
    tmp_path: Path, upstream: Upstream, gate: threading.Event
) -> None:
    with running_hub(tmp_path / "data") as hub:
        remote = made(hub, REMOTES, url=upstream.url, download_concurrency=2)
        repository = made(hub, REPOSITORIES)
        task = start(hub, repository, remote)
        eventually(lambda: done(hub, task) == FILES // 2, what="half of the files")
        hub.kill()
    gate.set()

    with running_hub(tmp_path / "data") as hub:
        ended = hub.wait(task)
        placed = count(hub, repository)

    assert ended["state"] == "completed", ended["error"]
    assert placed == FILES
    assert upstream.files_asked_for <= FILES + 2


def test_a_stopped_sync_ends_at_once_and_the_next_goes_on(
    hub: Hub, upstream: Upstream, gate: threading.Event
) -> None:
    remote = made(hub, REMOTES, url=upstream.url, download_concurrency=2)
    repository = made(hub, REPOSITORIES)
    task = start(hub, repository, remote)
    eventually(lambda: done(hub, task) == FILES // 2, what="half of the files")

    hub.request("PATCH", f"pulp/api/v3/tasks/{task}/", json={"state": "canceled"})
    ended = hub.wait(task)
    at_the_stop = count(hub, repository)
    gate.set()
    again = hub.wait(start(hub, repository, remote))

    assert ended["state"] == "canceled"
    assert at_the_stop == 0
    assert again["state"] == "completed", again["error"]
    assert count(hub, repository) == FILES
    assert upstream.files_asked_for <= FILES + 2


def test_the_same_is_synced_into_several_repositories_at_once(hub: Hub, upstream: Upstream) -> None:
    remote = made(hub, REMOTES, url=upstream.url)
    repositories = [made(hub, REPOSITORIES) for _ in range(4)]

    tasks = [start(hub, each, remote) for each in repositories]

    ended = [hub.wait(each) for each in tasks]
    assert [each["state"] for each in ended] == ["completed"] * 4, [each["error"] for each in ended]
    assert [count(hub, each) for each in repositories] == [FILES] * 4
