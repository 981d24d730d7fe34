"""Collections as the UI and pulp see them."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.registry.models import Namespace, Repository, User
from cartwheel.registry.repositories import change_contents

UI = "/api/automation-hub/_ui/v1/"
VERSIONS = "/api/automation-hub/pulp/api/v3/content/ansible/collection_versions/"


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def published(module_db: None) -> Repository:
    """acme.base 1.0.0; acme.tools 1.0.0 and 2.0.0, deprecated."""
    made = make.served()
    Namespace.objects.create(name="acme", company="Acme")
    make.placed(made, "acme.base", tags=["linux"], description="The ground floor")
    make.placed(made, "acme.tools", "2.0.0", tags=["tools", "linux"], docs_blob={"contents": []})
    tools = make.placed(
        made,
        "acme.tools",
        "1.0.0",
        tags=["tools"],
        docs_blob={"contents": ["old"]},
        dependencies={"acme.base": "*"},
    )
    change_contents(made, deprecate=[tools.collection])
    return made


def data(user: User, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = make.api(user).get(f"{UI}{path}").json()["data"]
    return found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["tools", "base"]),
        ("?namespace=acme", ["tools", "base"]),
        ("?namespace=other", []),
        ("?name=base", ["base"]),
        ("?deprecated=true", ["tools"]),
        ("?deprecated=false", ["base"]),
        ("?keywords=ground", ["base"]),
        ("?q=ground", ["base"]),
        ("?tags=tools,linux", ["tools"]),
        ("?version=1.0.0", ["base"]),
        ("?version=2.0.0&name=tools", ["tools"]),
        ("?sign_state=unsigned", ["tools", "base"]),
        ("?sign_state=signed", []),
    ],
)
def test_the_collections_of_a_repository(
    published: Repository, bob: User, query: str, names: list[str]
) -> None:
    assert [each["name"] for each in data(bob, f"repo/published/{query}")] == names


@pytest.mark.parametrize("name", ["sort", "order_by", "name__icontains", "whatever"])
def test_collections_of_a_repository_are_asked_for_nothing_else(
    published: Repository, bob: User, name: str
) -> None:
    (told,) = make.api(bob).get(f"{UI}repo/published/?{name}=x").json()["errors"]

    assert (told["code"], told["detail"]) == (None, f"Invalid Filter: '{name}'")


def test_a_collection_is_shown_with_its_highest_version_and_its_namespace(
    published: Repository, bob: User
) -> None:
    shown = data(bob, "repo/published/?name=tools")[0]

    assert shown["latest_version"]["version"] == "2.0.0"
    assert shown["id"] == shown["latest_version"]["id"]
    assert shown["namespace"]["company"] == "Acme"
    assert shown["deprecated"] is True


def test_a_collection_without_a_namespace_of_its_own_is_shown_too(published: Repository, bob: User) -> None:
    Namespace.objects.all().delete()

    assert data(bob, "repo/published/")[0]["namespace"] is None


def test_one_version_of_a_collection_can_be_chosen(published: Repository, bob: User) -> None:
    shown = make.api(bob).get(f"{UI}repo/published/acme/tools/?version=1.0.0").json()

    assert shown["latest_version"]["version"] == "1.0.0"
    assert shown["latest_version"]["docs_blob"] == {"contents": ["old"]}
    assert [each["version"] for each in shown["all_versions"]] == ["2.0.0", "1.0.0"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["base 1.0.0", "tools 2.0.0", "tools 1.0.0"]),
        ("?name=tools&version=1.0.0", ["tools 1.0.0"]),
        ("?sort=-pulp_created", ["tools 1.0.0", "tools 2.0.0", "base 1.0.0"]),
        ("?sort=version", ["base 1.0.0", "tools 1.0.0", "tools 2.0.0"]),
        ("?repository=published&keywords=ground", ["base 1.0.0"]),
        ("?repository=nowhere", []),
        ("?tags=linux", ["base 1.0.0", "tools 2.0.0"]),
        ("?dependency=acme.base", ["tools 1.0.0"]),
        ("?dependency=acme.tools", []),
        ("?name__icontains=TOO", ["tools 2.0.0", "tools 1.0.0"]),
        ("?name__contains=se&namespace__startswith=ac", ["base 1.0.0"]),
        ("?version__startswith=2", ["tools 2.0.0"]),
        ("?version_range=%3C2.0.0", ["base 1.0.0", "tools 1.0.0"]),
        ("?sort=-collection", ["tools 2.0.0", "tools 1.0.0", "base 1.0.0"]),
        ("?sort=namespace,-pulp_created", ["tools 1.0.0", "tools 2.0.0", "base 1.0.0"]),
        ("?sort=collection", ["base 1.0.0", "tools 1.0.0", "tools 2.0.0"]),
    ],
)
def test_the_versions_of_all_repositories(
    published: Repository, bob: User, query: str, expected: list[str]
) -> None:
    found = [f"{each['name']} {each['version']}" for each in data(bob, f"collection-versions/{query}")]

    assert found == expected


def test_without_a_sort_versions_stand_as_they_came_and_those_of_one_namespace_by_name(
    published: Repository, bob: User
) -> None:
    make.placed(published, "acme.base", "2.0.0")

    found = [
        [f"{each['name']} {each['version']}" for each in data(bob, f"collection-versions/{query}")]
        for query in ("", "?repository=published", "?namespace=acme")
    ]

    as_they_came = ["base 1.0.0", "tools 2.0.0", "tools 1.0.0", "base 2.0.0"]
    by_name = ["base 2.0.0", "base 1.0.0", "tools 2.0.0", "tools 1.0.0"]
    assert found == [as_they_came, as_they_came, by_name]


@pytest.mark.parametrize("sort", ["bogus", "name", "version,created"])
def test_the_versions_of_all_repositories_are_sorted_by_four_things_only(
    published: Repository, bob: User, sort: str
) -> None:
    (told,) = make.api(bob).get(f"{UI}collection-versions/?sort={sort}").json()["errors"]

    assert (told["code"], told["source"]) == ("invalid_choice", {"parameter": "sort"})


def test_a_version_that_is_nowhere_is_named(published: Repository, bob: User) -> None:
    (told,) = make.api(bob).get(f"{UI}collection-versions/acme/tools/9.9.9/").json()["errors"]

    assert (told["status"], told["detail"]) == ("404", "Collection version not found for: acme/tools/9.9.9")


def test_a_range_that_is_none_is_refused_in_the_list_of_all_versions(
    published: Repository, bob: User
) -> None:
    answer = make.api(bob).get(f"{UI}collection-versions/?version_range=new")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "version_range must be a valid semantic version range."


def test_a_version_tells_where_it_is(published: Repository, bob: User) -> None:
    base = published.contents.get(collection_version__name="base").collection_version
    change_contents(make.served("archive"), add=[base])
    change_contents(make.served("secret", private=True), add=[base])

    shown = make.api(bob).get(f"{UI}collection-versions/acme/base/1.0.0/").json()

    assert shown["repository_list"] == ["archive", "published"]
    assert "docs_blob" in shown


def test_tags_are_listed_by_name_with_how_many_versions_have_them(published: Repository, bob: User) -> None:
    assert data(bob, "tags/") == [{"name": "linux", "count": 2}, {"name": "tools", "count": 2}]

    make.placed(published, "acme.more", tags=["new", "tools"])
    make.placed(make.served("secret", private=True), "acme.hidden", tags=["hidden", "tools"])

    assert data(bob, "tags/") == [
        {"name": "linux", "count": 2},
        {"name": "new", "count": 1},
        {"name": "tools", "count": 3},
    ]


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("", {"linux": 2, "tools": 1}),
        ("?sort=-name", {"tools": 1, "linux": 2}),
        ("?sort=count", {"tools": 1, "linux": 2}),
        ("?sort=-count", {"linux": 2, "tools": 1}),
        ("?sort=else", {"linux": 2, "tools": 1}),
        ("?name=linux", {"linux": 2}),
        ("?name=lin", {}),
        ("?name__icontains=TOO", {"tools": 1}),
        ("?name__contains=oo", {"tools": 1}),
        ("?name__contains=OO", {}),
        ("?name__startswith=to", {"tools": 1}),
        ("?name__startswith=oo", {}),
    ],
)
def test_tags_of_the_highest_versions(
    published: Repository, bob: User, query: str, counts: dict[str, int]
) -> None:
    found = data(bob, f"tags/collections/{query}")

    assert [(each["name"], each["count"]) for each in found] == list(counts.items())


def test_a_version_that_is_the_highest_in_two_repositories_has_its_tags_once(
    published: Repository, bob: User
) -> None:
    base = published.contents.get(collection_version__name="base").collection_version
    change_contents(make.served("archive"), add=[base])

    assert data(bob, "tags/collections/?name=linux") == [{"name": "linux", "count": 2}]


# -- pulp -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1.0.0", "2.0.0", "1.0.0"]),
        ("?name=tools&version=2.0.0", ["2.0.0"]),
        ("?name=tools&ordering=version", ["1.0.0", "2.0.0"]),
        ("?q=ground", ["1.0.0"]),
        ("?tags=tools", ["1.0.0", "2.0.0"]),
    ],
)
def test_versions_in_the_form_of_pulp(
    published: Repository, bob: User, query: str, expected: list[str]
) -> None:
    results = make.api(bob).get(f"{VERSIONS}{query}").json()["results"]

    assert [each["version"] for each in results] == expected


def test_a_version_of_the_repository_selects_what_was_in_it(published: Repository, bob: User) -> None:
    href = f"/api/automation-hub/pulp/api/v3/{published.versions.get(number=1).path}"

    results = make.api(bob).get(VERSIONS, {"repository_version": href}).json()["results"]

    assert [each["name"] for each in results] == ["base"]


def test_what_is_no_repository_version_selects_nothing(published: Repository, bob: User) -> None:
    value = "/api/automation-hub/pulp/api/v3/repositories/ansible/ansible/x/versions/1/"

    assert make.api(bob).get(VERSIONS, {"repository_version": value}).json()["count"] == 0


def test_documentation_is_in_short_pages_and_in_details(published: Repository, bob: User) -> None:
    client = make.api(bob)
    short = client.get(f"{VERSIONS}?limit=10").json()["results"][0]
    long = client.get(VERSIONS).json()["results"][0]
    chosen = client.get(f"{VERSIONS}?fields=name,docs_blob").json()["results"][0]
    detail = client.get(short["pulp_href"]).json()

    assert detail == short
    assert "docs_blob" in short
    assert "docs_blob" not in long
    assert set(chosen) == {"name", "docs_blob"}


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("?nonsense=1", 400, {"errors": ["Invalid Filter: 'nonsense'"]}),
        (
            "00000000-0000-0000-0000-000000000000/",
            404,
            {"detail": "No CollectionVersion matches the given query."},
        ),
        ("nonsense/", 404, {"detail": "Not found."}),
    ],
)
def test_mistakes_are_told_in_the_form_of_pulp(
    bob: User, path: str, status: int, body: dict[str, Any]
) -> None:
    answer = make.api(bob).get(f"{VERSIONS}{path}")

    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize(
    "at", ["", "published/", "published/acme/", "published/acme/base/", "published/acme/base/1.0.0/"]
)
@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "This field is required."),
        ({"signing_service": "ours"}, 'Signing service "ours" does not exist.'),
        ([], "This field is required."),
    ],
)
def test_nothing_is_signed_and_the_missing_service_is_named(
    admin: User, at: str, body: Any, detail: str
) -> None:
    answer = make.api(admin).post(f"{UI}collection_signing/{at}", body, format="json")

    assert answer.status_code == 400
    [told] = answer.json()["errors"]
    assert (told["detail"], told["source"]) == (detail, {"parameter": "signing_service"})
