"""The web UI's search for collections, and tags as Pulp lists them."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.registry.models import Collection, Repository, User
from cartwheel.registry.repositories import change_contents

API = "/api/automation-hub/"
SEARCH = f"{API}_ui/v1/search/"


@pytest.fixture
def hub(db: None) -> Repository:
    """tools in two versions and two repositories, base deprecated, and hush in secret."""
    published, staging = make.served("published"), make.served("staging")
    base = make.placed(published, "acme.base", tags=["linux"], description="The ground")
    make.placed(published, "acme.tools", "1.0.0", tags=["tools"], description="Old tools")
    make.placed(staging, "acme.tools", "2.0.0", tags=["tools", "linux"], description="New tools")
    make.placed(make.repository("secret", private=True), "acme.hush")
    make.placed(make.repository("secret"), "acme.base", "9.0.0")
    change_contents(published, deprecate=[base.collection])
    make.namespace("acme", avatar_url="https://example.com/a.png")
    Collection.objects.filter(name="tools").update(download_count=3)
    return published


def found(user: User | None, query: str = "") -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = make.api(user).get(f"{SEARCH}{query}").json()["data"]
    return data


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["tools", "base"]),
        ("?order_by=name", ["base", "tools"]),
        ("?order_by=-name", ["tools", "base"]),
        ("?order_by=download_count", ["base", "tools"]),
        ("?order_by=-relevance&search_type=websearch", ["tools", "base"]),
        ("?keywords=NEW tools", ["tools"]),
        ("?keywords=tools new", []),
        ("?keywords=tools new&search_type=websearch", ["tools"]),
        ("?keywords=ground", ["base"]),
        ("?keywords=acme&type=collection", ["tools", "base"]),
        ("?type=role", []),
        ("?platform=debian", []),
        ("?deprecated=true", ["base"]),
        ("?deprecated=False", ["tools"]),
        ("?name=TOOLS&namespace=Acme", ["tools"]),
        ("?namespace=other", []),
        ("?tags=lin", ["tools", "base"]),
        ("?tags=linux&tags=tools", ["tools"]),
        ("?whatever=x", ["tools", "base"]),
    ],
)
def test_collections_are_searched_by_their_highest_versions(
    hub: Repository, bob: User, query: str, names: list[str]
) -> None:
    assert [each["name"] for each in found(bob, query)] == names


def test_a_result_tells_of_the_highest_version_that_one_may_read(
    hub: Repository, bob: User, admin: User
) -> None:
    tools, base = found(bob)

    assert (tools["latest_version"], tools["description"]) == ("2.0.0", "New tools")
    assert (tools["type"], tools["namespace"], tools["deprecated"]) == ("collection", "acme", False)
    assert (tools["tags"], tools["platforms"], tools["contents"]) == (["tools", "linux"], [], [])
    assert (tools["download_count"], tools["avatar_url"]) == (3, "https://example.com/a.png")
    assert (base["latest_version"], base["deprecated"]) == ("1.0.0", True)
    assert {each["name"]: each["latest_version"] for each in found(admin)} == {
        "tools": "2.0.0",
        "base": "9.0.0",
        "hush": "1.0.0",
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("type=x", "'type' must be ['collection', 'role']"),
        ("search_type=x", "'search_type' must be ['sql', 'websearch']"),
        ("deprecated=x", "'deprecated' filter must be 'true' or 'false'"),
        ("order_by=relevance", "'order_by=relevance' works only with 'search_type=websearch'"),
        (
            "order_by=x",
            "order_by requires one of ['name', 'namespace_name', 'download_count', 'last_updated', 'relevance', "
            "'-name', '-namespace_name', '-download_count', '-last_updated', '-relevance']",
        ),
    ],
)
def test_what_is_not_understood_is_refused(bob: User, query: str, message: str) -> None:
    answer = make.api(bob).get(f"{SEARCH}?{query}")

    assert answer.status_code == 400
    assert [each["detail"] for each in answer.json()["errors"]] == [message]


def test_nobody_searches_who_is_not_signed_in(db: None) -> None:
    assert make.api().get(SEARCH).status_code == 401


def test_pulp_lists_tags_with_how_many_versions_have_them(hub: Repository, admin: User, bob: User) -> None:
    tags = f"{API}pulp/api/v3/pulp_ansible/tags/"

    assert make.api(admin).get(tags).json()["results"] == [
        {"name": "linux", "count": 2},
        {"name": "tools", "count": 2},
    ]
    assert make.api(bob).get(tags).status_code == 403
