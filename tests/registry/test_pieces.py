"""Pages of long lists are what the whole list has there, however they are read."""

from __future__ import annotations

from collections import OrderedDict

import make
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.registry import counting, pieces
from cartwheel.registry.counting import stamps
from cartwheel.registry.deletion import delete_version
from cartwheel.registry.models import Repository, RepositoryContent, RepositoryVersion
from cartwheel.registry.pieces import Pieces, in_pieces
from cartwheel.registry.repositories import change_contents
from cartwheel.registry.repository_versions import delete_repository_version
from cartwheel.registry.search import Criteria, search

pytestmark = pytest.mark.django_db

ROWS = 11


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 4)
    monkeypatch.setattr(pieces, "DEEP", 2)
    monkeypatch.setattr(counting, "_known", OrderedDict())


@pytest.fixture
def published() -> Repository:
    repository = make.served()
    for number in range(ROWS):
        make.placed(repository, f"acme.c{number}")
    return repository


def keys(*, has_index: bool) -> Pieces[int]:
    rows = RepositoryContent.objects.filter(removed=None).order_by("-collection_version", "pk")
    return in_pieces(rows.values_list("pk", flat=True), stamps(Repository.objects.all()), has_index=has_index)


def found_at(number: int) -> list[int]:
    """The placements that a search finds in an older version, as it is asked for page by page."""
    found = search(Criteria(repository_version=number, is_highest=True), by=AnonymousUser())
    paged = found.keys()
    pages = [paged[start : start + 3] for start in range(0, paged.count, 3)]
    assert [key for page in pages for key in page] == list(found.rows.values_list("pk", flat=True))
    return list(found.rows.values_list("pk", flat=True))


@pytest.mark.parametrize("has_index", [True, False])
def test_every_page_is_what_the_whole_list_has_there(published: Repository, has_index: bool) -> None:
    paged = keys(has_index=has_index)

    plain = list(paged.rows)
    assert paged.count == len(plain) == ROWS
    for start in range(ROWS + 2):
        for limit in (1, 3, 4, 9, 20):
            assert paged[start : start + limit] == plain[start : start + limit], (start, limit)


def test_a_page_beside_one_that_was_read_costs_nothing(published: Repository) -> None:
    assert keys(has_index=False)[4:6]
    beside = keys(has_index=False)

    with CaptureQueriesContext(connection) as asked:
        assert len(beside[6:8]) == 2

    assert len(asked) == 0


def test_what_was_read_is_read_again_when_a_repository_has_changed(published: Repository) -> None:
    before = keys(has_index=False)[4:8]

    make.placed(published, "acme.newest")

    now = keys(has_index=False)
    assert now[4:8] == list(now.rows)[4:8] != before


def test_what_was_read_by_a_length_of_a_moment_ago_is_not_kept(
    published: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(counting, "monotonic", lambda: clock[0])
    monkeypatch.setattr(counting, "LONG", 0)
    assert keys(has_index=False).count == ROWS
    make.placed(published, "acme.newest")
    late = keys(has_index=False)
    assert late.count == ROWS
    assert late[8:11]  # from the end of a list that is longer

    clock[0] += 60

    now = keys(has_index=False)
    assert now[8:11] == list(now.rows)[8:11]


def test_a_page_of_a_long_list_may_be_that_of_a_moment_ago_but_not_of_what_one_may_no_longer_read(
    published: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While something is published each second, such pages would be read anew for each request."""
    clock = [1000.0]
    monkeypatch.setattr(counting, "monotonic", lambda: clock[0])
    monkeypatch.setattr(counting, "LONG", ROWS - 1)
    before = keys(has_index=False)[0:4]

    make.placed(published, "acme.newest")

    assert keys(has_index=False)[0:4] == before
    make.repository("secret")
    assert keys(has_index=False)[0:4] != before
    clock[0] += 60
    now = keys(has_index=False)
    assert now[0:4] == list(now.rows)[0:4] != before


def test_a_search_in_an_older_version_finds_what_was_there_page_by_page(published: Repository) -> None:
    assert [len(found_at(number)) for number in (1, 7, ROWS)] == [1, 7, ROWS]

    gone = RepositoryContent.objects.filter(repository=published, added=3).get().collection_version
    change_contents(published, remove=[gone])

    assert [len(found_at(number)) for number in (1, 7, ROWS, ROWS + 1)] == [1, 7, ROWS, ROWS - 1]


def test_a_version_that_was_deleted_is_found_in_no_older_version(published: Repository) -> None:
    gone = RepositoryContent.objects.filter(repository=published, added=3).get().collection_version
    change_contents(published, remove=[gone])
    assert len(found_at(7)) == 7

    make.perform(delete_version(gone, by=make.user("admin", is_superuser=True)))

    assert len(found_at(7)) == 6


def test_what_left_and_came_back_is_found_after_the_versions_between_are_deleted(
    published: Repository,
) -> None:
    """Then it has been there always, by another row."""
    back = RepositoryContent.objects.filter(repository=published, added=3).get().collection_version
    change_contents(published, remove=[back])
    change_contents(published, add=[back])
    assert len(found_at(ROWS + 2)) == len(keys(has_index=False)[0:ROWS]) == ROWS

    delete_repository_version(str(published.pk), ROWS + 1)

    assert len(found_at(ROWS + 2)) == ROWS
    now = keys(has_index=False)
    assert now[0:ROWS] == list(now.rows)


def test_a_version_of_a_repository_that_was_deleted_holds_nothing(published: Repository) -> None:
    assert len(found_at(5)) == 5

    RepositoryVersion.objects.get(repository=published, number=5).delete()

    assert found_at(5) == []
