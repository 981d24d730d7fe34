"""No list of the API reads a whole table, nor asks anything for each of its rows."""

from __future__ import annotations

import make
import many_rows
import pytest
from django.db import connection
from django.db.models import Q
from endpoints import API
from lists import READS_MORE, addresses
from reading import asked, is_worse, steps, whole_tables
from rest_framework.test import APIClient

from cartwheel.api.ui import imports
from cartwheel.engine.models import Task
from cartwheel.registry import counting, pieces, plans, search_words
from cartwheel.registry.models import User
from cartwheel.registry.repositories import change_contents
from cartwheel.registry.search import About
from cartwheel.registry.shelves import shelved

pytestmark = pytest.mark.django_db

ROWS = 200
STEPS_LIMIT = 3000  # of SQLite, for one statement of a page of ten; that of the full texts takes most
TAKES_MORE = (  # nobody asks for these often
    "orphaned_for=",
    "repository_version=",  # what older versions hold is remembered until something changes
    "/then/",
    "is_highest=false",  # there is none
    "_ui/v1/tags/",  # what these count is remembered until something changes
    "pulp_ansible/tags/",
    "/distributions/",  # few, with what they serve
    "/repository_versions/?limit=10",  # half of all came with each of these
    "/versions/?limit=10",
    "/versions/1/?limit=10",
)
STATEMENTS = {  # of a page, when its length is known already
    "pulp/api/v3/tasks/": 7,  # two for what waiting ones lack, one for what was made
    "v3/tasks/": 2,
    "v3/plugin/ansible/content/published/collections/index/": 3,
    "v3/plugin/ansible/search/collection-versions/": 4,
    "_ui/v1/repo/published/": 5,
    "_ui/v1/collection-versions/": 4,
    "_ui/v1/imports/collections/": 2,
    "pulp/api/v3/ansible/collections/": 2,
    "pulp/api/v3/content/ansible/collection_versions/": 3,
    "pulp/api/v3/artifacts/": 2,
}


@pytest.fixture
def client(db: None) -> APIClient:
    many_rows.fill(ROWS)
    return make.api(User.objects.get(username="admin"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite tells how many steps it takes")
@pytest.mark.parametrize("who", ["admin", "user0"])
def test_no_page_takes_more_steps_when_there_are_more_rows(
    db: None, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    many_rows.fill(STEPS_LIMIT // 3)  # to look at one row takes five at least
    monkeypatch.setattr(plans, "FEW", 1)
    monkeypatch.setattr(plans, "FEW_NAMED", 1)
    monkeypatch.setattr(imports, "LONG", 1)
    monkeypatch.setattr(pieces, "PIECE", 1)
    monkeypatch.setattr(search_words, "FEW", 20)
    client = make.api(User.objects.get(username=who))
    found = {}
    for address in addresses():
        if not any(each in address for each in (*TAKES_MORE, "offset=")):
            dear = {sql: number for sql, number in steps(client, address).items() if number > STEPS_LIMIT}
            if dear:
                found[address] = dear

    assert found == {}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
@pytest.mark.parametrize("order", ["namespace", "-namespace", "name", "version", "pulp_created"])
def test_each_version_is_shown_once_without_a_note_of_those_before_it(db: None, order: str) -> None:
    rows = shelved(make.user("admin", is_superuser=True), Q(), About(), order=order).rows

    for either in (rows, rows.reverse()):
        assert "TEMP B-TREE" not in either.explain()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
@pytest.mark.parametrize("order", ["namespace", "-namespace"])
@pytest.mark.parametrize("kind", ["ansible/collections", "content/ansible/collection_versions"])
def test_what_is_passed_over_by_namespace_is_not_sorted(client: APIClient, kind: str, order: str) -> None:
    address = f"pulp/api/v3/{kind}/?limit=10&offset=100&ordering={order}"

    (statement,) = [each for each in asked(client, address) if "OFFSET" in each]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        assert "TEMP B-TREE" not in str(cursor.fetchall())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite tells how many steps it takes")
@pytest.mark.parametrize("time", ["pulp_created", "unblocked_at", "started_at", "finished_at"])
def test_tasks_until_then_are_found_without_passing_over_those_since_then(
    db: None, monkeypatch: pytest.MonkeyPatch, time: str
) -> None:
    many_rows.fill(STEPS_LIMIT // 3)
    monkeypatch.setattr(plans, "FEW_NAMED", 1)
    then = Task.objects.filter(state="completed").order_by("created_at")[20].finished_at
    assert then

    found = steps(
        make.api(User.objects.get(username="admin")),
        f"pulp/api/v3/tasks/?limit=10&{time}__lte={then:%Y-%m-%dT%H:%M:%SZ}&ordering=-{time}",
    )

    assert max(found.values()) < STEPS_LIMIT


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
@pytest.mark.parametrize("address", ["versions/", "versions/1/", "pulp/api/v3/repository_versions/"])
def test_what_left_with_a_version_is_not_looked_for_among_all_that_is_there(db: None, address: str) -> None:
    repository, admin = make.repository(), make.user("admin", is_superuser=True)
    make.placed(repository)
    if address.startswith("versions"):
        address = f"pulp/api/v3/{repository.path}{address}"

    grouped = [each for each in asked(make.api(admin), address) if "GROUP BY" in each]
    (statement,) = [each for each in grouped if '"removed" > ' in each]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        assert "content_of_the_past" in str(cursor.fetchall())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tells how many steps it takes")
def test_no_list_reads_a_table_from_end_to_end(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "FEW", 1)
    monkeypatch.setattr(plans, "FEW_NAMED", 1)
    monkeypatch.setattr(imports, "LONG", 1)
    with connection.cursor() as cursor:  # which it does with small tables, if it can do anything else
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    found = {}
    for address in addresses():
        if not any(each in address for each in (*READS_MORE, "offset=")):
            lines = [line for statement in asked(client, address) for line in whole_tables(statement)]
            if worse := is_worse(address, lines):
                found[address] = worse

    assert found == {}


def test_a_list_is_the_same_whichever_way_it_is_read(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is found by its conditions if few fit is found in the order of the list if many do."""
    found = []
    for few in (1, 10_000):
        monkeypatch.setattr(plans, "FEW", few)
        monkeypatch.setattr(plans, "FEW_NAMED", few)
        monkeypatch.setattr(imports, "LONG", few)
        counting._known.clear()
        found.append(
            {each: client.get(f"{API}{each}").content for each in addresses() if "status" not in each}
        )

    assert [address for address in found[0] if found[0][address] != found[1][address]] == []


def test_who_may_see_all_repositories_sees_what_is_there(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it is looked up for each whether it is in one of them, if many are."""
    everybody = make.api(User.objects.get(username="user0"))
    kinds = ("pulp/api/v3/content/", "pulp/api/v3/artifacts/", "pulp/api/v3/ansible/collections/")
    asked = [
        each for each in addresses() if each.startswith(kinds) and "content/ansible/namespaces" not in each
    ]
    found = {}
    for few in (1, 1000):
        monkeypatch.setattr(plans, "FEW_NAMED", few)
        for address in asked:
            counting._known.clear()
            seen = [each.get(f"{API}{address}").content for each in (client, everybody)]
            if seen[0] != seen[1]:
                found[few, address] = seen

    assert found == {}
    assert len(asked) > 30


def test_a_page_takes_few_statements_however_long_it_is(client: APIClient) -> None:
    found = {}
    for address in addresses():
        if address.endswith("?limit=10"):
            path = address.removesuffix("?limit=10")
            asked(client, path)
            few, many = (len(asked(client, f"{path}?limit={limit}")) for limit in (2, 60))
            if many > few or many > STATEMENTS.get(path, 8):
                found[path] = (few, many)

    assert found == {}


def test_among_many_versions_orphans_are_looked_for_once_in_some_seconds(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "pulp/api/v3/content/ansible/collection_versions/?orphaned_for=0&fields=name"
    orphans = [make.version(f"acme.lost{number}") for number in range(2)]
    monkeypatch.setattr(counting, "LONG", 0)
    monkeypatch.setattr(counting, "monotonic", lambda: 1000.0)
    counting._known.clear()

    assert {"name": "lost1"} in client.get(f"{API}{address}").json()["results"]
    change_contents(make.repository(), add=[orphans[1]])

    assert client.get(f"{API}{address}").json()["results"] == [{"name": "lost0"}]
    looks = [
        sql for sql in asked(client, address) if "NOT EXISTS" in sql.replace("NOT (EXISTS", "NOT EXISTS")
    ]
    assert looks
    assert [sql for sql in looks if orphans[0].pk.hex not in sql.replace("-", "")] == []


def test_the_end_of_a_list_is_what_its_whole_ends_with(client: APIClient) -> None:
    for path in STATEMENTS:
        key = "results" if path.startswith("pulp") else "data"
        for more in ("", "&ordering=pulp_created", "&sort=-created&order_by=-name"):
            pages = [client.get(f"{API}{path}?limit=100&offset={each}{more}") for each in (0, 99)]
            if any(page.status_code == 400 for page in pages):
                continue
            rows = [*pages[0].json()[key], *pages[1].json()[key][1:]]

            for start in (120, 184):
                some = client.get(f"{API}{path}?limit=15&offset={start}{more}").json()[key]
                assert some == rows[start : start + 15], path + more
