"""What walks over content need: people with rights, namespaces, collections that are there."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from clients import Clients
from hub import Hub
from playwright.sync_api import Locator, Page, StorageState
from small_collections import collection

OpenTab = Callable[..., Page]


@dataclass
class Content:
    """Puts collections into a hub, as an administrator would over the API."""

    hub: Hub

    def namespace(self, name: str = "") -> str:
        name = name or f"n{uuid4().hex[:10]}"
        answer = self.hub.request("POST", "_ui/v1/namespaces/", json={"name": name, "groups": []})
        assert answer.status_code == 201, answer.text
        return name

    def publish(self, packed: bytes, name: str, version: str = "1.0.0", *, to: str = "community") -> None:
        """Put a version of <namespace>.<name> into a repository, and wait for it."""
        file = f"{name.replace('.', '-')}-{version}.tar.gz"
        path = f"v3/plugin/ansible/content/{to}/collections/artifacts/"
        answer = self.hub.request("POST", path, files={"file": (file, packed)})
        assert answer.status_code == 202, answer.text
        self.hub.wait(answer.json()["task"].rstrip("/").rpartition("/")[2], "completed")

    def small(self, name: str, version: str = "1.0.0", *, to: str = "community") -> None:
        namespace, _, short = name.partition(".")
        self.publish(collection(namespace=namespace, name=short, version=version), name, version, to=to)

    def stop_working(self) -> None:
        """What is uploaded waits until `go_on`."""
        self.hub.console("from cartwheel.engine.pausing import pause\npause(Pause.Scope.HUB)")

    def go_on(self) -> None:
        self.hub.console("from cartwheel.engine.pausing import resume\nresume(Pause.Scope.HUB)")


@pytest.fixture
def content(hub: Hub) -> Content:
    return Content(hub)


@pytest.fixture
def namespace(content: Content) -> str:
    return content.namespace()


@pytest.fixture
def clients(hub: Hub, tmp_path: Path) -> Clients:
    return Clients(hub, tmp_path)


Person = Callable[..., str]


@pytest.fixture
def person(hub: Hub, sessions: dict[str, StorageState], sign_in: Callable[[str], StorageState]) -> Person:
    """Makes somebody with these rights, whom `open_tab` knows by name: `person("galaxy.add_namespace")`."""

    def made(*permissions: str, owns: str = "") -> str:
        name = f"p{uuid4().hex[:10]}"
        role = f"role-{name}"
        hub.console(
            "from cartwheel.registry.permissions import object_type\n"
            f"who = User.objects.create_user({name!r}, password={hub.password!r})\n"
            f"role = Role.objects.create(name={role!r}, permissions={sorted(permissions)!r})\n"
            "RoleGrant.objects.create(role=role, user=who)\n"
            f"space = Namespace.objects.filter(name={owns!r}).first()\n"
            "owner = Role.objects.get(name='galaxy.collection_namespace_owner')\n"
            "space and RoleGrant.objects.create(role=owner, user=who, object_type=object_type(space), object_id=str(space.pk))"
        )
        sessions[name] = sign_in(name)
        return name

    return made


def packed(folder: Path, name: str, version: str = "1.0.0", files: dict[str, str] | None = None) -> Path:
    """A file as `ansible-galaxy collection build` makes it."""
    namespace, _, short = name.partition(".")
    path = folder / f"{namespace}-{short}-{version}.tar.gz"
    path.write_bytes(collection(files, namespace=namespace, name=short, version=version))
    return path


def drop(where: Locator, *files: Path) -> None:
    """Drop files there, as from the desktop."""
    given = where.page.evaluate_handle(
        """files => {
            const carried = new DataTransfer();
            for (const [name, bytes] of files)
                carried.items.add(new File([Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0))], name));
            return carried;
        }""",
        [[each.name, base64.b64encode(each.read_bytes()).decode()] for each in files],
    )
    for kind in ("dragenter", "dragover", "drop"):
        where.dispatch_event(kind, {"dataTransfer": given})
