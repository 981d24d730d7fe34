"""Real collections, small and large, go through a hub unharmed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from clients import Clients
from hub import Hub
from real_collections import Unavailable, real_collection


def tarball(name: str) -> Path:
    try:
        return real_collection(name)
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.mark.parametrize("name", ["ansible.posix", "community.crypto", "community.general"])
def test_a_real_collection_is_published_installed_and_verified(clients: Clients, hub: Hub, name: str) -> None:
    path = tarball(name)
    namespace, short, version = path.name.removesuffix(".tar.gz").split("-", 2)
    clients.galaxykit("namespace", "create", namespace)

    clients.ansible_galaxy("publish", path)
    clients.galaxykit("collection", "move", namespace, short, version)
    clients.ansible_galaxy("install", name)
    clients.ansible_galaxy("verify", name)

    assert clients.list()[name] == version
    assert documented_modules(hub, name, version) == modules(clients.installed(name))


def documented_modules(hub: Hub, name: str, version: str) -> list[str]:
    """The names of a collection's modules of which the hub can show documentation."""
    where = f"v3/plugin/ansible/content/published/collections/index/{name.replace('.', '/')}"
    blob = hub.get(f"{where}/versions/{version}/docs-blob/")["docs_blob"]
    return sorted(
        each["content_name"]
        for each in blob["contents"]
        if each["content_type"] == "module" and each["doc_strings"]["doc"]["short_description"]
    )


def modules(collection: Path) -> list[str]:
    return sorted(path.stem for path in (collection / "plugins/modules").glob("[!_]*.py"))


def test_a_collection_of_thousands_of_files_comes_with_what_it_depends_on(clients: Clients) -> None:
    for name in ("cisco.dnac", "ansible.utils"):
        clients.place(tarball(name))

    clients.ansible_galaxy("install", "cisco.dnac")

    listing = json.loads((clients.installed("cisco.dnac") / "FILES.json").read_text())
    assert len([each for each in listing["files"] if each["ftype"] == "file"]) > 3700
    assert {"cisco.dnac", "ansible.utils"} <= clients.list().keys()
