"""Versions of repositories in Pulp's dialect."""

from __future__ import annotations

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.registry import counting
from cartwheel.registry.models import User
from cartwheel.registry.repositories import change_contents

from .conftest import CONTENT, ROOT, Client, repository, task_of


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

    assert ask() == short <= 5


def test_versions_of_all_repositories_stand_in_one_list(boss: Client, mine: str, bob: User) -> None:
    tools = make.placed(repository(mine))
    secret = make.repository("secret", private=True)
    make.placed(secret, "acme.hidden")
    address = f"{ROOT}repository_versions/"

    everything = boss.get(address).json()["results"]

    own = {each["pulp_href"]: each for each in boss.get(f"{mine}versions/").json()["results"]}
    others = boss.get(f"{ROOT}{secret.path}versions/").json()["results"]
    assert {each["pulp_href"]: each for each in everything} == own | {
        each["pulp_href"]: each for each in others
    }
    for query, found in {
        f"content={CONTENT}{tools.pk}/": [f"{mine}versions/1/"],
        f"pulp_href__in={mine}versions/0/,{mine}versions/x/": [f"{mine}versions/0/"],
        "number=0&ordering=pulp_created&limit=1": [f"{mine}versions/0/"],
    }.items():
        assert [each["pulp_href"] for each in boss.get(f"{address}?{query}").json()["results"]] == found
    assert {each["repository"] for each in make.api(bob).get(address).json()["results"]} == {mine}


def test_versions_of_many_repositories_take_as_few_statements_as_of_two(boss: Client, mine: str) -> None:
    def ask() -> int:
        counting._known.clear()
        with CaptureQueriesContext(connection) as asked:
            assert boss.get(f"{ROOT}repository_versions/").json()["count"] > 1
        return len(asked)

    make.placed(repository(mine))
    make.placed(make.repository("one"), "acme.one")
    short = ask()
    for name in ("two", "three"):
        make.placed(make.repository(name), f"acme.{name}")

    assert ask() == short <= 5


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
