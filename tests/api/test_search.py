"""Search across repositories."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.registry.models import Namespace, Repository, User
from cartwheel.registry.namespaces import change_namespace
from cartwheel.registry.repositories import change_contents

SEARCH = "/api/automation-hub/v3/plugin/ansible/search/collection-versions/"


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def hub(module_db: None) -> dict[str, Repository]:
    """published: acme.base 1.0.0 and 1.1.0, acme.dep 1.0.0; staging: acme.base 2.0.0."""
    published = make.served("published", labels={"pipeline": "approved"})
    staging = make.served("staging", labels={"pipeline": "staging", "hide_from_search": ""})
    make.placed(published, "acme.base", "1.0.0", tags=["tools", "linux"], description="The ground floor")
    make.placed(published, "acme.base", "1.1.0", tags=["tools"])
    dep = make.placed(published, "acme.dep", dependencies={"acme.base": ">=1.0.0"})
    make.placed(staging, "acme.base", "2.0.0")
    change_contents(published, deprecate=[dep.collection])
    return {"published": published, "staging": staging}


def found(user: User, query: str) -> list[str]:
    """What a search finds, in short."""
    data = make.api(user).get(f"{SEARCH}?limit=100&{query}").json()["data"]
    return [
        f"{each['repository']['name']}: {each['collection_version']['name']} {each['collection_version']['version']}"
        for each in data
    ]


BASE_100, BASE_110 = "published: base 1.0.0", "published: base 1.1.0"
DEP, BASE_200 = "published: dep 1.0.0", "staging: base 2.0.0"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [BASE_200, DEP, BASE_110, BASE_100]),
        ("whatever=x", [BASE_200, DEP, BASE_110, BASE_100]),
        ("namespace=acme&name=dep", [DEP]),
        ("name=de", []),
        ("version=1.1.0", [BASE_110]),
        ("repository_name=staging", [BASE_200]),
        (
            "repository_name=staging&repository_name=published&name=base&order_by=version",
            [BASE_100, BASE_110, BASE_200],
        ),
        ("distribution_base_path=published&is_highest=true", [DEP, BASE_110]),
        ("is_highest=false", [BASE_100]),
        ("highest=true&name=base", [BASE_200, BASE_110]),
        ("is_deprecated=true", [DEP]),
        ("deprecated=false&repository_name=published", [BASE_110, BASE_100]),
        ("is_signed=true", []),
        ("signed=false&version=2.0.0", [BASE_200]),
        ("q=GROUND", [BASE_100]),
        ("keywords=acme+dep", [DEP]),
        ("keywords=acme+nothing", []),
        ("keywords=100%25", []),
        ("tags=tools", [BASE_110, BASE_100]),
        ("tags=tools,linux", [BASE_100]),
        ("tags=tool", []),
        ("dependency=acme.base", [DEP]),
        ("dependency=acme", []),
        ("version_range=>=1.1.0", [BASE_200, BASE_110]),
        ("version_range=>=1.0.0,<1.1.0&name=base", [BASE_100]),
        ("repository_label=pipeline=staging", [BASE_200]),
        ("repository_label=!hide_from_search", [DEP, BASE_110, BASE_100]),
        ("repository_version=latest&name=dep", [DEP]),
        ("repository_version=1&repository_name=published", [BASE_100]),
        ("repository_version=7", []),
        ("repository_version=-1", []),
        ("repository=nonsense", []),
        ("order_by=-version", [BASE_200, BASE_110, DEP, BASE_100]),
        ("order_by=name", [BASE_200, BASE_110, BASE_100, DEP]),
        ("order_by=pulp_created", [BASE_100, BASE_110, DEP, BASE_200]),
        ("order_by=-name", [DEP, BASE_200, BASE_110, BASE_100]),
        ("order_by=namespace,name", [BASE_200, BASE_110, BASE_100, DEP]),
        ("order_by=name,pulp_created", [BASE_100, BASE_110, BASE_200, DEP]),
        ("order_by=name,-version&name=base", [BASE_200, BASE_110, BASE_100]),
        ("order_by=version,-name&name=base", [BASE_100, BASE_110, BASE_200]),
    ],
)
def test_filters_and_orders(hub: dict[str, Repository], bob: User, query: str, expected: list[str]) -> None:
    assert found(bob, query) == expected


def test_repositories_are_named_by_id_or_address(hub: dict[str, Repository], bob: User) -> None:
    staging = hub["staging"]
    href = f"/api/automation-hub/pulp/api/v3/repositories/ansible/ansible/{staging.pk}/"

    assert found(bob, f"repository={staging.pk}") == [BASE_200]
    assert found(bob, f"repository={href}") == [BASE_200]
    assert found(bob, f"repository={staging.prn}") == [BASE_200]


def test_what_was_highest_in_an_older_version_is_told(hub: dict[str, Repository], bob: User) -> None:
    answer = make.api(bob).get(f"{SEARCH}?repository_version=1&repository_name=published").json()

    assert [(each["is_highest"], each["repository_version"]) for each in answer["data"]] == [(True, "1")]


def test_a_version_that_left_a_repository_is_not_found_there(hub: dict[str, Repository], bob: User) -> None:
    published = hub["published"]
    change_contents(published, remove=[each.collection_version for each in published.contents.all()])

    assert found(bob, "") == [BASE_200]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("version_range=nonsense", "version_range must be a valid semantic version range."),
        *(
            (f"repository_version={each}", "repository_version must be a number or latest.")
            for each in ("nonsense", "1.5", "%00", "9999999999", "%D9%A3")
        ),
        ("repository_label=a/b", "Invalid search term: 'a/b'."),
        ("repository_label=!a=b", "Cannot use an operator with '!a'."),
    ],
)
def test_a_search_that_is_not_understood_is_refused(bob: User, query: str, message: str) -> None:
    answer = make.api(bob).get(f"{SEARCH}?{query}")

    assert (answer.status_code, answer.json()) == (400, [message])


def test_another_order_is_refused(bob: User) -> None:
    answer = make.api(bob).get(f"{SEARCH}?order_by=name,nonsense")

    message = "Select a valid choice. nonsense is not one of the available choices."
    assert (answer.status_code, answer.json()) == (400, {"order_by": [message]})


def test_a_result_tells_all_about_its_repository(hub: dict[str, Repository], bob: User) -> None:
    result: dict[str, Any] = make.api(bob).get(f"{SEARCH}?name=dep").json()["data"][0]

    published = Repository.objects.get(name="published")
    href = f"/api/automation-hub/pulp/api/v3/repositories/ansible/ansible/{published.pk}/"
    assert result["repository"]["pulp_href"] == href
    assert result["repository"]["latest_version_href"] == f"{href}versions/4/"
    assert result["repository"]["pulp_labels"] == {"pipeline": "approved"}
    assert result["collection_version"]["dependencies"] == {"acme.base": ">=1.0.0"}
    assert (result["is_highest"], result["is_deprecated"], result["is_signed"]) == (True, True, False)
    assert result["repository_version"] == "latest"


def test_a_namespace_is_shown_where_it_had_collections_when_it_was_changed(
    hub: dict[str, Repository], admin: User, bob: User
) -> None:
    namespace = Namespace.objects.create(name="acme")
    change_namespace(namespace, {"company": "Acme Inc", "avatar_url": "https://example.com/a.png"}, by=admin)
    later = make.served("later")
    make.placed(later, "acme.late")

    shown = {
        each["repository"]["name"]: each["namespace_metadata"]
        for each in make.api(bob).get(f"{SEARCH}?namespace=acme").json()["data"]
    }

    assert shown["later"] is None
    assert shown["published"]["name"] == "acme"
    assert shown["published"]["company"] == "Acme Inc"
    assert shown["published"]["avatar_url"] == "https://example.com/a.png"
    assert make.api(bob).get(shown["published"]["pulp_href"]).json()["company"] == "Acme Inc"
    in_repository = "/api/automation-hub/v3/plugin/ansible/content/{}/namespaces/"
    listed = make.api(bob).get(in_repository.format("published")).json()["results"]
    assert [each["name"] for each in listed] == ["acme"]
    assert make.api(bob).get(f"{in_repository.format('published')}acme/").json() == listed[0]
    not_there = make.api(bob).get(f"{in_repository.format('later')}acme/")
    assert (not_there.status_code, not_there.json()["errors"][0]["code"]) == (404, "not_found")
    assert make.api(bob).get(f"{in_repository.format('published')}?name=other").json()["results"] == []
    unknown = make.api(bob).get(f"{in_repository.format('published')}?bogus=1")
    assert (unknown.status_code, unknown.json()["errors"][0]["detail"]) == (400, "Invalid Filter: 'bogus'")
