"""Lists of what older versions of repositories hold: what they show, and that they read no more than they must."""

from __future__ import annotations

import make
import many_rows
import pytest
from django.db import connection
from endpoints import API
from reading import asked, steps
from rest_framework.test import APIClient

from cartwheel.registry import counting, search_words
from cartwheel.registry.collections import versions_in, with_highest
from cartwheel.registry.models import Collection, Distribution, Repository, User

pytestmark = pytest.mark.django_db

ROWS = 200


@pytest.fixture
def client(db: None) -> APIClient:
    many_rows.fill(ROWS)
    return make.api(User.objects.get(username="admin"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite tells how many steps it takes")
def test_the_highest_of_an_older_version_are_found_by_their_collections(client: APIClient) -> None:
    """To look for each at all that was there took minutes where 75,000 were."""
    published = Repository.objects.get(name="published")
    make.placed(published, "acme.newer")
    address = f"v3/plugin/ansible/search/collection-versions/?repository_version=1&repository={published.pk}"
    counting._known.clear()

    taken = steps(client, f"{address}&is_highest=true")

    assert client.get(f"{API}{address}&is_highest=true").json()["meta"]["count"] == ROWS
    assert max(taken.values()) < 60 * ROWS


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite tells how many steps it takes")
@pytest.mark.parametrize("few", [0, 1000])
def test_a_word_is_looked_for_in_an_older_version_by_its_collections(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """To look for each at all that was there took minutes where 75,000 were."""
    monkeypatch.setattr(search_words, "FEW", few)
    counting._known.clear()

    taken = steps(client, "_ui/v1/repo/then/?keywords=cloud")

    assert max(taken.values()) < 100 * ROWS


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
def test_what_is_asked_of_one_collection_of_an_older_version_reads_nothing_else(db: None) -> None:
    published = make.repository()
    make.placed(published)
    published.at = 1

    for rows in (with_highest(Collection.objects.all(), published), versions_in(published, "acme", "tools")):
        assert "content_of_version" not in rows.explain()
        assert len(rows) == 1


def test_what_an_older_version_holds_is_not_counted_for_each_page(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for address in (
        "v3/plugin/ansible/search/collection-versions/?repository_version=1",
        "v3/plugin/ansible/content/then/collections/index/?limit=10",
        "_ui/v1/repo/then/?limit=10",
    ):
        counting._known.clear()
        first, second = asked(client, address), asked(client, address)
        found[address] = tuple(sum("COUNT(" in sql for sql in each) for each in (first, second))

    assert found == dict.fromkeys(found, (1, 0))


def test_a_path_that_serves_an_older_version_shows_that() -> None:
    published, client = make.served(), make.api(make.user("bob"))
    make.placed(published, "acme.old")
    then = published.versions.get(number=1)
    Distribution.objects.create(name="then", base_path="then", repository_version=then)
    path = f"{API}v3/plugin/ansible/content/then/collections/index/"
    before = client.get(path).json()
    make.placed(published, "acme.new")

    assert client.get(path).json() == before
    assert client.get(path.replace("then", "published")).json()["meta"]["count"] == 2
