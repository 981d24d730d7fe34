"""Versions of repositories come with numbers of their own, and go."""

from __future__ import annotations

import itertools
from random import Random

import make
import pytest

from cartwheel.kit.errors import Denied
from cartwheel.registry.contents import Modification, modify
from cartwheel.registry.models import (
    CollectionVersion,
    Distribution,
    Repository,
    RepositoryContent,
    RepositoryVersion,
    User,
)
from cartwheel.registry.repositories import change_contents, contents
from cartwheel.registry.repository_settings import change_repository, create_repository
from cartwheel.registry.repository_versions import (
    LastVersion,
    StillServed,
    delete_repository_version,
    delete_version,
    summaries,
    versions_of,
)


@pytest.fixture
def mine(alice: User) -> Repository:
    make.grant(alice, "ansible.add_ansiblerepository")
    make.grant(alice, "ansible.change_ansiblerepository", "ansible.modify_ansible_repo_content")
    return create_repository({"name": "mine"}, by=alice)


def numbers(repository: Repository) -> list[int]:
    return sorted(RepositoryVersion.objects.filter(repository=repository).values_list("number", flat=True))


def counted(repository: Repository) -> dict[int, tuple[int, int, int]]:
    """number -> added, removed, present"""
    rows = list(versions_of(repository))
    shown = summaries(repository, rows)
    return {row.number: (one.added, one.removed, one.present) for row, one in zip(rows, shown, strict=True)}


def deleted(repository: Repository, number: int) -> None:
    delete_repository_version(str(repository.pk), number)


def test_older_versions_than_a_repository_keeps_go(mine: Repository) -> None:
    Repository.objects.update(retain_repo_versions=2)
    first, second, third = (make.version(number=each) for each in ("1.0.0", "1.0.1", "1.0.2"))

    change_contents(mine, add=[first])
    change_contents(mine, add=[second], remove=[first])
    change_contents(mine, add=[third])
    change_contents(mine, remove=[third])

    assert numbers(mine) == [3, 4]
    assert set(contents(mine, 3)) == {second, third}
    assert set(contents(mine)) == {second}
    assert not RepositoryContent.objects.filter(collection_version=first).exists()


def test_what_a_path_serves_for_good_stays(mine: Repository) -> None:
    Repository.objects.update(retain_repo_versions=1)
    tools = make.version()
    pinned = change_contents(mine, add=[tools])
    Distribution.objects.create(name="old", base_path="old", repository_version=pinned)

    change_contents(mine, remove=[tools])
    change_contents(mine, add=[make.version(number="2.0.0")])

    assert numbers(mine) == [1, 3]
    assert list(contents(mine, 1)) == [tools]


def test_keeping_fewer_versions_lets_the_others_go_at_once(mine: Repository, alice: User) -> None:
    for number in range(4):
        make.placed(mine, number=f"1.0.{number}")

    change_repository(mine, {"retain_repo_versions": 2}, by=alice)

    assert numbers(mine) == [3, 4]


def test_no_number_is_given_twice(mine: Repository) -> None:
    make.placed(mine, number="1.0.0")

    deleted(mine, 1)
    made = change_contents(mine, add=[make.version(number="1.0.1")])

    assert made is not None
    assert (made.number, numbers(mine)) == (2, [0, 2])


def test_without_its_latest_version_a_repository_is_what_it_was_before(mine: Repository) -> None:
    first, second = make.version(number="1.0.0"), make.version(number="1.0.1")
    change_contents(mine, add=[first])
    change_contents(mine, add=[second], remove=[first])

    deleted(mine, 2)

    mine.refresh_from_db()
    assert mine.latest_number == 1
    assert list(contents(mine)) == [first]
    assert not RepositoryContent.objects.filter(collection_version=second).exists()


def test_what_left_and_came_back_in_a_version_that_is_gone_has_never_been_away(mine: Repository) -> None:
    tools = make.version()
    change_contents(mine, add=[tools])
    change_contents(mine, remove=[tools])
    change_contents(mine, add=[tools, make.version(number="2.0.0")])

    deleted(mine, 2)

    assert counted(mine) == {0: (0, 0, 0), 1: (1, 0, 1), 3: (1, 0, 2)}


def test_each_version_tells_what_came_left_and_is_there(mine: Repository) -> None:
    first, second = make.version(number="1.0.0"), make.version(number="1.0.1")
    change_contents(mine, add=[first, second])
    change_contents(mine, add=[make.version(number="1.0.2")], remove=[first, second])

    assert counted(mine) == {0: (0, 0, 0), 1: (2, 0, 2), 2: (1, 2, 1)}


def test_the_last_version_stays(mine: Repository) -> None:
    with pytest.raises(LastVersion):
        deleted(mine, 0)


def test_a_version_that_is_served_stays(mine: Repository) -> None:
    make.placed(mine)
    pinned = RepositoryVersion.objects.get(number=1)
    Distribution.objects.create(name="old", base_path="old", repository_version=pinned)

    with pytest.raises(StillServed, match=r"mine version 1 is served at old\."):
        deleted(mine, 1)
    Repository.objects.update(private=True)
    with pytest.raises(StillServed, match=r"^Version 1 is served at a path\."):
        deleted(mine, 1)


def test_deleting_a_version_twice_is_fine(mine: Repository) -> None:
    make.placed(mine)

    deleted(mine, 1)
    deleted(mine, 1)

    assert numbers(mine) == [0]


def test_only_who_may_delete_a_repository_deletes_its_versions(mine: Repository, bob: User) -> None:
    with pytest.raises(Denied):
        delete_version(RepositoryVersion.objects.get(number=0), by=bob)


def test_a_repository_goes_back_to_a_version_by_a_new_one(mine: Repository, alice: User) -> None:
    first, second = make.version(number="1.0.0"), make.version(number="1.0.1")
    change_contents(mine, add=[first])
    change_contents(mine, add=[second], remove=[first])
    base = RepositoryVersion.objects.get(number=1)

    make.perform(modify(mine, Modification(base=base), by=alice))

    latest = RepositoryVersion.objects.get(number=3)
    assert latest.base_version == base
    assert list(contents(mine)) == [first]


@pytest.mark.parametrize("seed", range(3))
def test_any_page_of_versions_counts_what_came_and_left(mine: Repository, seed: int) -> None:
    chance = Random(seed)  # noqa: S311, which are taken matters to nobody
    known = [make.version(number=f"1.0.{each}") for each in range(5)]
    for _ in range(10):
        change_contents(mine, add=chance.sample(known, 2), remove=chance.sample(known, 2))
    for number in {*numbers(mine)[:seed], *chance.sample(numbers(mine)[:-1], 3)}:
        deleted(mine, number)
    mine.refresh_from_db()
    rows = list(versions_of(mine).order_by("number"))
    then: set[CollectionVersion] = set()
    expected = []
    for row in rows:
        now = set(contents(mine, row.number))
        expected.append((len(now - then), len(now)))
        then = now

    for size in (1, 2, len(rows)):
        shown = [each for at in range(0, len(rows), size) for each in summaries(mine, rows[at : at + size])]
        assert [(each.added, each.present) for each in shown] == expected
        assert all(
            new.present - old.present == new.added - new.removed for old, new in itertools.pairwise(shown)
        )
