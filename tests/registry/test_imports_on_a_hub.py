"""Imports by real workers: at the same time, stopped, and killed on the way."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hub import Hub
from patience import eventually
from small_collections import collection, info

UPLOAD = "v3/artifacts/collections/"


@pytest.fixture
def namespace(hub: Hub) -> str:
    """A namespace of this test's own."""
    name = f"n{uuid4().hex[:10]}"
    hub.request("POST", "v3/namespaces/", json={"name": name, "groups": []}).raise_for_status()
    return name


def upload(hub: Hub, namespace: str, packed: bytes) -> str:
    """Upload version 1.0.0 of the collection tools; returns the id of its import."""
    file = (f"{namespace}-tools-1.0.0.tar.gz", packed)
    answer = hub.request("POST", UPLOAD, files={"file": file})
    assert answer.status_code == 202, answer.text
    task: str = answer.json()["task"]
    return task.rstrip("/").rpartition("/")[2]


def versions(hub: Hub, namespace: str) -> list[dict[str, Any]]:
    """The versions that anybody finds, in repositories or not."""
    found: list[dict[str, Any]] = hub.get(
        f"pulp/api/v3/content/ansible/collection_versions/?namespace={namespace}"
    )["results"]
    return found


def staged(hub: Hub, namespace: str) -> int:
    path = f"v3/plugin/ansible/content/staging/collections/index/{namespace}/tools/versions/1.0.0/"
    return hub.request("GET", path).status_code


def uploads(hub: Hub) -> list[Path]:
    return list((hub.data / "artifacts" / "uploads").iterdir())


def many_files(namespace: str) -> bytes:
    """A collection that takes a while to read."""
    module = "DOCUMENTATION = '''\nshort_description: One of many\noptions:\n" + "".join(
        f"  option{number}: {{type: str, description: Something}}\n" for number in range(300)
    )
    files = {f"plugins/modules/module{number}.py": f"{module}'''\n" for number in range(600)}
    return collection(files, namespace=namespace)


def test_two_imports_of_the_same_new_version_both_end_well(hub: Hub, namespace: str) -> None:
    packed = collection(namespace=namespace)

    with ThreadPoolExecutor(4) as pool:
        imports = list(pool.map(lambda _: upload(hub, namespace, packed), range(4)))

    assert {hub.wait(each)["state"] for each in imports} == {"completed"}
    assert len(versions(hub, namespace)) == 1
    assert staged(hub, namespace) == 200


def test_of_two_versions_with_other_bytes_one_is_refused(hub: Hub, namespace: str) -> None:
    packed = [collection(namespace=namespace, description=text) for text in ("one", "other")]

    with ThreadPoolExecutor(2) as pool:
        imports = list(pool.map(lambda each: upload(hub, namespace, each), packed))

    ended = [hub.wait(each) for each in imports]
    assert sorted(each["state"] for each in ended) == ["completed", "failed"]
    (failed,) = (each for each in ended if each["state"] == "failed")
    assert failed["error"]["description"] == (
        f"{namespace}.tools 1.0.0 already exists with other contents. Publish a higher version."
    )
    assert len(versions(hub, namespace)) == 1


def test_a_completed_import_is_installable_at_once(hub: Hub, namespace: str) -> None:
    identifier = upload(hub, namespace, collection(namespace=namespace))

    hub.get(f"v3/plugin/ansible/imports/collections/{identifier}/", headers={"Prefer": "wait=30"})

    assert staged(hub, namespace) == 200


def test_a_stopped_import_leaves_nothing(hub: Hub, namespace: str) -> None:
    identifier = upload(hub, namespace, many_files(namespace))
    hub.wait(identifier, "running")

    hub.request("PATCH", f"pulp/api/v3/tasks/{identifier}/", json={"state": "canceled"})

    assert hub.wait(identifier)["state"] == "canceled"
    eventually(lambda: not [each for each in uploads(hub) if each.name == identifier], what="tidying up")
    assert versions(hub, namespace) == []
    assert staged(hub, namespace) == 404


def test_a_killed_import_fails_with_the_cause_and_leaves_nothing(hub: Hub, namespace: str) -> None:
    identifier = upload(hub, namespace, many_files(namespace))
    hub.wait(identifier, "running")

    os.kill(hub.process_of(identifier), signal.SIGKILL)

    task = hub.wait(identifier)
    assert task["state"] == "failed"
    assert task["error"]["reason"] == "Killed by signal 9 (SIGKILL)."
    eventually(lambda: not [each for each in uploads(hub) if each.name == identifier], what="tidying up")
    assert versions(hub, namespace) == []
    assert staged(hub, namespace) == 404


def test_the_collection_says_what_it_is(hub: Hub, namespace: str) -> None:
    hub.wait(upload(hub, namespace, collection(namespace=namespace)))

    path = f"v3/plugin/ansible/content/staging/collections/index/{namespace}/tools/versions/1.0.0/"
    seen = hub.get(path)

    assert seen["requires_ansible"] == ">=2.15.0"
    assert seen["manifest"]["collection_info"] == info(namespace=namespace)
    assert [each["name"] for each in seen["metadata"]["contents"]] == ["ping2", "hello"]
