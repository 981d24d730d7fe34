"""Lists of repositories in Pulp's dialect."""

from __future__ import annotations

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.registry.models import (
    Repository,
    User,
)
from cartwheel.registry.repositories import change_contents

from .conftest import CONTENT, REPOSITORIES, ROOT, Client, names

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def three(module_db: None) -> dict[str, Repository]:
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
        ("pulp_href__in={href}", ["one"]),
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
    query = query.format(tools=f"{CONTENT}{tools}/", one=three["one"].pk, href=f"{ROOT}{three['one'].path}")

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
        assert names(client.get(f"{REPOSITORIES}?name=secret")) == found
        assert names(client.get(f"{ROOT}repositories/?name=secret")) == found
        status = 200 if found else 404
        assert client.get(f"{REPOSITORIES}{secret.pk}/").status_code == status
        assert client.get(f"{REPOSITORIES}{secret.pk}/versions/").status_code == status
