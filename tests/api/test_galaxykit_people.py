"""The commands of the real galaxykit for users, groups, roles and namespaces, against a real hub."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from clients import Clients, Done
from hub import Hub

Kit = Callable[..., Done]


@pytest.fixture
def kit(hub: Hub, tmp_path: Path) -> Kit:
    """Runs galaxykit as admin, or as whoever is named; expects that exit code."""
    clients = Clients(hub, tmp_path)

    def run(*words: str, code: int = 0, username: str = "admin", password: str = hub.password) -> Done:
        return clients.run("galaxykit", "-s", hub.api, "-u", username, "-p", password, *words, expect=code)

    return run


def test_users_are_made_listed_and_deleted(kit: Kit, hub: Hub) -> None:
    kit("user", "create", "kit-user", "a-good-password-7", "--email", "kit@example.com")
    again = kit("user", "create", "kit-user", "a-good-password-7", code=2)
    listed = kit("user", "list")  # the first page, and others may have made many users in this hub
    made = hub.get("_ui/v1/users/?username=kit-user")["data"]
    kit("user", "list", username="kit-user", password="a-good-password-7", code=1)
    kit("user", "delete", "kit-user")
    kit("user", "delete", "kit-user", code=2)

    assert "already existed" in again.stdout + again.stderr
    assert "admin id=" in listed.stdout
    assert [each["email"] for each in made] == ["kit@example.com"]
    assert hub.get("_ui/v1/users/?username=kit-user")["meta"]["count"] == 0


def test_groups_get_members_and_roles(kit: Kit, hub: Hub) -> None:
    kit("user", "create", "kit-member", "a-good-password-7")
    kit("group", "create", "kit-group")
    kit("group", "create", "kit-group")  # galaxykit does not mind that it is there
    kit("user", "group", "add", "kit-member", "kit-group")
    kit("group", "role", "add", "kit-group", "galaxy.collection_admin")
    roles = kit("group", "role", "list", "kit-group")
    number = hub.get("_ui/v1/groups/?name=kit-group")["data"][0]["id"]
    members = hub.get(f"_ui/v1/groups/{number}/users/")["data"]
    kit("group", "role", "remove", "kit-group", "galaxy.collection_admin")
    kit("user", "group", "remove", "kit-member", "kit-group")
    left = hub.get(f"_ui/v1/groups/{number}/users/")["data"]
    kit("group", "delete", "kit-group")
    kit("user", "delete", "kit-member")

    assert "galaxy.collection_admin" in roles.stdout
    assert ([each["username"] for each in members], left) == (["kit-member"], [])
    assert "kit-group" not in kit("group", "list").stdout


def test_roles_are_made_listed_and_deleted(kit: Kit, hub: Hub) -> None:
    kit(
        "role",
        "create",
        "galaxy.kit",
        "Made by a test",
        "--permissions",
        "galaxy.add_namespace,galaxy.view_user",
    )
    listed = kit("role", "list")
    made = hub.get("pulp/api/v3/roles/?name=galaxy.kit")["results"][0]
    kit("role", "delete", "galaxy.kit")
    kit("role", "delete", "galaxy.kit", code=2)
    kit("role", "create", "galaxy.kit", "Made by a test", "--permissions", "galaxy.fly", code=1)

    assert "galaxy.collection_namespace_owner" in listed.stdout
    assert made["permissions"] == ["galaxy.add_namespace", "galaxy.view_user"]


def test_namespaces_are_made_get_groups_and_are_deleted(kit: Kit, hub: Hub) -> None:
    kit("group", "create", "kit-owners")
    kit("namespace", "create", "kit_space")
    kit("namespace", "create", "kit_space")  # it is there already
    kit("namespace", "addgroup", "kit_space", "kit-owners")
    with_group = json.loads(kit("namespace", "get", "kit_space").stdout)
    kit("namespace", "removegroup", "kit_space", "kit-owners")
    listed = kit("namespace", "list")
    kit("namespace", "delete", "kit_space")
    kit("group", "delete", "kit-owners")

    assert with_group["name"] == "kit_space"
    assert json.loads(listed.stdout)["data"], (
        "the first page: this hub may have more namespaces than fit on it"
    )
    assert hub.request("GET", "v3/namespaces/kit_space/").status_code == 404


def test_making_a_namespace_is_a_task_that_completes(kit: Kit, hub: Hub) -> None:
    kit("namespace", "create", "kit_tasks")

    name = "galaxy_ng.app.tasks.namespaces._create_pulp_namespace"
    newest = hub.get(f"pulp/api/v3/tasks/?name={name}&limit=1")["results"][0]
    ended = hub.wait(newest["pulp_href"].split("/")[-2])
    assert ended["state"] == "completed"
    kit("namespace", "delete", "kit_tasks")


def test_a_wrong_password_is_an_error(kit: Kit) -> None:
    kit("user", "list", password="wrong", code=1)
