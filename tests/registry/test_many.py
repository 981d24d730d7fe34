"""Repositories with more versions than SQLite takes values beside a statement."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import make
import pytest
from django.db import connection
from django.utils import timezone
from postgres import is_wanted
from semantic_version import Version
from upstream import running_upstream

from cartwheel.kit.versions import sort_key
from cartwheel.registry.contents import Modification, modify
from cartwheel.registry.deletion import delete
from cartwheel.registry.many import FEW
from cartwheel.registry.marks import mark, unmark
from cartwheel.registry.models import (
    Artifact,
    Collection,
    CollectionRemote,
    CollectionVersion,
    Mark,
    Repository,
    RepositoryContent,
    RepositoryVersion,
    User,
)
from cartwheel.registry.orphans import clean_up
from cartwheel.registry.repositories import change_contents, contents
from cartwheel.registry.repository_versions import delete_version
from cartwheel.registry.sync.start import sync

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(is_wanted(), reason="PostgreSQL takes as many values as one likes"),
]

COUNT = FEW + 300


@pytest.fixture(autouse=True)
def few_values(db: None) -> Iterator[None]:
    """SQLite takes hardly more than what is sent one by one."""
    connection.ensure_connection()
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, FEW + 100)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)


def versions_of(*collections: Collection) -> list[CollectionVersion]:
    """COUNT versions, shared out among the collections."""
    artifacts = Artifact.objects.bulk_create(
        Artifact(sha256=f"{number:064x}", size=1) for number in range(COUNT)
    )
    return CollectionVersion.objects.bulk_create(
        CollectionVersion(
            collection=each,
            namespace=each.namespace,
            name=each.name,
            version=f"1.{number}.0",
            version_key=sort_key(Version(f"1.{number}.0")),
            artifact=artifact,
        )
        for number, (each, artifact) in enumerate(zip(itertools.cycle(collections), artifacts, strict=False))
    )


@pytest.fixture
def full(db: None) -> Repository:
    """It holds so many versions, each of a collection of its own."""
    repository = make.served("published")
    collections = Collection.objects.bulk_create(
        Collection(namespace="acme", name=f"c{number}") for number in range(COUNT)
    )
    change_contents(repository, add=versions_of(*collections), deprecate=collections)
    return repository


def count(repository: Repository) -> int:
    return contents(repository).count()


def test_all_goes_and_comes_back(full: Repository, admin: User) -> None:
    first = RepositoryVersion.objects.filter(repository=full).latest("number")

    make.perform(modify(full, Modification(remove_all=True), by=admin))
    without = count(full)
    make.perform(modify(full, Modification(base=first), by=admin))

    assert (without, count(full)) == (0, COUNT)
    assert RepositoryContent.objects.filter(repository=full, removed=None, is_highest=True).count() == COUNT


def test_a_mirror_takes_all_out_that_the_other_server_does_not_have(full: Repository, admin: User) -> None:
    with running_upstream() as upstream:
        upstream.add("acme.tools")
        remote = CollectionRemote.objects.create(name="elsewhere", url=upstream.url)

        make.perform(sync(full, remote, mirror=True, by=admin))

    assert [str(each) for each in contents(full)] == ["acme.tools 1.0.0"]


def test_all_are_marked(full: Repository, admin: User) -> None:
    make.perform(mark(full, None, "mine", by=admin))
    marked = Mark.objects.filter(value="mine").count()
    make.perform(unmark(full, None, "mine", by=admin))

    assert (marked, Mark.objects.filter(value="mine").count()) == (COUNT, 0)


def test_versions_go_in_which_all_was_different(full: Repository, admin: User) -> None:
    first = RepositoryVersion.objects.filter(repository=full).latest("number")
    for _ in range(2):
        make.perform(modify(full, Modification(remove_all=True), by=admin))
        make.perform(modify(full, Modification(base=first), by=admin))
    empty, again, _, latest = RepositoryVersion.objects.filter(
        repository=full, number__gt=first.number
    ).order_by("number")

    make.perform(delete_version(latest, by=admin))
    make.perform(delete_version(empty, by=admin))

    assert [contents(full, each).count() for each in (again.number, None)] == [COUNT, 0]


def test_orphans_go(full: Repository, admin: User) -> None:
    Repository.objects.all().delete()
    CollectionVersion.objects.update(updated_at=timezone.now() - timedelta(minutes=1))

    make.perform(clean_up(protection_minutes=0, by=admin))

    assert not CollectionVersion.objects.exists()
    assert not Collection.objects.exists()


def test_a_collection_with_many_versions_goes(admin: User) -> None:
    published = make.served("published")
    tools = Collection.objects.create(namespace="acme", name="tools")
    change_contents(published, add=versions_of(tools))

    make.perform(delete(tools, by=admin))

    assert not CollectionVersion.objects.exists()
    assert count(published) == 0
