"""What is done with the content of repositories in Pulp's dialect."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.registry.models import (
    User,
)
from cartwheel.registry.repositories import change_contents, contents

from .conftest import CONTENT, REPOSITORIES, ROOT, Client, repository, task_of

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


def test_a_repository_becomes_like_a_version_of_another(boss: Client, mine: str) -> None:
    other = make.repository("other")
    early, late, mines = make.placed(other), make.placed(other, "acme.late"), make.version("acme.mine")
    make.placed(repository(mine), "acme.old")
    base = f"{ROOT}{other.path}versions/2/"
    body = {"base_version": base, "add_content_units": [f"{CONTENT}{mines.pk}/"]}
    body["remove_content_units"] = [f"{CONTENT}{late.pk}/"]

    task = task_of(boss.post(f"{mine}modify/", body, format="json"))
    change_contents(other, remove=[early])  # what it is like now does not matter
    make.perform(task)

    assert set(contents(repository(mine))) == {early, mines}
    assert boss.get(f"{mine}versions/2/").json()["base_version"] == base
    assert task.title == "Make mine like version 2 of other"


def test_nobody_makes_a_repository_like_one_that_they_may_not_see(mine: str, alice: User) -> None:
    secret = make.repository("secret", private=True)
    make.grant(alice, "ansible.modify_ansible_repo_content", on=repository(mine))
    body = {"base_version": f"{ROOT}{secret.path}versions/0/"}

    answer = make.api(alice).post(f"{mine}modify/", body, format="json")

    assert answer.json() == {"base_version": ["Invalid hyperlink - Object does not exist."]}


@pytest.mark.parametrize(
    ("base", "problem"),
    [
        ("x", "Invalid hyperlink - No URL match."),
        ("{mine}", "Invalid hyperlink - Incorrect URL match."),
        ("{mine}versions/9/", "Invalid hyperlink - Object does not exist."),
        (1, "Incorrect type. Expected URL string, received int."),
    ],
)
def test_what_is_no_version_to_be_like_is_refused(boss: Client, mine: str, base: Any, problem: str) -> None:
    body = {"base_version": base.format(mine=mine) if isinstance(base, str) else base}

    answer = boss.post(f"{mine}modify/", body, format="json")

    assert (answer.status_code, answer.json()) == (400, {"base_version": [problem]})


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
        ({"base_version": "{other}versions/1/"}, "base_version"),
        ({"overwrite": "maybe"}, "overwrite"),
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
    assert full.json() == {"signing_service": ["Invalid hyperlink - No URL match."]}
