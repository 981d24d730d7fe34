"""Collections and versions over the API: who may, and what the answers look like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.engine.models import Task
from cartwheel.registry.collections import ids_in
from cartwheel.registry.models import Namespace, User
from cartwheel.registry.repositories import change_contents

API = "/api/automation-hub/"
CONTENT = f"{API}v3/plugin/ansible/content/published/"
INDEX = f"{CONTENT}collections/index/"
TOOLS = f"{INDEX}acme/tools/"
CANONICAL = f"{API}content/published/v3/plugin/ansible/content/published/collections/index/acme/tools/"
NOT_FOUND = {"errors": [{"status": "404", "code": "not_found", "title": "Not found."}]}

SIGNED_IN = {"anonymous": 401, "stranger": 200, "owner": 200, "admin": 200}
NOBODY = {"anonymous": 401, "stranger": 403, "owner": 403, "admin": 403}
MAY_DEPRECATE = {"anonymous": 401, "stranger": 403, "owner": 202, "admin": 202}
MAY_CURATE = {"anonymous": 401, "stranger": 403, "owner": 403, "admin": 202}
EVERYBODY = {"anonymous": 302, "stranger": 302, "owner": 302, "admin": 302}
DOWNLOAD = {"anonymous": 401, "stranger": 302, "owner": 302, "admin": 302}

RIGHTS: list[tuple[str, str, dict[str, int]]] = [
    ("GET", f"{CONTENT}collections/", SIGNED_IN),
    ("GET", INDEX, SIGNED_IN),
    ("GET", TOOLS, SIGNED_IN),
    ("PATCH", TOOLS, MAY_DEPRECATE),
    ("DELETE", TOOLS, MAY_CURATE),
    ("GET", f"{TOOLS}versions/", SIGNED_IN),
    ("GET", f"{TOOLS}versions/1.0.0/", SIGNED_IN),
    ("DELETE", f"{TOOLS}versions/1.0.0/", MAY_CURATE),
    ("GET", f"{TOOLS}versions/1.0.0/docs-blob/", SIGNED_IN),
    ("GET", f"{CONTENT}collections/all-collections/", NOBODY),
    ("GET", f"{CONTENT}collections/all-versions/", NOBODY),
    ("GET", f"{CONTENT}collections/artifacts/acme-tools-1.0.0.tar.gz", DOWNLOAD),
    ("GET", f"{CONTENT}namespaces/", SIGNED_IN),
    ("GET", f"{API}v3/plugin/ansible/client-configuration/", SIGNED_IN),
    ("GET", f"{API}v3/plugin/ansible/search/collection-versions/", SIGNED_IN),
    ("GET", f"{API}v3/excludes/", SIGNED_IN),
    ("POST", f"{API}v3/collections/acme/tools/versions/1.0.0/move/published/rejected/", MAY_CURATE),
    ("POST", f"{API}v3/collections/acme/tools/versions/1.0.0/copy/published/rejected/", MAY_CURATE),
    ("GET", f"{API}v3/collections/acme/tools/", EVERYBODY),
    ("GET", f"{API}_ui/v1/repo/published/", SIGNED_IN),
    ("GET", f"{API}_ui/v1/repo/published/acme/tools/", SIGNED_IN),
    ("GET", f"{API}_ui/v1/collection-versions/", SIGNED_IN),
    ("GET", f"{API}_ui/v1/collection-versions/acme/tools/1.0.0/", SIGNED_IN),
    ("GET", f"{API}_ui/v1/tags/", SIGNED_IN),
    ("GET", f"{API}_ui/v1/tags/collections/", SIGNED_IN),
    ("GET", f"{API}pulp/api/v3/content/ansible/collection_versions/", SIGNED_IN),
]


@pytest.mark.parametrize(("method", "path", "expected"), RIGHTS)
def test_everybody_may_what_is_theirs_to_do(
    alice: User, bob: User, admin: User, method: str, path: str, expected: dict[str, int]
) -> None:
    make.placed(make.served())
    make.served("rejected")
    make.grant(alice, "galaxy.upload_to_namespace", on=Namespace.objects.create(name="acme"))
    people = {"anonymous": None, "stranger": bob, "owner": alice, "admin": admin}

    answers = {
        who: make.api(user).generic(method, path, '{"deprecated": true}', "application/json")
        for who, user in people.items()
    }

    assert {who: answer.status_code for who, answer in answers.items()} == expected


@pytest.mark.parametrize(
    "path", [INDEX, TOOLS, f"{TOOLS}versions/", f"{CONTENT}collections/artifacts/acme-tools-1.0.0.tar.gz"]
)
def test_a_private_repository_is_for_those_who_were_given_it(alice: User, bob: User, path: str) -> None:
    published = make.served(private=True)
    make.placed(published)
    make.grant(alice, "ansible.view_ansiblerepository", on=published)

    assert make.api(alice).get(path).status_code in (200, 302)
    assert make.api(bob).get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        f"{API}v3/plugin/ansible/search/collection-versions/",
        f"{API}_ui/v1/collection-versions/",
        f"{API}_ui/v1/tags/",
        f"{API}pulp/api/v3/content/ansible/collection_versions/",
    ],
)
def test_lists_show_nothing_of_private_repositories(alice: User, bob: User, path: str) -> None:
    published = make.served(private=True)
    make.placed(published, tags=["secret"])
    make.grant(alice, "ansible.view_ansiblerepository", on=published)

    assert _count(make.api(alice).get(path)) == 1
    assert _count(make.api(bob).get(path)) == 0


def _count(answer: Any) -> int:
    body = answer.json()
    return int(body["count"] if "count" in body else body["meta"]["count"])


def test_a_collection_shows_its_highest_version(bob: User) -> None:
    published = make.served()
    for number in ("1.0.0", "1.10.0", "1.9.0"):
        make.placed(published, number=number)

    shown = make.api(bob).get(TOOLS).json()

    assert shown["href"] == CANONICAL
    assert shown["versions_url"] == f"{CANONICAL}versions/"
    assert shown["highest_version"] == {"href": f"{CANONICAL}versions/1.10.0/", "version": "1.10.0"}
    assert (shown["namespace"], shown["name"], shown["deprecated"]) == ("acme", "tools", False)


def test_the_highest_version_is_that_of_this_repository(bob: User) -> None:
    make.placed(make.served())
    make.placed(make.served("staging"), number="2.0.0")

    assert make.api(bob).get(TOOLS).json()["highest_version"]["version"] == "1.0.0"


def test_the_newest_collection_comes_first(bob: User) -> None:
    published = make.served()
    for name in ("acme.first", "acme.second"):
        make.placed(published, name)

    data = make.api(bob).get(INDEX).json()["data"]

    assert [each["name"] for each in data] == ["second", "first"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("namespace=acme", ["tools", "base"]),
        ("namespace=acme&name=base", ["base"]),
        ("deprecated=true", ["tools"]),
        ("deprecated=false", ["base"]),
        ("name=ba", []),
    ],
)
def test_the_index_is_filtered(bob: User, query: str, names: list[str]) -> None:
    published = make.served()
    make.placed(published, "acme.base")
    tools = make.placed(published)
    change_contents(published, deprecate=[tools.collection])

    data = make.api(bob).get(f"{INDEX}?{query}").json()["data"]

    assert [each["name"] for each in data] == names


@pytest.mark.parametrize("path", [INDEX, f"{TOOLS}versions/"])
def test_an_unknown_parameter_is_refused(bob: User, path: str) -> None:
    make.placed(make.served())

    answer = make.api(bob).get(f"{path}?order_by=-version")

    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [
            {
                "status": "400",
                "code": None,
                "title": "Invalid input.",
                "detail": "Invalid Filter: 'order_by'",
                "source": {"parameter": "errors"},
            }
        ]
    }


@pytest.mark.parametrize(
    "path",
    [
        f"{API}v3/plugin/ansible/content/nowhere/collections/index/",
        f"{INDEX}acme/nothere/",
        f"{INDEX}acme/nothere/versions/1.0.0/",
        f"{TOOLS}versions/9.9.9/",
        f"{TOOLS}versions/9.9.9/docs-blob/",
        f"{API}_ui/v1/repo/published/acme/nothere/",
        f"{API}_ui/v1/repo/published/acme/tools/?version=9.9.9",
        f"{API}v3/collections/all/",
        f"{API}v3/collection_versions/all/",
    ],
)
def test_what_is_not_there_is_not_found(bob: User, path: str) -> None:
    make.placed(make.served())

    answer = make.api(bob).get(path)

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_a_collection_that_is_not_there_has_no_versions(bob: User) -> None:
    make.placed(make.served())

    answer = make.api(bob).get(f"{INDEX}acme/nothere/versions/")

    assert (answer.status_code, answer.json()["meta"], answer.json()["data"]) == (200, {"count": 0}, [])


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [("", ["2.0.0", "1.10.0", "1.9.0"]), ("version", ["1.9.0", "1.10.0", "2.0.0"]), ("-pulp_created", ["1.10.0", "2.0.0", "1.9.0"])],
)  # fmt: skip
def test_versions_are_sorted_as_is_asked_for(bob: User, ordering: str, expected: list[str]) -> None:
    published = make.served()
    for number in ("1.9.0", "2.0.0", "1.10.0"):
        make.placed(published, number=number)
    client = make.api(bob)

    answer = client.get(f"{TOOLS}versions/?ordering={ordering}")
    refused = client.get(f"{TOOLS}versions/?ordering=bogus")

    assert [each["version"] for each in answer.json()["data"]] == expected
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "invalid_choice")


def test_a_version_that_has_left_the_repository_is_not_found(bob: User) -> None:
    published = make.served()
    tools = make.placed(published)
    change_contents(published, remove=[tools])

    assert make.api(bob).get(f"{TOOLS}versions/1.0.0/").status_code == 404
    assert make.api(bob).get(TOOLS).status_code == 404


def test_versions_come_highest_first(bob: User) -> None:
    published = make.served()
    for number in ("1.0.0", "2.0.0-beta.1", "10.0.0", "2.0.0"):
        make.placed(published, number=number)

    data = make.api(bob).get(f"{TOOLS}versions/").json()["data"]

    assert [each["version"] for each in data] == ["10.0.0", "2.0.0", "2.0.0-beta.1", "1.0.0"]
    assert data[0]["href"] == f"{CANONICAL}versions/10.0.0/"


def test_the_address_of_the_file_is_on_the_host_that_was_asked(bob: User) -> None:
    make.placed(make.served())

    shown = make.api(bob).get(f"{TOOLS}versions/1.0.0/", headers={"Host": "hub.example:8080"}).json()

    assert shown["download_url"] == (
        f"http://hub.example:8080{CONTENT}collections/artifacts/acme-tools-1.0.0.tar.gz"
    )


def test_when_the_repository_was_changed_is_told(bob: User) -> None:
    published = make.served()
    make.placed(published)
    changed = published.versions.get().created_at

    told = make.api(bob).get(f"{CONTENT}collections/").json()["published"]

    assert datetime.fromisoformat(told) == changed.astimezone(UTC)


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "required"), ({"deprecated": "perhaps"}, "invalid"), ({"deprecated": None}, "null")],
)
def test_a_deprecation_says_yes_or_no(admin: User, body: dict[str, Any], code: str) -> None:
    make.placed(make.served())

    answer = make.api(admin).patch(TOOLS, body, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code
    assert answer.json()["errors"][0]["source"] == {"parameter": "deprecated"}


def test_a_change_answers_with_the_address_of_its_task(admin: User) -> None:
    make.placed(make.served())

    answer = make.api(admin).delete(TOOLS)

    assert answer.json() == {"task": f"{API}pulp/api/v3/tasks/{Task.objects.get().pk}/"}


def test_a_move_answers_with_the_ids_of_its_task(admin: User) -> None:
    make.placed(make.served("staging"))
    make.served()

    answer = make.api(admin).generic(
        "POST",
        f"{API}v3/collections/acme/tools/versions/1.0.0/move/staging/published/",
        "",
        "application/json;charset=utf-8",
    )

    task = str(Task.objects.get().pk)
    assert answer.json() == {
        "copy_task_id": task,
        "remove_task_id": task,
        "curate_all_synclist_repository_task_id": None,
    }


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (f"{INDEX}acme/base/", "Collection acme.base"),
        (f"{INDEX}acme/base/versions/1.1.0/", "Collection version acme.base 1.1.0"),
    ],
)
def test_who_depends_on_it_is_told(admin: User, path: str, what: str) -> None:
    published = make.served()
    make.placed(published, "acme.base", "1.1.0")
    make.placed(published, "acme.dep", dependencies={"acme.base": ">=1.0.0"})

    answer = make.api(admin).delete(path)

    assert answer.status_code == 400
    assert answer.json() == {
        "detail": f"{what} could not be deleted because there are other collections that require it.",
        "dependent_collection_versions": ["acme.dep 1.0.0"],
    }


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("v3/", "content/published/collections/"),
        ("content/staging/v3/", "content/staging/collections/"),
        ("v3/collections/", "content/published/collections/index/"),
        ("content/staging/v3/collections/", "content/staging/collections/index/"),
        ("v3/collections/a/b/", "content/published/collections/index/a/b/"),
        ("v3/collections/a/b/versions/?limit=2", "content/published/collections/index/a/b/versions/?limit=2"),
        ("v3/collections/a/b/versions/1.0.0/", "content/published/collections/index/a/b/versions/1.0.0/"),
        (
            "v3/collections/a/b/versions/1.0.0/docs-blob/",
            "content/published/collections/index/a/b/versions/1.0.0/docs-blob/",
        ),
        ("v3/imports/collections/1/?since=x%3Ay", "imports/collections/1/?since=x%3Ay"),
        ("v3/artifacts/collections/staging/x.tar.gz", "content/staging/collections/artifacts/x.tar.gz"),
        ("content/staging/v3/namespaces/", "content/staging/namespaces/"),
        ("v3/collections/a%3Fb/c%23d/", "content/published/collections/index/a%3Fb/c%23d/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.django_db
def test_short_addresses_lead_to_the_full_ones(method: str, path: str, target: str) -> None:
    answer = make.api().generic(method, f"{API}{path}")

    assert answer.status_code == 302
    assert answer["Location"] == f"{API}v3/plugin/ansible/{target}"
    assert answer["Content-Type"].startswith("text/html")
    assert answer["Allow"] == "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"


LISTS = [
    (INDEX, 4),
    (f"{TOOLS}versions/", 5),
    (f"{API}_ui/v1/repo/published/", 7),
    (f"{API}_ui/v1/collection-versions/", 8),
    (f"{API}v3/plugin/ansible/search/collection-versions/", 8),
    (f"{API}pulp/api/v3/content/ansible/collection_versions/", 5),
]


@pytest.mark.parametrize(("path", "limit"), LISTS)
def test_a_page_takes_the_same_few_statements_however_long_it_is(bob: User, path: str, limit: int) -> None:
    published = make.served()
    Namespace.objects.create(name="acme")
    make.placed(published)
    client = make.api(bob)
    with CaptureQueriesContext(connection) as short:
        client.get(f"{path}?limit=100")

    for number in range(2, 22):
        make.placed(published, f"acme.tools{number}")
        make.placed(published, number=f"{number}.0.0")
    with CaptureQueriesContext(connection) as long:
        answer = client.get(f"{path}?limit=100")

    assert len(_data(answer)) > 20
    assert len(long) == len(short) <= limit


def _data(answer: Any) -> list[Any]:
    body = answer.json()
    data: list[Any] = body["results"] if "results" in body else body["data"]
    return data


@pytest.mark.parametrize(("path", "_limit"), LISTS)
def test_no_list_reads_what_is_heavy(bob: User, path: str, _limit: int) -> None:
    make.placed(make.served())

    with CaptureQueriesContext(connection) as seen:
        make.api(bob).get(path)

    assert not [each["sql"] for each in seen.captured_queries if "docs_blob" in each["sql"]]


@pytest.mark.parametrize(
    "path",
    [
        f"{API}v3/plugin/ansible/content/%00/collections/index/",
        f"{INDEX}a%00/b/",
        f"{TOOLS}versions/1%00/",
        f"{API}_ui/v1/repo/published/%00/x/",
        f"{API}_ui/v1/collection-versions/a/%00/c/",
    ],
)
def test_a_null_character_names_nothing(bob: User, path: str) -> None:
    make.placed(make.served())

    assert make.api(bob).get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"{API}_ui/v1/repo/published/?namespace=%00",
        f"{API}_ui/v1/repo/published/?keywords=%00",
        f"{API}_ui/v1/collection-versions/?name=%00&repository=%00",
        f"{API}v3/plugin/ansible/search/collection-versions/?name=%00&tags=%00",
    ],
)
def test_a_null_character_finds_nothing(bob: User, path: str) -> None:
    make.placed(make.served())

    answer = make.api(bob).get(path)

    assert (answer.status_code, _data(answer)) == (200, [])


@pytest.mark.django_db
@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="a plan of a small table says nothing on PostgreSQL"
)
def test_a_page_of_collections_is_read_from_an_index_without_sorting_all() -> None:
    repository = make.served("published")
    for number in ("1.0.0", "1.1.0"):
        make.placed(repository, "acme.tools", number)

    plan = ids_in(repository)[:10].explain()

    assert "content_collections" in plan
    assert "TEMP B-TREE" not in plan
    assert ids_in(repository).count() == 1
