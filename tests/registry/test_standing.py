"""What is noted about versions in repositories, so that lists need not look for it: it is always what is there."""

from __future__ import annotations

from random import Random

import make
import pytest
from django.db import connection
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from cartwheel.registry import pieces
from cartwheel.registry.collections import ids_in, ids_in_pieces
from cartwheel.registry.deletion import delete_collection_version
from cartwheel.registry.models import (
    CollectionVersion,
    Deprecation,
    Repository,
    RepositoryContent,
    RepositoryVersion,
    User,
)
from cartwheel.registry.repositories import change_contents, contents
from cartwheel.registry.repository_versions import delete_repository_version
from cartwheel.registry.retention import drop_unseen
from cartwheel.registry.search import Criteria, search

pytestmark = pytest.mark.django_db

PLACES = RepositoryContent.objects.order_by("pk").values_list("pk", "is_highest", "is_deprecated")


def looked_up() -> list[tuple[int, bool, bool]]:
    """The same, from the rows themselves."""
    higher = RepositoryContent.objects.filter(
        removed=None,
        repository=OuterRef("repository"),
        collection=OuterRef("collection"),
        version_key__gt=OuterRef("version_key"),
    )
    marks = Deprecation.objects.filter(repository=OuterRef("repository"), collection=OuterRef("collection"))
    rows = RepositoryContent.objects.order_by("pk").annotate(higher=Exists(higher), marked=Exists(marks))
    return [(each.pk, each.removed is None and not each.higher, each.removed is None and each.marked)
            for each in rows]  # fmt: skip


def change(repository: Repository, versions: list[CollectionVersion], dice: Random) -> None:
    """One change of any kind."""
    some = dice.sample(versions, dice.randint(1, 3))
    collections = {each.collection for each in some}
    numbers = [each.number for each in RepositoryVersion.objects.filter(repository=repository)]
    match dice.randrange(6):
        case 0:
            change_contents(repository, remove=some)
        case 1:
            change_contents(repository, deprecate=collections)
        case 2:
            change_contents(repository, recommend=collections)
        case 3 if len(numbers) > 1:
            delete_repository_version(str(repository.pk), dice.choice(numbers))
        case 4:
            drop_unseen(repository)
        case _:
            change_contents(repository, add=some)
    repository.refresh_from_db()


@pytest.mark.parametrize("seed", range(5))
def test_whatever_changes_a_repository_notes_what_is_highest_and_deprecated(seed: int, admin: User) -> None:
    dice = Random(seed)  # noqa: S311, no secret
    repositories = [make.repository("one"), make.repository("two")]
    versions = [make.version(f"acme.c{name}", f"1.{number}.0") for name in range(3) for number in range(3)]

    for _ in range(25):
        repository = dice.choice(repositories)
        change(repository, versions, dice)

        assert list(PLACES.all()) == looked_up()
        assert (
            search(Criteria(), by=admin).keys().count
            == RepositoryContent.objects.filter(removed=None).count()
        )
        held = set(contents(repository).values_list("collection", flat=True))
        assert ids_in_pieces(ids_in(repository), repository).count == len(held)

    delete_collection_version(str(versions[2].pk))

    assert list(PLACES.all()) == looked_up()


def test_what_has_never_been_away_stands_as_before() -> None:
    repository, version = make.repository(), make.version()
    for _ in range(2):
        change_contents(repository, add=[version])
        change_contents(repository, remove=[version])
    change_contents(repository, add=[version])

    for number in (2, 3, 4):
        delete_repository_version(str(repository.pk), number)

    assert [each[1:] for each in PLACES.all()] == [(True, False)]


def test_a_length_is_counted_once_for_each_state_of_a_repository(admin: User) -> None:
    published = make.repository()
    make.placed(published)
    assert search(Criteria(namespace="acme"), by=admin).keys().count == 1
    RepositoryContent.objects.all().delete()  # behind the hub's back

    assert search(Criteria(namespace="acme"), by=admin).keys().count == 1
    make.placed(published, "acme.other")
    assert search(Criteria(namespace="acme"), by=admin).keys().count == 1
    make.placed(published, "acme.another")
    assert search(Criteria(namespace="acme"), by=admin).keys().count == 2


def test_few_results_are_looked_for_once_and_many_on_each_page(
    admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = make.repository()
    one, other = (make.placed(published, f"acme.{name}", description="a rare word") for name in "ab")
    for few in (300, 1):
        monkeypatch.setattr(pieces, "PIECE", few)
        found = search(Criteria(keywords="rare"), by=admin).keys()
        with CaptureQueriesContext(connection) as asked:
            pages = [found[0:10] for _ in range(3)]
        assert [len(each) for each in pages] == [found.count] * 3 == [2] * 3
        assert len(asked) == (1 if few > 2 else 3)

    change_contents(published, remove=[one])
    placed = search(Criteria(keywords="rare"), by=admin).keys()[0:10]
    assert placed == [RepositoryContent.objects.get(collection_version=other).pk]
