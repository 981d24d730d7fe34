"""ansible-galaxy against a hub: publish, install, download, list, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from clients import Clients
from hub import Hub
from small_collections import collection


def tarball(folder: Path, namespace: str, name: str, version: str, **info: Any) -> Path:
    path = folder / f"{namespace}-{name}-{version}.tar.gz"
    path.write_bytes(collection(namespace=namespace, name=name, version=version, **info))
    return path


def test_what_is_published_and_approved_is_installed(clients: Clients, tmp_path: Path) -> None:
    clients.galaxykit("namespace", "create", "first")

    told = clients.ansible_galaxy("publish", tarball(tmp_path, "first", "tools", "1.0.0")).stdout
    before = clients.ansible_galaxy("install", "first.tools", expect=1).stderr
    exactly = clients.ansible_galaxy("install", "first.tools:1.0.0", expect=1).stderr
    clients.galaxykit("collection", "move", "first", "tools")
    clients.ansible_galaxy("install", "first.tools")

    assert "Collection has been successfully published and imported" in told
    assert "first.tools:* (direct request)" in before
    assert "first.tools:1.0.0 (direct request)" in exactly
    assert (clients.installed("first.tools") / "plugins/modules/ping2.py").is_file()


def test_dependencies_come_too_in_versions_that_fit(clients: Clients, tmp_path: Path) -> None:
    for version in ("1.0.0", "1.9.0", "2.0.0", "2.1.0-beta.1"):
        clients.place(tarball(tmp_path, "base", "lib", version))
    clients.place(tarball(tmp_path, "top", "app", "0.1.0", dependencies={"base.lib": ">=1.0.0,<2.0.0"}))

    clients.ansible_galaxy("install", "top.app")

    assert {"base.lib": "1.9.0", "top.app": "0.1.0"}.items() <= clients.list().items()


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("ranged.lib", "2.0.0"), ("ranged.lib:1.0.0", "1.0.0"), ("ranged.lib:>1.0.0,<2.0.0", "1.9.0")],
)
def test_a_range_of_versions_is_installed(
    clients: Clients, hub: Hub, tmp_path: Path, wanted: str, version: str
) -> None:
    if hub.request("GET", "v3/namespaces/ranged/").status_code == 404:
        for number in ("1.0.0", "1.9.0", "2.0.0"):
            clients.place(tarball(tmp_path, "ranged", "lib", number))

    clients.ansible_galaxy("install", wanted)

    assert clients.list()["ranged.lib"] == version


def test_a_list_of_requirements_is_installed_from_one_distribution(
    clients: Clients, hub: Hub, tmp_path: Path
) -> None:
    for name, version, needs in (
        ("lib", "1.0.0", {}),
        ("lib", "2.0.0-rc.1", {}),
        ("app", "1.0.0", {"listed.lib": "*"}),
        ("early", "0.1.0-alpha", {}),
    ):
        clients.place(tarball(tmp_path, "listed", name, version, dependencies=needs))
    requirements = tmp_path / "requirements.yml"
    requirements.write_text("collections: [listed.app, {name: listed.early, version: 0.1.0-alpha}]\n")
    clients.sign_in(below="content/published", username="admin", password=hub.password)  # without its slash

    clients.ansible_galaxy("install", "-r", requirements)
    released = clients.list()
    clients.ansible_galaxy("install", "listed.lib", "--pre", "--force")

    wanted = {"listed.app": "1.0.0", "listed.lib": "1.0.0", "listed.early": "0.1.0-alpha"}
    assert wanted.items() <= released.items()
    assert clients.list()["listed.lib"] == "2.0.0-rc.1"


def test_what_was_changed_after_the_installation_does_not_verify(clients: Clients, tmp_path: Path) -> None:
    clients.place(tarball(tmp_path, "checked", "tools", "1.0.0"))
    clients.ansible_galaxy("install", "checked.tools")

    clean = clients.ansible_galaxy("verify", "checked.tools", "-v").stdout
    (clients.installed("checked.tools") / "README.md").write_text("Changed.\n")
    changed = clients.ansible_galaxy("verify", "checked.tools", expect=1)

    assert "Successfully verified that checksums for 'checked.tools:1.0.0'" in clean
    assert "README.md" in changed.stdout + changed.stderr


def test_what_is_downloaded_is_what_was_uploaded(clients: Clients, tmp_path: Path) -> None:
    uploaded = tarball(tmp_path, "copied", "tools", "1.0.0")
    clients.place(uploaded)

    clients.ansible_galaxy("download", "copied.tools", "-p", tmp_path / "downloads")

    downloaded = tmp_path / "downloads" / uploaded.name
    assert downloaded.read_bytes() == uploaded.read_bytes()
    assert uploaded.name in (tmp_path / "downloads/requirements.yml").read_text()


def test_a_token_does_as_well_as_a_password(clients: Clients, hub: Hub, tmp_path: Path) -> None:
    clients.galaxykit("namespace", "create", "token")
    token = hub.request("POST", "v3/auth/token/").json()["token"]
    clients.sign_in(token=token)

    clients.ansible_galaxy("publish", tarball(tmp_path, "token", "tools", "1.0.0"))

    versions = hub.get("v3/plugin/ansible/content/staging/collections/index/token/tools/versions/")
    assert [each["version"] for each in versions["data"]] == ["1.0.0"]


def test_a_wrong_token_is_refused(clients: Clients, tmp_path: Path) -> None:
    path = tarball(tmp_path, "token", "stolen", "1.0.0")
    clients.sign_in(token="0" * 40)

    told = clients.ansible_galaxy("publish", path, expect=1).stderr

    assert "HTTP Code: 401" in told


def test_a_version_that_is_there_is_published_again_if_it_is_the_same(
    clients: Clients, tmp_path: Path
) -> None:
    path = tarball(tmp_path, "again", "tools", "1.0.0")
    clients.place(path)

    clients.ansible_galaxy("publish", path)


def test_a_lower_version_is_seen_too_by_a_client_that_keeps_answers(clients: Clients, tmp_path: Path) -> None:
    clients.place(tarball(tmp_path, "cached", "tools", "2.0.0"))
    clients.ansible_galaxy("install", "cached.tools")
    assert list(clients.home.rglob("galaxy_cache/api.json"))

    clients.place(tarball(tmp_path, "cached", "tools", "1.5.0"))
    clients.ansible_galaxy("install", "cached.tools:1.5.0", "--force")

    assert clients.list()["cached.tools"] == "1.5.0"


def test_a_version_that_is_there_does_not_change(clients: Clients, hub: Hub, tmp_path: Path) -> None:
    path = tarball(tmp_path, "fixed", "tools", "1.0.0")
    clients.place(path)
    first = path.read_bytes()
    tarball(tmp_path, "fixed", "tools", "1.0.0", description="another one")

    told = clients.ansible_galaxy("publish", path, expect=1).stderr
    clients.ansible_galaxy("download", "fixed.tools", "-p", tmp_path / "downloads")

    assert "fixed.tools 1.0.0 already exists with other contents. Publish a higher version." in told
    assert (tmp_path / "downloads" / path.name).read_bytes() == first
