"""The index of words finds what may fit a search, and search stays right without it."""

from __future__ import annotations

from typing import Any

import make
import pytest
from django.db import connection

from cartwheel.registry import search, search_words
from cartwheel.registry.models import CollectionVersion
from cartwheel.registry.search_words import install, may_fit

pytestmark = pytest.mark.django_db
SEARCHES = (
    {"keywords": "ultiClo"},
    {"keywords": "multi people"},
    {"keywords": "100%_"},
    {"keywords": 'say "hi"'},
    {"keywords": "zz"},
    {"keywords": "zz nothing"},
    {"tags": ("alpha", "beta")},
    {"tags": ("alph",)},
    {"dependency": "acme.base"},
    {"dependency": "acme.bas"},
    {"keywords": "tools", "tags": ("beta",)},
)


@pytest.fixture
def tools() -> CollectionVersion:
    repository = make.served()
    make.placed(repository, "acme.other")
    version = make.placed(repository, "acme.tools")
    version.description = 'For MultiCloud people who say "hi", 100%_sure, zz'
    version.tags, version.dependencies = ["alpha", "beta"], {"acme.base": "*"}
    version.save()
    return version


def test_any_part_of_a_text_finds_the_version(tools: CollectionVersion) -> None:
    for parts in (["ULTICLO"], ["acme", "tools"], ['"alpha"'], ['"acme.base"'], ['y "hi"'], ["100%_s"]):
        assert may_fit(parts) == [tools.pk], parts
    assert may_fit(["ultiClo", "nothing"]) == []


def test_what_is_too_short_or_too_frequent_is_not_looked_for(
    tools: CollectionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert may_fit(["zz"]) is None
    assert len(may_fit(["acme"]) or ()) == 2

    monkeypatch.setattr(search_words, "FEW", 1)

    assert may_fit(["acme"]) is None


def test_that_a_word_is_frequent_is_remembered_for_a_moment(
    tools: CollectionVersion, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(search_words, "FEW", 0)

    with django_assert_num_queries(1):
        assert [may_fit(["MultiCloud"]) for _ in range(3)] == [None] * 3


def test_a_search_finds_the_same_with_the_index_and_without(
    tools: CollectionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = make.user("bob")

    def results() -> list[list[str]]:
        wanted = [search.Criteria(**each) for each in SEARCHES]
        found = [search.search(each, by=bob) for each in wanted]
        names = [[row.name for row in each.rows] for each in found]
        assert [each.keys().count for each in found] == [len(each) for each in names]
        return names

    quick = results()
    monkeypatch.setattr(search, "may_fit", lambda parts: None)
    assert quick == results()
    monkeypatch.setattr(search, "maybe_all", lambda parts: None)

    assert quick == results()
    assert [len(each) for each in quick] == [1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1]


def test_the_index_follows_what_versions_say(tools: CollectionVersion) -> None:
    tools.description = "About databases"
    tools.save()

    assert (may_fit(["ulticlo"]), may_fit(["database"])) == ([], [tools.pk])

    CollectionVersion.objects.filter(pk=tools.pk).delete()

    assert may_fit(["database"]) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="an index of PostgreSQL cannot lag behind")
def test_what_was_put_in_while_there_was_no_index_is_found_after_the_next_migration(
    tools: CollectionVersion,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM version_number")
        cursor.execute("DROP TABLE version_words")
        cursor.execute("DROP TRIGGER version_changed")
    install(connection)

    assert may_fit(["ulticlo"]) == [tools.pk]
    tools.description = "About databases"
    tools.save()
    assert may_fit(["database"]) == [tools.pk]
