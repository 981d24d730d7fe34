"""The real ansible-galaxy and galaxykit install, verify, move and delete collections of a real hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import small_collections
from hub import Hub
from patience import PATIENCE_SECONDS, eventually

BIN = Path(sys.executable).parent
NAMESPACE = "clients"  # of these tests only: the hub is shared


def publish(hub: Hub, name: str, version: str = "1.0.0", **details: Any) -> None:
    """Upload a collection and move it to published."""
    file = small_collections.collection(namespace=NAMESPACE, name=name, version=version, **details)
    filename = f"{NAMESPACE}-{name}-{version}.tar.gz"
    hub.request("POST", "v3/namespaces/", json={"name": NAMESPACE, "groups": []})
    uploaded = hub.request("POST", "v3/artifacts/collections/", files={"file": (filename, file)})
    hub.wait(uploaded.json()["task"].rstrip("/").rpartition("/")[2], "completed")
    path = f"v3/collections/{NAMESPACE}/{name}/versions/{version}/move/staging/published/"
    hub.wait(hub.request("POST", path).json()["copy_task_id"], "completed")


@pytest.fixture
def galaxy(hub: Hub, tmp_path: Path) -> Galaxy:
    return Galaxy(hub, tmp_path)


class Galaxy:
    """Runs ansible-galaxy against a hub, with its files in a folder."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.folder = folder
        self.installed = folder / "installed" / "ansible_collections" / NAMESPACE
        (folder / "ansible.cfg").write_text(
            f"[galaxy]\nserver_list = hub\ncache_dir = {folder}/cache\n"
            # No token: each run of galaxykit makes a new one, and the old one is dead then.
            f"[galaxy_server.hub]\nurl = {hub.api}\nusername = admin\npassword = {hub.password}\n"
        )

    def __call__(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [str(BIN / "ansible-galaxy"), "collection", *words],
            cwd=self.folder,
            env={**os.environ, "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def version_of(self, name: str) -> str:
        """Which version of a collection is installed."""
        manifest = json.loads((self.installed / name / "MANIFEST.json").read_text())
        version: str = manifest["collection_info"]["version"]
        return version


def test_a_collection_is_installed_with_what_it_depends_on(hub: Hub, galaxy: Galaxy) -> None:
    publish(hub, "ground", "1.0.0")
    publish(hub, "ground", "1.2.0")
    publish(hub, "house", dependencies={f"{NAMESPACE}.ground": ">=1.0.0,<2.0.0"})

    galaxy("install", f"{NAMESPACE}.house", "-p", "installed")

    assert galaxy.version_of("house") == "1.0.0"
    assert galaxy.version_of("ground") == "1.2.0"
    galaxy("verify", f"{NAMESPACE}.house", "-p", "installed")


def test_a_collection_is_downloaded(hub: Hub, galaxy: Galaxy) -> None:
    publish(hub, "parcel")

    galaxy("download", f"{NAMESPACE}.parcel:1.0.0", "-p", "parcels")

    assert (galaxy.folder / "parcels" / f"{NAMESPACE}-parcel-1.0.0.tar.gz").is_file()


def test_a_lower_version_is_found_though_the_list_was_cached(hub: Hub, galaxy: Galaxy) -> None:
    publish(hub, "cached", "2.0.0")
    galaxy("install", f"{NAMESPACE}.cached", "-p", "installed")
    assert (galaxy.folder / "cache" / "api.json").is_file()

    publish(hub, "cached", "1.0.0")
    galaxy("install", f"{NAMESPACE}.cached:1.0.0", "-p", "installed", "--force")

    assert galaxy.version_of("cached") == "1.0.0"


def test_galaxykit_deletes_what_nobody_depends_on(hub: Hub, galaxy: Galaxy) -> None:
    publish(hub, "short_lived")
    path = f"v3/plugin/ansible/content/published/collections/index/{NAMESPACE}/short_lived/"

    sign_in = ["-s", hub.api, "-u", "admin", "-p", hub.password]
    done = subprocess.run(
        [str(BIN / "galaxykit"), *sign_in, "collection", "delete", NAMESPACE, "short_lived", "1.0.0"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    eventually(lambda: hub.request("GET", path).status_code == 404, what="the end of the collection")
    assert "Failed to resolve" in galaxy("install", f"{NAMESPACE}.short_lived", "-p", "installed", code=1)
