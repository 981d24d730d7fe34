"""Pages of long lists show what is there, whichever way it is read, and do not count it each time."""

from __future__ import annotations

import make
import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from cartwheel.registry import pieces, plans
from cartwheel.registry.models import CollectionImport, Repository, User
from cartwheel.registry.search import Criteria, search
from cartwheel.web.content.imports import imports_of
from cartwheel.web.content.paging import page_of


@pytest.fixture
def shelf(db: None) -> Repository:
    made = make.served("shelf")
    for number in range(7):
        make.placed(made, f"acme.c{number}", description="a rare word")
    return made


@pytest.mark.parametrize("few", [1, 2, 300])
def test_pages_of_a_search_are_parts_of_what_it_finds(
    admin: User, shelf: Repository, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(pieces, "PIECE", few)
    monkeypatch.setattr(pieces, "DEEP", 3)
    for criteria in (
        Criteria(order="namespace"),
        Criteria(keywords="rare"),
        Criteria(repository_version=5, is_highest=True),
    ):
        found = search(criteria, by=admin)
        for number in range(1, 6):
            request = RequestFactory().get("/", {"page": number})

            quick, plain = (
                page_of(request, rows, size=2)
                for rows in (found.keys(), found.rows.values_list("pk", flat=True))
            )

            assert quick == plain


def test_how_many_collections_there_are_is_counted_once(
    client: Client, admin: User, shelf: Repository
) -> None:
    client.force_login(admin)
    addresses = ["/collections/", "/collections/?q=rare", "/repositories/", "/repositories/shelf/"]
    for address in addresses:
        client.get(address)

    with CaptureQueriesContext(connection) as asked:
        shown = [client.get(address).content for address in addresses]

    counted = [each["sql"] for each in asked if "COUNT(" in (each["sql"] or "")]
    assert [sql for sql in counted if "registry_repositorycontent" in sql] == []
    assert all(b"/collections/shelf/acme/c6/" in page for page in shown[:2])

    make.placed(shelf, "acme.new")
    assert b"/collections/shelf/acme/new/" in client.get("/collections/").content


def test_ones_imports_are_found_among_few_tasks_and_many(
    admin: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [make.task(by=by) for by in (admin, bob, bob, None, bob)]
    for task in tasks:
        CollectionImport.objects.create(task=task, namespace="acme", name="tools", version="1.0.0")
    expected = [task.pk for task in reversed(tasks) if task.created_by == bob]

    for few in (1, 1000):
        monkeypatch.setattr(plans, "FEW_NAMED", few)
        assert list(imports_of(bob).values_list("pk", flat=True)) == expected
