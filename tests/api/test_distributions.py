"""Distributions: the paths at which repositories are served."""

from __future__ import annotations

from typing import Any

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.registry.distribution_settings import RESOURCE, NotUnique
from cartwheel.registry.models import Distribution, Repository, RepositoryVersion, User
from cartwheel.registry.repositories import change_contents
from cartwheel.registry.repository_documents import GUARD

API = "/api/automation-hub/"
ROOT = f"{API}pulp/api/v3/"
DISTRIBUTIONS = f"{ROOT}distributions/ansible/ansible/"
UI = f"{API}_ui/v1/distributions/"

Client = Any


@pytest.fixture
def boss(admin: User) -> Client:
    return make.api(admin)


@pytest.fixture
def mine(db: None) -> Repository:
    made = make.repository("mine")
    RepositoryVersion.objects.create(repository=made, number=0)
    return made


def href(repository: Repository) -> str:
    return f"{ROOT}{repository.path}"


def address(base_path: str) -> str:
    return f"{DISTRIBUTIONS}{Distribution.objects.get(base_path=base_path).pk}/"


def task_of(answer: Any) -> Task:
    assert answer.status_code == 202, answer.content
    return Task.objects.get(pk=answer.json()["task"].split("/")[-2])


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    rows = answer.json().get("results", answer.json().get("data"))
    return [each["name"] for each in rows]


def test_a_distribution_is_made_by_a_task_that_tells_of_it(boss: Client, mine: Repository) -> None:
    body = {"name": "mine", "base_path": "mine/path", "repository": href(mine)}

    task = task_of(boss.post(DISTRIBUTIONS, body, format="json"))

    made = Distribution.objects.get()
    document = boss.get(address("mine/path")).json()
    assert (task.name, task.state) == ("pulpcore.app.tasks.base.general_create", State.COMPLETED)
    assert [each.path for each in task.created_resources.all()] == [made.path]
    assert task.result == document
    assert document["client_url"] == "http://testserver/pulp_ansible/galaxy/mine/path/"
    assert document["content_guard"] == f"{ROOT}{GUARD}"
    assert boss.get(document["content_guard"]).json()["name"] == "ContentRedirectContentGuard"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"base_path": ["This field is required."], "name": ["This field is required."]}),
        (
            {"name": "there", "base_path": "there"},
            {"base_path": ["This field must be unique."], "name": ["This field must be unique."]},
        ),
        (
            {"name": "x", "base_path": "/x"},
            {"base_path": ["Relative path cannot begin or end with slashes."]},
        ),
        (
            {"name": "x", "base_path": "there/x"},
            {"base_path": {"base_path": "Overlaps with existing distribution 'there'"}},
        ),
        (
            {"name": "there", "base_path": "deep", "nonsense": 1},
            {
                "base_path": {"base_path": "Overlaps with existing distribution 'deep'"},
                "name": ["This field must be unique."],
            },
        ),
        ({"name": "x", "base_path": "x y"}, {"base_path": ["Relative path cannot contain spaces."]}),
        (
            {"name": "x", "base_path": "x", "repository": 1},
            {"repository": ["Incorrect type. Expected URL string, received int."]},
        ),
        (
            {"name": "x", "base_path": "x", "repository": "nonsense"},
            {"repository": ["Invalid hyperlink - No URL match."]},
        ),
        (
            {"name": "x", "base_path": "x", "repository": "{mine}versions/0/"},
            {"repository": ["Invalid hyperlink - Incorrect URL match."]},
        ),
        (
            {"name": "x", "base_path": "x", "repository": "prn:ansible.collectionremote:x"},
            {"repository": ["Invalid hyperlink - Incorrect URL match."]},
        ),
        (
            {"name": "x", "base_path": "x", "repository": "prn:x"},
            {"repository": ["PRN must be of the form 'prn:app_label.model_label:pk': prn:x"]},
        ),
        (
            {"name": "x", "base_path": "x", "repository": "{all}x/"},
            {"repository": ["“x” is not a valid UUID."]},
        ),
        (
            {"name": "x", "base_path": "x", "repository_version": "{mine}"},
            {"repository_version": ["Invalid hyperlink - Incorrect URL match."]},
        ),
        (
            {"name": "x", "base_path": "x", "repository_version": "{mine}versions/7/"},
            {"repository_version": ["Invalid hyperlink - Object does not exist."]},
        ),
        (
            {"name": "x", "base_path": "x", "content_guard": "x"},
            {"content_guard": ["Invalid hyperlink - No URL match."]},
        ),
        (
            {"name": "x", "base_path": "x", "content_guard": "{mine}"},
            {"content_guard": ["Invalid hyperlink - Incorrect URL match."]},
        ),
        ({"name": "x", "base_path": "x", "nonsense": 1}, {"nonsense": ["Unexpected field"]}),
        (
            {
                "name": "x",
                "base_path": "x",
                "repository": "{mine}",
                "repository_version": "{mine}versions/0/",
            },
            {
                "non_field_errors": [
                    "Only one of the attributes 'repository' and 'repository_version' may be used simultaneously."
                ]
            },
        ),
        ({"name": "x", "base_path": None}, {"base_path": ["This field may not be null."]}),
        (
            {"name": "x", "base_path": "x" * 256},
            {"base_path": ["Ensure this field has no more than 255 characters."]},
        ),
    ],
)
def test_what_cannot_be_is_refused(
    boss: Client, mine: Repository, body: dict[str, Any], problem: Any
) -> None:
    Distribution.objects.create(name="there", base_path="there")
    Distribution.objects.create(name="deep", base_path="deep/down")
    filled = {
        key: value.format(mine=href(mine), all=f"{ROOT}repositories/ansible/ansible/")
        if isinstance(value, str)
        else value
        for key, value in body.items()
    }

    answer = boss.post(DISTRIBUTIONS, filled, format="json")

    assert (answer.status_code, answer.json()) == (400, problem)


@pytest.mark.parametrize("path", ["a//b", "../x", "a/./b", "a b", "a?b", "a#b", "a%2fb", "\u202e"])
def test_odd_paths_are_refused(boss: Client, path: str) -> None:
    answer = boss.post(DISTRIBUTIONS, {"name": "x", "base_path": path}, format="json")

    assert answer.status_code == 400
    assert list(answer.json()) == ["base_path"]


@pytest.mark.parametrize("guard", [None, "x", 1, {}, f"{ROOT}contentguards/core/rbac/1/"])
def test_there_is_no_other_guard(boss: Client, guard: Any) -> None:
    body = {"name": "x", "base_path": "x", "content_guard": guard}

    answer = boss.post(DISTRIBUTIONS, body, format="json")

    assert answer.status_code == 400
    assert list(answer.json()) == ["content_guard"]


def test_a_change_is_a_task_and_no_change_is_none(boss: Client) -> None:
    make.served("mine")
    there = address("mine")
    document = boss.get(there).json()

    same = boss.put(there, document, format="json")
    task = task_of(boss.patch(there, {"pulp_labels": {"a": "b"}}, format="json"))

    assert (same.status_code, same.json()) == (200, document)
    assert (task.name, task.state) == ("pulpcore.app.tasks.base.ageneral_update", State.COMPLETED)
    assert boss.get(there).json()["pulp_labels"] == {"a": "b"}


def test_a_path_changes_only_to_one_that_is_free(boss: Client) -> None:
    make.served("mine")
    make.served("other")

    taken = boss.patch(address("mine"), {"base_path": "other/below"}, format="json")
    free = boss.patch(address("mine"), {"base_path": "mine/below"}, format="json")

    assert taken.json() == {"base_path": {"base_path": "Overlaps with existing distribution 'other'"}}
    assert task_of(free).state == State.COMPLETED


def test_a_path_does_not_tell_of_a_private_one_nearby(boss: Client) -> None:
    make.served("secret", private=True)
    owner = make.user("owner")
    mine = make.served("mine")
    make.grant(owner, "ansible.change_ansiblerepository", on=mine)
    body = {"base_path": "secret/below"}

    told = [each.patch(address("mine"), body, format="json") for each in (make.api(owner), boss)]

    assert [each.json()["base_path"] for each in told] == [
        {"base_path": "Overlaps with an existing distribution"},
        {"base_path": "Overlaps with existing distribution 'secret'"},
    ]


def test_two_that_want_the_same_path_at_once_do_not_both_get_it(boss: Client) -> None:
    make.task(exclusive=[RESOURCE])  # else the first would be done before the second comes

    tasks = [task_of(boss.post(DISTRIBUTIONS, _named("second"), format="json")) for _ in range(2)]
    make.perform(tasks[0])

    with pytest.raises(NotUnique):
        make.perform(tasks[1])


def _named(name: str) -> dict[str, str]:
    return {"name": name, "base_path": name}


def test_stock_paths_stay(boss: Client) -> None:
    make.served("published")
    there = address("published")

    assert boss.delete(there).status_code == 403
    assert boss.patch(there, {"base_path": "elsewhere"}, format="json").status_code == 403


def test_a_deleted_distribution_is_gone_and_its_repository_stays(boss: Client) -> None:
    make.served("mine")
    there = address("mine")

    task = task_of(boss.delete(there))

    assert (task.name, task.state) == ("pulpcore.app.tasks.base.ageneral_delete", State.COMPLETED)
    assert boss.get(there).json() == {"detail": "No AnsibleDistribution matches the given query."}
    assert Repository.objects.exists()


def test_one_version_can_be_served_for_good(boss: Client, mine: Repository) -> None:
    old = make.placed(mine, number="1.0.0")
    body = {"name": "old", "base_path": "old", "repository_version": f"{href(mine)}versions/1/"}

    task_of(boss.post(DISTRIBUTIONS, body, format="json"))
    change_contents(mine, add=[make.version(number="2.0.0")], remove=[old])

    index = f"{API}v3/plugin/ansible/content/old/collections/index/acme/tools/"
    assert boss.get(index).json()["highest_version"]["version"] == "1.0.0"
    assert [each["version"] for each in boss.get(f"{index}versions/").json()["data"]] == ["1.0.0"]
    assert boss.get(f"{index}versions/2.0.0/").status_code == 404
    shown = boss.get(address("old")).json()
    assert shown["repository_version"] == body["repository_version"]
    assert shown["no_content_change_since"] == shown["pulp_last_updated"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["two", "one"]),
        ("name=one", ["one"]),
        ("name__icontains=W", ["two"]),
        ("base_path__in=one,two", ["two", "one"]),
        ("base_path__contains=n", ["one"]),
        ("repository={one}", ["one"]),
        ("repository=null", []),
        ("repository__in={one}", ["one"]),
        ("pulp_label_select=a=b", ["two"]),
        ("with_content={tools}", ["one"]),
        ("ordering=name", ["one", "two"]),
        ("q=name=one", ["one"]),
        ("limit=1", ["two"]),
    ],
)
def test_lists_are_filtered_and_sorted(boss: Client, query: str, found: list[str]) -> None:
    one = make.served("one")
    make.served("two")
    Distribution.objects.filter(name="two").update(labels={"a": "b"})
    tools = f"{ROOT}content/ansible/collection_versions/{make.placed(one).pk}/"
    query = query.format(one=href(one), tools=tools)

    assert names(boss.get(f"{DISTRIBUTIONS}?{query}")) == found
    assert names(boss.get(f"{ROOT}distributions/?{query}")) == found


@pytest.mark.parametrize(
    "query",
    ["nonsense=1", "name__regex=x", "ordering=nonsense", "name=%00", "repository=x", "repository__in=x,y"],
)
def test_what_no_list_understands_is_refused(boss: Client, query: str) -> None:
    assert boss.get(f"{DISTRIBUTIONS}?{query}").status_code == 400


@pytest.mark.parametrize(("path", "limit"), [(DISTRIBUTIONS, 3), (UI, 4)])
def test_a_page_takes_the_same_few_statements_however_long_it_is(boss: Client, path: str, limit: int) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            boss.get(path)
        return len(asked)

    make.placed(make.served("one"))
    short = ask()
    for number in range(9):
        make.served(f"number{number}")

    assert ask() == short <= limit


def test_the_ui_is_told_of_the_repository(boss: Client) -> None:
    make.placed(make.served("mine", description="ours"))
    make.served("another")

    shown = boss.get(UI).json()["data"]

    assert [each["name"] for each in shown] == ["another", "mine"]
    assert shown[1]["repository"] | {"description": "ours", "content_count": 1} == shown[1]["repository"]
    assert boss.get(f"{UI}{shown[1]['pulp_id']}/").json() == shown[1]
    assert boss.get(f"{UI}nonsense/").status_code == 404
    assert boss.get(f"{API}_ui/v1/my-distributions/").json()["data"] == []


def test_paths_of_private_repositories_are_for_those_who_may_view_them(alice: User, bob: User) -> None:
    secret = make.served("secret", private=True)
    make.placed(secret)
    make.grant(alice, "ansible.view_ansiblerepository", on=secret)

    for user, found in ((alice, ["secret"]), (bob, [])):
        client = make.api(user)
        assert names(client.get(DISTRIBUTIONS)) == found
        assert names(client.get(UI)) == found
        assert client.get(address("secret")).status_code == (200 if found else 404)
        index = f"{API}content/secret/v3/plugin/ansible/content/secret/collections/index/"
        assert client.get(index).status_code == (200 if found else 403)


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("bob", 403), ("alice", 202), ("admin", 202)])
@pytest.mark.parametrize("act", ["make", "change", "delete"])
def test_whoever_may_change_a_repository_may_serve_it(
    admin: User, alice: User, bob: User, who: str | None, status: int, act: str
) -> None:
    hers = make.served("hers")
    make.grant(alice, "ansible.change_ansiblerepository", "ansible.delete_ansiblerepository", on=hers)
    client = make.api(User.objects.get(username=who) if who else None)

    if act == "make":
        answer = client.post(DISTRIBUTIONS, _named("x") | {"repository": href(hers)}, format="json")
    elif act == "change":
        answer = client.patch(address("hers"), {"hidden": True}, format="json")
    else:
        answer = client.delete(address("hers"))

    assert answer.status_code == status


def test_nobody_serves_what_they_may_not_change(alice: User, mine: Repository) -> None:
    hers = make.served("hers")
    make.grant(alice, "ansible.change_ansiblerepository", on=hers)
    client = make.api(alice)

    made = client.post(DISTRIBUTIONS, _named("x") | {"repository": href(mine)}, format="json")
    changed = client.patch(address("hers"), {"repository": href(mine)}, format="json")

    assert (made.status_code, changed.status_code) == (403, 403)
