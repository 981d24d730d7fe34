"""Repositories and their versions in Pulp's dialect."""

from __future__ import annotations

import json
from typing import Any

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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
from cartwheel.registry.repositories import change_contents
from cartwheel.registry.roles import make_locked, missing_locked

ROOT = "/api/automation-hub/pulp/api/v3/"
REPOSITORIES = f"{ROOT}repositories/ansible/ansible/"
CONTENT = f"{ROOT}content/ansible/collection_versions/"

Client = Any


@pytest.fixture
def boss(admin: User) -> Client:
    make_locked(missing_locked())
    return make.api(admin)


@pytest.fixture
def mine(boss: Client) -> str:
    """The address of a repository."""
    return str(
        boss.post(REPOSITORIES, {"name": "mine", "description": "ours"}, format="json").json()["pulp_href"]
    )


def repository(href: str) -> Repository:
    return Repository.objects.get(pk=href.split("/")[-2])


def task_of(answer: Any) -> Task:
    assert answer.status_code == 202, answer.content
    return Task.objects.get(pk=answer.json()["task"].split("/")[-2])


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["name"] for each in answer.json()["results"]]


# -- making and changing --------------------------------------------------------------------------


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
        ({"name": "x", "pulp_labels": {"ä": "1"}}, {"pulp_labels": ["Key 'ä' contains non-alphanumerics."]}),
        (
            {"name": "x", "remote": 1},
            {"remote": ["Incorrect type. Expected URL string, received int."]},
        ),
        ({"name": "x", "remote": "nonsense"}, {"remote": ["Invalid hyperlink - No URL match."]}),
        (
            {"name": "x", "remote": f"{ROOT}remotes/ansible/collection/{'0' * 8}-0000-0000-0000-{'0' * 12}/"},
            {"remote": ["Invalid hyperlink - Object does not exist."]},
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


# -- lists ----------------------------------------------------------------------------------------


@pytest.fixture
def three(boss: Client) -> dict[str, Repository]:
    made = {
        "one": make.repository("one", labels={"pipeline": "staging"}, retain_repo_versions=1),
        "two": make.repository("two", labels={"pipeline": "approved", "x": "y z"}),
        "three": make.repository("three", retain_repo_versions=3),
    }
    tools = make.placed(made["one"])
    change_contents(made["two"], add=[tools])
    change_contents(made["two"], remove=[tools])
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["three", "two", "one"]),
        ("name=two", ["two"]),
        ("name__in=one,two", ["two", "one"]),
        ("name__contains=t", ["three", "two"]),
        ("name__iexact=ONE", ["one"]),
        ("name__startswith=th", ["three"]),
        ("pulp_label_select=pipeline", ["two", "one"]),
        ("pulp_label_select=!pipeline", ["three"]),
        ("pulp_label_select=pipeline=staging", ["one"]),
        ("pulp_label_select=pipeline!=staging", ["two"]),
        ("pulp_label_select=x~Y", ["two"]),
        ("pulp_label_select=pipeline=staging,x", []),
        ("retain_repo_versions=1", ["one"]),
        ("retain_repo_versions__gt=1", ["three"]),
        ("retain_repo_versions__range=1,3", ["three", "one"]),
        ("retain_repo_versions__isnull=true", ["two"]),
        ("remote=null", ["three", "two", "one"]),
        ("with_content={tools}", ["two", "one"]),
        ("latest_with_content={tools}", ["one"]),
        ("pulp_href__in={one}", ["one"]),
        ("prn__in=prn:ansible.ansiblerepository:{one}", ["one"]),
        ('q=name=one OR name="two"', ["two", "one"]),
        ("ordering=name", ["one", "three", "two"]),
        ("ordering=-retain_repo_versions", ["two", "three", "one"]),
        ("limit=1&offset=1", ["two"]),
    ],
)
def test_lists_are_filtered_and_sorted(
    boss: Client, three: dict[str, Repository], query: str, found: list[str]
) -> None:
    tools = three["one"].contents.get().collection_version_id
    query = query.format(tools=f"{CONTENT}{tools}/", one=three["one"].pk)

    assert names(boss.get(f"{REPOSITORIES}?{query}")) == found
    assert names(boss.get(f"{ROOT}repositories/?{query}")) == found


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1",
        "name__regex=(a*)*b",  # an expression of a client's would run in our process
        "name__iregex=x",
        "pulp_label_select=,,)(",
        "pulp_label_select=!a=b",
        "retain_repo_versions=a",
        "retain_repo_versions=99999999999999999999",
        "retain_repo_versions__range=1",
        "remote=nonsense",
        "name=%00",
        "ordering=nonsense",
        "q=((name",
        "q=nonsense=1",
    ],
)
def test_what_no_list_understands_is_refused(boss: Client, query: str) -> None:
    make.repository("one")

    assert boss.get(f"{REPOSITORIES}?{query}").status_code == 400
    assert boss.get(f"{ROOT}repositories/?{query}").status_code == 400


def test_a_page_takes_the_same_few_statements_however_long_it_is(boss: Client) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            boss.get(REPOSITORIES)
        return len(asked)

    make.repository("one")
    short = ask()
    for number in range(20):
        make.repository(f"repository {number}")

    assert ask() == short <= 3


def test_private_repositories_are_shown_to_those_who_may_view_them(
    boss: Client, alice: User, bob: User
) -> None:
    secret = make.repository("secret", private=True)
    make.grant(alice, "ansible.view_ansiblerepository", on=secret)

    for user, found in ((alice, ["secret"]), (bob, [])):
        client = make.api(user)
        assert names(client.get(REPOSITORIES)) == found
        assert names(client.get(f"{ROOT}repositories/")) == found
        status = 200 if found else 404
        assert client.get(f"{REPOSITORIES}{secret.pk}/").status_code == status
        assert client.get(f"{REPOSITORIES}{secret.pk}/versions/").status_code == status


# -- versions -------------------------------------------------------------------------------------


def test_versions_tell_what_came_left_and_is_there(boss: Client, mine: str) -> None:
    old, new = make.placed(repository(mine), number="1.0.0"), make.version(number="1.0.1")
    change_contents(repository(mine), add=[new], remove=[old])

    latest = boss.get(f"{mine}versions/").json()["results"][0]

    href = f"{mine}versions/2/"
    assert (latest["pulp_href"], latest["number"], latest["base_version"]) == (href, 2, None)
    assert boss.get(href).json() == latest
    for part, parameter, found in (
        ("added", "repository_version_added", new),
        ("removed", "repository_version_removed", old),
        ("present", "repository_version", new),
    ):
        entry = latest["content_summary"][part]["ansible.collection_version"]
        assert entry == {"count": 1, "href": f"{CONTENT}?{parameter}={href}"}
        assert [each["version"] for each in boss.get(entry["href"]).json()["results"]] == [found.version]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 0]),
        ("number=1", [1]),
        ("number__gt=0", [2, 1]),
        ("number__range=0,1", [1, 0]),
        ("content={tools}", [1]),
        ("content__in={tools}", [1]),
        ("ordering=number", [0, 1, 2]),
        ("pulp_href__in={mine}versions/1/", [1]),
        ("limit=1", [2]),
    ],
)
def test_versions_are_filtered_and_sorted(boss: Client, mine: str, query: str, found: list[int]) -> None:
    tools = make.placed(repository(mine))
    change_contents(repository(mine), remove=[tools])
    query = query.format(tools=f"{CONTENT}{tools.pk}/", mine=mine)

    rows = boss.get(f"{mine}versions/?{query}").json()["results"]

    assert [each["number"] for each in rows] == found


def test_many_versions_take_as_few_statements_as_one(boss: Client, mine: str) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            boss.get(f"{mine}versions/")
        return len(asked)

    short = ask()
    for number in range(12):
        make.placed(repository(mine), number=f"1.0.{number}")

    assert ask() == short <= 4


@pytest.mark.parametrize("number", ["9", "-1", "x", "1" * 30, "%00"])
def test_a_version_that_is_not_there_is_not_found(boss: Client, mine: str, number: str) -> None:
    for method, path in (("get", ""), ("delete", ""), ("post", "repair/"), ("post", "rebuild_metadata/")):
        answer = boss.generic(method.upper(), f"{mine}versions/{number}/{path}")
        assert answer.status_code == 404, (method, path, answer.content)


def test_a_version_is_deleted_by_a_task(boss: Client, mine: str) -> None:
    make.placed(repository(mine))

    make.perform(task_of(boss.delete(f"{mine}versions/1/")))

    assert boss.get(f"{mine}versions/1/").status_code == 404
    assert boss.get(mine).json()["latest_version_href"] == f"{mine}versions/0/"


# -- what is done with content --------------------------------------------------------------------

NOBODY = "00000000-0000-0000-0000-000000000000"


def test_content_is_added_by_addresses_of_every_form(boss: Client, mine: str) -> None:
    versions = [make.version(number=f"1.0.{number}") for number in range(3)]
    forms = [
        f"{CONTENT}{versions[0].pk}/",
        f"http://testserver{CONTENT}{versions[1].pk}/",
        f"prn:ansible.collectionversion:{versions[2].pk}",
    ]

    task = task_of(boss.post(f"{mine}modify/", {"add_content_units": forms}, format="json"))
    make.perform(task)

    assert task.name == "pulpcore.app.tasks.repository.add_and_remove"
    present = boss.get(f"{mine}versions/1/").json()["content_summary"]["present"]
    assert present["ansible.collection_version"]["count"] == 3


def test_a_repository_goes_back_to_a_version(boss: Client, mine: str) -> None:
    tools = make.placed(repository(mine))
    change_contents(repository(mine), remove=[tools])

    task = task_of(boss.post(f"{mine}modify/", {"base_version": f"{mine}versions/1/"}, format="json"))
    make.perform(task)

    latest = boss.get(f"{mine}versions/3/").json()
    assert latest["base_version"] == f"{mine}versions/1/"
    assert latest["content_summary"]["present"]["ansible.collection_version"]["count"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"add_content_units": "x"}, "add_content_units"),
        ({"add_content_units": [1]}, "add_content_units"),
        ({"add_content_units": ["nonsense"]}, "add_content_units"),
        ({"add_content_units": [f"{CONTENT}{NOBODY}/"]}, "add_content_units"),
        ({"add_content_units": [f"{ROOT}content/ansible/namespaces/{NOBODY}/"]}, "add_content_units"),
        ({"add_content_units": None}, "add_content_units"),
        ({"remove_content_units": ["*", "x"]}, "remove_content_units"),
        ({"remove_content_units": {}}, "remove_content_units"),
        ({"base_version": "nonsense"}, "base_version"),
        ({"base_version": 1}, "base_version"),
        ({"base_version": "{mine}versions/7/"}, "base_version"),
        ({"base_version": "{other}versions/0/"}, "base_version"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_change_of_content_that_cannot_be_is_refused(
    boss: Client, mine: str, body: dict[str, Any], field: str
) -> None:
    other = boss.post(REPOSITORIES, {"name": "other"}, format="json").json()["pulp_href"]
    if isinstance(body.get("base_version"), str):
        body = {"base_version": body["base_version"].format(mine=mine, other=other)}

    answer = boss.post(f"{mine}modify/", body, format="json")

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_nobody_adds_what_they_may_not_see(mine: str, alice: User) -> None:
    hidden = make.placed(make.repository("secret", private=True))
    make.grant(alice, "ansible.modify_ansible_repo_content", on=repository(mine))

    units = [f"{CONTENT}{hidden.pk}/"]
    answer = make.api(alice).post(f"{mine}modify/", {"add_content_units": units}, format="json")

    assert answer.status_code == 400
    assert "Could not find the following content units" in answer.json()["add_content_units"][0]


@pytest.mark.parametrize(
    ("act", "stays"), [("copy_collection_version", True), ("move_collection_version", False)]
)
def test_versions_are_copied_and_moved(boss: Client, mine: str, act: str, stays: bool) -> None:
    tools = make.placed(repository(mine))
    other = boss.post(REPOSITORIES, {"name": "other"}, format="json").json()["pulp_href"]
    body = {"collection_versions": [f"{CONTENT}{tools.pk}/"], "destination_repositories": [other]}

    task = task_of(boss.post(f"{mine}{act}/", body, format="json"))
    make.perform(task)

    assert task.name == "pulp_ansible.app.tasks.copy.copy_or_move_and_sign"
    assert repository(other).contents.filter(removed=None).exists()
    assert repository(mine).contents.filter(removed=None).exists() is stays


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "collection_versions"),
        ({"collection_versions": [], "destination_repositories": ["{other}"]}, "collection_versions"),
        ({"collection_versions": ["{tools}"]}, "destination_repositories"),
        ({"collection_versions": ["{tools}"], "destination_repositories": []}, "destination_repositories"),
        ({"collection_versions": ["{tools}"], "destination_repositories": ["x"]}, "destination_repositories"),
        ({"collection_versions": ["{tools}"], "destination_repositories": [1]}, "destination_repositories"),
        (
            {"collection_versions": ["{tools}"], "destination_repositories": ["{mine}"]},
            "destination_repositories",
        ),
        (
            {"collection_versions": ["{elsewhere}"], "destination_repositories": ["{other}"]},
            "collection_versions",
        ),
        (
            {
                "collection_versions": ["{tools}"],
                "destination_repositories": ["{other}"],
                "signing_service": "x",
            },
            "signing_service",
        ),
    ],
)
@pytest.mark.parametrize("act", ["copy_collection_version", "move_collection_version"])
def test_a_transfer_that_cannot_be_is_refused(
    boss: Client, mine: str, act: str, body: dict[str, Any], field: str
) -> None:
    known = {
        "mine": mine,
        "other": boss.post(REPOSITORIES, {"name": "other"}, format="json").json()["pulp_href"],
        "tools": f"{CONTENT}{make.placed(repository(mine)).pk}/",
        "elsewhere": f"{CONTENT}{make.version(number='9.0.0').pk}/",
    }
    filled = {
        key: [each.format(**known) if isinstance(each, str) else each for each in value]
        if isinstance(value, list)
        else value
        for key, value in body.items()
    }

    answer = boss.post(f"{mine}{act}/", filled, format="json")

    assert answer.status_code == 400
    assert field in answer.json()


def test_marks_show_in_the_versions_of_the_repository(boss: Client, mine: str) -> None:
    tools = make.placed(repository(mine))
    distribution = {"name": "mine", "base_path": "mine", "repository": mine}
    task_of(boss.post(f"{ROOT}distributions/ansible/ansible/", distribution, format="json"))
    body = {"content_units": [f"{CONTENT}{tools.pk}/"], "value": "tested"}
    shown = "/api/automation-hub/v3/plugin/ansible/content/mine/collections/index/acme/tools/versions/"

    make.perform(task_of(boss.post(f"{mine}mark/", body, format="json")))
    marked = boss.get(shown).json()["data"][0]["marks"], boss.get(f"{shown}1.0.0/").json()["marks"]
    listed = boss.get(f"{ROOT}content/ansible/collection_marks/").json()["results"]
    make.perform(
        task_of(boss.post(f"{mine}unmark/", {"content_units": ["*"], "value": "tested"}, format="json"))
    )

    assert marked == (["tested"], ["tested"])
    assert [(each["value"], each["marked_collection"]) for each in listed] == [
        ("tested", f"{CONTENT}{tools.pk}/")
    ]
    assert boss.get(shown).json()["data"][0]["marks"] == []


@pytest.mark.parametrize("value", [None, "", "a b", 1, "x" * 51, []])
def test_a_mark_is_a_word(boss: Client, mine: str, value: Any) -> None:
    answer = boss.post(f"{mine}mark/", {"content_units": ["*"], "value": value}, format="json")

    assert answer.status_code == (202 if value == 1 else 400)


def test_nobody_signs_here(boss: Client, mine: str) -> None:
    bare = boss.post(f"{mine}sign/", {}, format="json")
    full = boss.post(f"{mine}sign/", {"content_units": ["*"], "signing_service": "x"}, format="json")

    assert bare.json() == {
        "content_units": ["This field is required."],
        "signing_service": ["This field is required."],
    }
    assert full.json() == {"signing_service": ["Invalid hyperlink - Object does not exist."]}


# -- who may do what ------------------------------------------------------------------------------

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
    ("post", "remove_role/", {"role": "galaxy.ansible_repository_owner", "users": ["bob"]}, 201),
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
