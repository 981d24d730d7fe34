"""Repositories in Pulp's dialect: made, changed, deleted, and by whom."""

from __future__ import annotations

import json
from typing import Any

import make
import pytest

from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.registry.models import (
    CollectionRemote,
    Repository,
    RepositoryVersion,
    Role,
    RoleGrant,
    User,
)

from .conftest import REPOSITORIES, ROOT, Client, names, repository, task_of


def test_a_repository_is_made_at_once_and_is_its_makers(boss: Client, admin: User) -> None:
    answer = boss.post(REPOSITORIES, {"name": "mine", "pulp_labels": {"a": None}}, format="json")

    document = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == document["pulp_href"]
    assert document["latest_version_href"] == f"{document['pulp_href']}versions/0/"
    assert document | {"pulp_labels": {"a": None}, "remote": None, "private": False} == document
    assert RoleGrant.objects.get().user == admin


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": None}, {"name": ["This field may not be null."]}),
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"name": "mine"}, {"name": ["This field must be unique."]}),
        ({"name": "x" * 256}, {"name": ["Ensure this field has no more than 255 characters."]}),
        ({"name": []}, {"name": ["Not a valid string."]}),
        ({"name": "\ud800"}, {"name": ["Not a valid string."]}),
        ({"name": "x", "nonsense": 1}, {"nonsense": ["Unexpected field"]}),
        (
            {"name": "x", "retain_repo_versions": 0},
            {"retain_repo_versions": ["Ensure this value is greater than or equal to 1."]},
        ),
        (
            {"name": "x", "retain_repo_versions": "a"},
            {"retain_repo_versions": ["A valid integer is required."]},
        ),
        ({"name": "x", "private": "perhaps"}, {"private": ["Must be a valid boolean."]}),
        ({"name": "x", "private": None}, {"private": ["This field may not be null."]}),
        (
            {"name": "x", "pulp_labels": []},
            {"pulp_labels": ['Expected a dictionary of items but got type "list".']},
        ),
        (
            {"name": "x", "pulp_labels": {"a!": "1"}},
            {
                "pulp_labels": [
                    "Key 'a!' contains invalid characters."
                    " Only alphanumerics, underscores, spaces, hyphens, and dots are allowed."
                ]
            },
        ),
        ({"name": "x", "pulp_labels": {"a": ["1"]}}, {"pulp_labels": {"a": ["Not a valid string."]}}),
        (
            {"name": "x", "remote": 1},
            {"remote": ["Incorrect type. Expected URL string, received int."]},
        ),
        ({"name": "x", "remote": "nonsense"}, {"remote": ["Invalid hyperlink - No URL match."]}),
        (
            {"name": "x", "remote": f"{ROOT}remotes/ansible/collection/"},
            {"remote": ["Invalid hyperlink - Incorrect URL match."]},
        ),
        ({"name": "", "nonsense": 1}, {"name": ["This field may not be blank."]}),
        (
            {"name": "x", "remote": f"{ROOT}remotes/ansible/collection/{'0' * 8}-0000-0000-0000-{'0' * 12}/"},
            {"remote": ["Invalid hyperlink - Object does not exist."]},
        ),
        (
            {"name": "x", "remote": f"{ROOT}remotes/ansible/git/1/"},
            {"remote": [f"Type for Remote '{ROOT}remotes/ansible/git/1/' does not match Repository."]},
        ),
    ],
)
def test_what_cannot_be_is_refused(boss: Client, mine: str, body: Any, problem: Any) -> None:
    answer = boss.post(REPOSITORIES, json.dumps(body), content_type="application/json")

    assert (answer.status_code, answer.json()) == (400, problem)


@pytest.mark.parametrize("body", [[], "x", 1, None])
@pytest.mark.parametrize(
    "act", ["", "modify/", "copy_collection_version/", "mark/", "set_label/", "add_role/"]
)
def test_what_is_no_object_is_refused(boss: Client, mine: str, act: str, body: Any) -> None:
    path = f"{mine}{act}" if act else REPOSITORIES

    answer = boss.post(path, body, format="json")

    # Nothing is a change of nothing, where nothing has to be there.
    assert answer.status_code == (202 if (act, body) == ("modify/", None) else 400), answer.content


def test_a_change_is_a_task_that_is_done_at_once(boss: Client, mine: str) -> None:
    task = task_of(boss.patch(mine, {"description": "changed"}, format="json"))

    assert (task.name, task.state) == ("pulpcore.app.tasks.base.ageneral_update", State.COMPLETED)
    assert task.title == "Change repository mine"
    assert (task.result or {})["description"] == "changed"
    assert boss.get(mine).json()["description"] == "changed"


@pytest.mark.parametrize("method", ["put", "patch"])
def test_no_change_is_no_task(boss: Client, mine: str, method: str) -> None:
    document = boss.get(mine).json()

    answer = getattr(boss, method)(mine, document, format="json")

    assert (answer.status_code, answer.json()) == (200, document)
    assert not Task.objects.exists()


def test_a_remote_is_given_and_taken_back(boss: Client, mine: str) -> None:
    remote = CollectionRemote.objects.create(name="there", url="https://example.com/")
    href = f"{ROOT}remotes/ansible/collection/{remote.pk}/"

    task_of(boss.patch(mine, {"remote": f"prn:ansible.collectionremote:{remote.pk}"}, format="json"))
    given = boss.get(mine).json()["remote"]
    found = names(boss.get(REPOSITORIES, {"remote": href}))
    task_of(boss.patch(mine, {"remote": None}, format="json"))

    assert (given, found) == (href, ["mine"])
    assert boss.get(mine).json()["remote"] is None


def test_a_stock_repository_cannot_be_deleted(boss: Client) -> None:
    published = make.served("published")

    answer = boss.delete(f"{REPOSITORIES}{published.pk}/")

    assert answer.status_code == 403


def test_a_deleted_repository_is_gone_with_the_roles_on_it(boss: Client, mine: str) -> None:
    task = task_of(boss.delete(mine))

    again = boss.delete(mine)
    assert (task.name, task.state) == ("pulpcore.app.tasks.base.ageneral_delete", State.COMPLETED)
    assert (again.status_code, again.json()) == (
        404,
        {"detail": "No AnsibleRepository matches the given query."},
    )
    assert not RoleGrant.objects.exists()


def test_a_busy_repository_changes_when_it_is_free(boss: Client, mine: str) -> None:
    make.task(exclusive=[repository(mine).prn])

    task = task_of(boss.patch(mine, {"description": "changed"}, format="json"))

    assert task.state == State.WAITING
    assert boss.get(mine).json()["description"] == "ours"


def test_labels_are_put_on_and_taken_off(boss: Client, mine: str) -> None:
    put = boss.post(f"{mine}set_label/", {"key": "pipeline", "value": "staging"}, format="json")
    on = boss.get(mine).json()["pulp_labels"]
    taken = boss.post(f"{mine}unset_label/", {"key": "pipeline"}, format="json")
    again = boss.post(f"{mine}unset_label/", {"key": "pipeline"}, format="json")

    assert (put.status_code, on) == (201, {"pipeline": "staging"})
    assert (taken.status_code, boss.get(mine).json()["pulp_labels"]) == (201, {})
    assert again.status_code == 400


def test_roles_are_given_on_one_repository(boss: Client, mine: str, bob: User) -> None:
    given = {"role": "galaxy.ansible_repository_owner", "users": ["bob"]}
    client = make.api(bob)
    before = client.patch(mine, {"description": "bob's"}, format="json")

    added = boss.post(f"{mine}add_role/", given, format="json")
    listed = boss.get(f"{mine}list_roles/").json()
    mays = client.get(f"{mine}my_permissions/").json()["permissions"]
    after = client.patch(mine, {"description": "bob's"}, format="json")

    assert (before.status_code, added.status_code, after.status_code) == (403, 201, 202)
    assert listed == {"roles": [given | {"users": ["admin", "bob"], "groups": []}]}
    assert "ansible.change_ansiblerepository" in mays


OWNER = "galaxy.ansible_repository_owner"


@pytest.mark.parametrize(
    ("act", "body", "problem"),
    [
        (
            "add_role",
            {"role": "x", "users": ["bob", "nobody"], "groups": ["none"]},
            {
                "role": ["Object with name=x does not exist."],
                "users": {"1": ["Object with username=nobody does not exist."]},
                "groups": {"0": ["Object with name=none does not exist."]},
            },
        ),
        ("add_role", {"role": ""}, {"role": ["This field may not be null."]}),
        (
            "add_role",
            {"role": "galaxy.user_admin", "users": ["bob"]},
            {"non_field_errors": ["The role does not contain any permission for that object."]},
        ),
        (
            "add_role",
            {"role": OWNER, "users": ["bob", "admin"]},
            {"non_field_errors": ["The role is already assigned to user 'admin'."]},
        ),
        (
            "remove_role",
            {"role": OWNER, "users": ["admin"], "groups": ["makers"]},
            {"non_field_errors": ["The role is not assigned to group 'makers'."]},
        ),
    ],
)
def test_roles_that_cannot_be_given_or_taken_are_refused(
    boss: Client, mine: str, bob: User, act: str, body: Any, problem: Any
) -> None:
    make.group("makers")

    answer = boss.post(f"{mine}{act}/", body, format="json")

    assert (answer.status_code, answer.json()) == (400, problem)
    assert boss.get(f"{mine}list_roles/").json()["roles"] == [
        {"role": OWNER, "users": ["admin"], "groups": []}
    ]


def test_a_role_may_be_given_to_nobody(boss: Client, mine: str) -> None:
    answer = boss.post(f"{mine}add_role/", {"role": OWNER}, format="json")

    assert (answer.status_code, answer.json()) == (201, {"role": OWNER, "users": [], "groups": []})


def test_of_a_repository_one_is_told_the_rights_that_one_has_on_it_alone(boss: Client, bob: User) -> None:
    there = make.repository("there")
    make.grant(bob, "ansible.change_ansiblerepository")
    make.grant(bob, "ansible.sync_ansiblerepository", on=there)
    address = f"{REPOSITORIES}{there.pk}/my_permissions/"

    told = [client.get(address).json() for client in (boss, make.api(bob))]

    assert told == [{"permissions": []}, {"permissions": ["ansible.sync_ansiblerepository"]}]


NOTHING: dict[str, Any] = {}
TABLE = [  # method, path below the repository, body, status for its owner and for the admin
    ("get", "", None, 200),
    ("get", "versions/", None, 200),
    ("get", "versions/0/", None, 200),
    ("get", "my_permissions/", None, 200),
    ("get", "list_roles/", None, 200),
    ("put", "", {"name": "new"}, 202),
    ("patch", "", {"name": "new"}, 202),
    ("delete", "", None, 202),
    ("post", "set_label/", {"key": "a", "value": "b"}, 201),
    ("post", "unset_label/", {"key": "there"}, 201),
    ("post", "add_role/", {"role": "galaxy.ansible_repository_owner", "users": ["bob"]}, 201),
    ("post", "remove_role/", {"role": "galaxy.ansible_repository_owner", "users": ["alice"]}, 201),
    ("post", "modify/", NOTHING, 202),
    ("post", "mark/", {"content_units": ["*"], "value": "x"}, 202),
    ("post", "unmark/", {"content_units": ["*"], "value": "x"}, 202),
    ("post", "rebuild_metadata/", NOTHING, 202),
    ("post", "copy_collection_version/", NOTHING, 400),
    ("post", "move_collection_version/", NOTHING, 400),
    ("delete", "versions/0/", None, 202),
    ("post", "versions/0/repair/", NOTHING, 202),
    ("post", "versions/0/rebuild_metadata/", NOTHING, 202),
]
OPEN = ("", "versions/", "versions/0/", "my_permissions/")  # for reading, to everybody who is signed in


@pytest.mark.parametrize(("method", "path", "body", "status"), TABLE)
def test_owners_and_admins_may_others_only_read(
    boss: Client, alice: User, bob: User, method: str, path: str, body: Any, status: int
) -> None:
    hers = make.repository("hers", labels={"there": "x"})
    RepositoryVersion.objects.create(repository=hers, number=0)
    role = Role.objects.get(name="galaxy.ansible_repository_owner")
    RoleGrant.objects.create(role=role, user=alice, object_type="repository", object_id=str(hers.pk))
    address = f"{REPOSITORIES}{hers.pk}/{path}"
    stranger = status if method == "get" and path in OPEN else 403
    # Whoever may read it may copy out of it, to where they may change something.
    stranger = status if path.startswith("copy") else stranger

    answers = [
        getattr(make.api(user), method)(address, body, format="json").status_code
        for user in (None, bob, alice)
    ]
    if method == "delete" and not path:
        Repository.objects.get_or_create(pk=hers.pk, defaults={"name": "hers"})
    last = getattr(boss, method)(address, body, format="json").status_code

    assert answers == [401, stranger, status]
    assert last in (status, 200, 400)  # what the owner has done already may be no change any more


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("bob", 403), ("alice", 201), ("admin", 201)])
def test_who_may_make_repositories(
    boss: Client, alice: User, bob: User, who: str | None, status: int
) -> None:
    make.grant(alice, "ansible.add_ansiblerepository")
    client = make.api(User.objects.get(username=who) if who else None)

    assert client.post(REPOSITORIES, {"name": "fresh"}, format="json").status_code == status
    assert client.get(REPOSITORIES).status_code == (401 if who is None else 200)
