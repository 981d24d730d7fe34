"""What a repository holds changes by numbered versions."""

from __future__ import annotations

import make
import pytest

from cartwheel.engine.functions import Call
from cartwheel.registry.models import CollectionVersion, Deprecation, Repository, RepositoryVersion, User
from cartwheel.registry.repositories import Gone, add_and_remove, change_contents, changed_at, contents


@pytest.fixture
def published(db: None) -> Repository:
    return make.served()


def test_each_change_makes_the_next_version(published: Repository) -> None:
    first, second = make.version(number="1.0.0"), make.version(number="1.0.1")

    change_contents(published, add=[first])
    made = change_contents(published, add=[second], remove=[first])

    assert made is not None
    assert made.number == 2
    assert list(contents(published)) == [second]
    assert list(contents(published, 1)) == [first]
    assert changed_at(published) == made.created_at


def test_what_changes_nothing_makes_no_version(published: Repository) -> None:
    tools, other = make.placed(published), make.version(number="2.0.0")

    assert change_contents(published, add=[tools]) is None
    assert change_contents(published, remove=[other]) is None
    assert change_contents(published, add=[tools], remove=[tools]) is None
    assert change_contents(published, recommend=[tools.collection]) is None
    assert RepositoryVersion.objects.count() == 1


def test_contents_and_deprecations_change_in_one_version(published: Repository) -> None:
    tools = make.version()

    change_contents(published, add=[tools], deprecate=[tools.collection])

    assert RepositoryVersion.objects.count() == 1
    assert Deprecation.objects.count() == 1


def test_what_was_deleted_before_it_could_be_added_fails_the_task(published: Repository, admin: User) -> None:
    tools = make.version()
    task = add_and_remove.dispatch(
        published.pk, [tools.pk], [], call=Call(exclusive=[published.prn], by=admin)
    )
    CollectionVersion.objects.all().delete()

    with pytest.raises(Gone):
        make.perform(task)
