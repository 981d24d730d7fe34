"""Roles, and giving them to groups and users."""

from __future__ import annotations

from typing import Any

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.registry.models import CollectionRemote, Role, RoleGrant, User
from cartwheel.registry.permissions import allows
from cartwheel.registry.roles import make_locked, missing_locked

P = "/api/automation-hub/pulp/api/v3/"
ROLES = f"{P}roles/"
OWNER = "galaxy.collection_namespace_owner"
NEITHER = (
    "Either 'content_object' or 'content_object_prn' needs to be specified. "
    "Use 'null' for global or domain level access."
)


@pytest.fixture(autouse=True)
def _stock(db: None) -> None:
    make_locked(missing_locked())


def names(user: User, **query: Any) -> list[str]:
    return [each["name"] for each in make.api(user).get(ROLES, query).json()["results"]]


def test_a_role_is_made_and_changed_and_goes(admin: User) -> None:
    client = make.api(admin)
    new = {
        "name": "mine",
        "description": "My own",
        "permissions": ["galaxy.view_user", "galaxy.add_namespace"],
    }

    made = client.post(ROLES, new, format="json")
    changed = client.patch(made.headers["Location"], {"permissions": ["galaxy.view_user"]}, format="json")
    gone = client.delete(made.headers["Location"])

    assert made.status_code == 201
    assert made.json()["permissions"] == ["galaxy.add_namespace", "galaxy.view_user"]
    assert made.json()["locked"] is False
    assert (changed.json()["permissions"], changed.json()["description"]) == (["galaxy.view_user"], "My own")
    assert gone.status_code == 204
    assert client.get(made.headers["Location"]).json() == {"detail": "No Role matches the given query."}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"permissions": []}, {"name": ["This field is required."]}),
        ({"name": "x"}, {"permissions": ["This field is required."]}),
        ({"name": OWNER, "permissions": []}, {"name": ["This field must be unique."]}),
        (
            {"name": "x", "permissions": ["galaxy.fly"]},
            {"permissions": ["Permission 'galaxy.fly' does not exist."]},
        ),
        (
            {"name": "x", "permissions": ["fly"]},
            {"permissions": ["Permission 'fly' is not in the format '<app_label>.<codename>'."]},
        ),
        (
            {"name": "x", "permissions": "galaxy.fly"},
            {"permissions": ['Expected a list of items but got type "str".']},
        ),
        ({"name": "x", "permissions": [], "colour": "red"}, {"colour": ["Unexpected field"]}),
    ],
)
def test_what_is_wrong_with_a_role_is_named(admin: User, given: dict[str, Any], expected: Any) -> None:
    answer = make.api(admin).post(ROLES, given, format="json")

    assert (answer.status_code, answer.json()) == (400, expected)


def test_locked_roles_stay_as_they_are(admin: User) -> None:
    client = make.api(admin)
    owner = Role.objects.get(name=OWNER)
    path = f"{ROLES}{owner.pk}/"
    other = {"name": "other", "permissions": []}

    for answer in (
        client.put(path, other, format="json"),
        client.patch(path, {}, format="json"),
        client.delete(path),
    ):
        assert (answer.status_code, answer.json()) == (403, {"detail": "The role is locked."})
    assert client.get(path).json()["name"] == OWNER


def test_roles_are_found_by_name_permission_and_kind_of_object(admin: User) -> None:
    make_role = {"name": "mine", "permissions": ["galaxy.change_namespace"]}
    make.api(admin).post(ROLES, make_role, format="json")

    assert len(names(admin, name__startswith="galaxy.")) == 16
    assert names(admin, name=OWNER) == [OWNER]
    assert names(admin, locked="false") == ["mine"]
    assert set(names(admin, contains_permission="core.view_task")) == {"galaxy.auditor", "galaxy.task_admin"}
    assert set(names(admin, contains_permission=["core.change_task", "add_synclist"])) == {
        "galaxy.task_admin",
        "galaxy.synclist_owner",
    }
    assert set(names(admin, for_object_type=f"{P}pulp_ansible/namespaces/")) == {
        OWNER,
        "galaxy.collection_publisher",
        "mine",
    }
    assert names(admin, for_object_type="/pulp/api/v3/nowhere/") == []


# -- giving them ----------------------------------------------------------------------------------


def test_a_role_given_to_a_group_is_its_members(admin: User, alice: User) -> None:
    owners = make.group("owners", alice)
    path = f"{P}groups/{owners.pk}/roles/"
    client = make.api(admin)

    given = client.post(path, {"role": "galaxy.user_admin", "content_object": None}, format="json")
    may_before = allows(alice, "galaxy.add_user")
    found = client.get(path, {"content_object": "null", "role": "galaxy.user_admin"}).json()["results"]
    taken = client.delete(found[0]["pulp_href"])

    assert given.status_code == 201
    assert given.json()["role"] == "galaxy.user_admin"
    assert given.json()["content_object"] is None
    assert (may_before, allows(alice, "galaxy.add_user")) == (True, False)
    assert taken.status_code == 204


def test_a_role_on_one_namespace_means_nothing_elsewhere(admin: User, alice: User) -> None:
    acme, other = make.namespace("acme"), make.namespace("other")
    href = f"{P}pulp_ansible/namespaces/{acme.pk}/"

    answer = make.api(admin).post(
        f"{P}users/{alice.pk}/roles/", {"role": OWNER, "content_object": href}, format="json"
    )

    assert (answer.status_code, answer.json()["content_object"]) == (201, href)
    assert allows(alice, "galaxy.change_namespace", acme)
    assert not allows(alice, "galaxy.change_namespace", other)
    assert not allows(alice, "galaxy.change_namespace")


def test_a_role_on_one_remote_is_shown_with_that_remote(admin: User, alice: User) -> None:
    remote = CollectionRemote.objects.create(name="upstream", url="https://example.com/")
    href, role = f"{P}remotes/ansible/collection/{remote.pk}/", "galaxy.collection_remote_owner"
    path, client = f"{P}users/{alice.pk}/roles/", make.api(admin)

    given = client.post(path, {"role": role, "content_object": href}, format="json")
    client.post(path, {"role": role, "content_object": None}, format="json")
    found = client.get(path, {"content_object": href}).json()["results"]

    assert (given.status_code, given.json()["content_object"]) == (201, href)
    assert given.json()["content_object_prn"] == f"prn:ansible.collectionremote:{remote.pk}"
    assert [each["pulp_href"] for each in found] == [given.json()["pulp_href"]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"role": OWNER},
            {"non_field_errors": [NEITHER]},
        ),
        (
            {"role": "no such", "content_object": None},
            {"role": ["Object with name=no such does not exist."]},
        ),
        (
            {"role": OWNER, "content_object": "/nowhere/"},
            {"content_object": ["Invalid value: /nowhere/."]},
        ),
        (
            {"role": "galaxy.auditor", "content_object": None},
            {"non_field_errors": ["The role is already assigned to this group."]},
        ),
        (
            {"role": "galaxy.task_admin", "content_object_prn": "prn:galaxy.namespace:{acme}"},
            {
                "non_field_errors": [
                    "The role 'galaxy.task_admin' does not carry any permission for that object."
                ]
            },
        ),
    ],
)
def test_what_is_wrong_with_a_gift_is_named(admin: User, given: dict[str, Any], expected: Any) -> None:
    owners = make.group("owners")
    acme = make.namespace("acme")
    RoleGrant.objects.create(role=Role.objects.get(name="galaxy.auditor"), group=owners)
    body = {key: value.format(acme=acme.pk) if value else value for key, value in given.items()}

    answer = make.api(admin).post(f"{P}groups/{owners.pk}/roles/", body, format="json")

    assert (answer.status_code, answer.json()) == (400, expected)


def test_the_platform_is_given_a_page_of_the_roles_without_all_being_read(admin: User) -> None:
    client = make.api(admin)

    with CaptureQueriesContext(connection) as asked:
        client.get("/api/automation-hub/_ui/v2/role_definitions/", {"page_size": 3, "page": 2})

    of_roles = [each["sql"] for each in asked.captured_queries if "registry_role" in (each["sql"] or "")]
    assert [each.endswith("LIMIT 3 OFFSET 3") for each in of_roles] == [False, True]


def test_the_platform_reads_the_same_roles(admin: User) -> None:
    path = "/api/automation-hub/_ui/v2/role_definitions/"

    first = make.api(admin).get(path, {"page_size": 10}).json()
    second = make.api(admin).get(first["next"]).json()

    assert (first["count"], len(first["results"]), len(second["results"])) == (16, 10, 6)
    assert second["next"] is None
    assert len({each["id"] for each in first["results"] + second["results"]}) == 16
    assert make.api(admin).get(path, {"page": 3}).json() == {"detail": "Invalid page."}
