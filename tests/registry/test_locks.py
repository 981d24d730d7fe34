"""What is deleted while something is imported into it: neither takes anything from the other."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import make
import pytest
from django.db import transaction
from locks import beside, waiting_for_locks
from patience import PATIENCE_SECONDS, eventually
from postgres import is_wanted
from pytest_django import Settings
from small_collections import collection
from storages import has_file

from cartwheel.engine.models import Task
from cartwheel.registry.artifacts import receive
from cartwheel.registry.deletion import delete_version
from cartwheel.registry.models import Collection, CollectionImport, CollectionVersion, Namespace, User
from cartwheel.registry.namespaces import NamespaceInUse, delete_namespace
from cartwheel.registry.repositories import change_contents
from cartwheel.registry.touching import touch
from cartwheel.registry.uploads import NoNamespace, start_import

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not is_wanted(), reason="SQLite has one writer at a time"),
]


@pytest.fixture
def importing(admin: User, settings: Settings, tmp_path: Path) -> Task:
    """It imports acme.tools 1.0.0, of which there is only 0.9.0 so far."""
    settings.CONFIG = make.config(data=tmp_path)
    make.served("published", labels={"pipeline": "approved"})
    make.placed(make.served("staging", labels={"pipeline": "staging"}), number="0.9.0")
    make.namespace("acme")
    return upload(admin)


def upload(by: User) -> Task:
    received, digests = receive(io.BytesIO(collection()))
    return start_import(received, digests, "acme-tools-1.0.0.tar.gz", by=by).task


@pytest.fixture
def deleting(importing: Task, admin: User) -> Task:
    """It deletes that only version."""
    return delete_version(CollectionVersion.objects.get(), by=admin)


@pytest.mark.parametrize("import_is_first", [True, False])
def test_a_version_stays_that_is_imported_while_the_last_of_its_collection_is_deleted(
    importing: Task, deleting: Task, import_is_first: bool
) -> None:
    first, second = (importing, deleting) if import_is_first else (deleting, importing)
    problems: list[Exception] = []

    with transaction.atomic():
        make.perform(first)
        thread = beside(lambda: make.perform(second), problems)
        eventually(lambda: waiting_for_locks() == 1, what="the second being held up")
    thread.join(PATIENCE_SECONDS)

    assert problems == []
    version = CollectionVersion.objects.get()
    assert version.version == "1.0.0"
    assert has_file(version.artifact)


@pytest.mark.parametrize("upload_is_first", [True, False])
def test_a_namespace_is_deleted_or_takes_an_upload(
    importing: Task, admin: User, upload_is_first: bool
) -> None:
    for rows in (CollectionVersion.objects, Task.objects):
        rows.all().delete()
    acme = Namespace.objects.get()
    acts: list[Callable[[], object]] = [lambda: upload(admin), lambda: delete_namespace(acme, by=admin)]
    first, second = acts if upload_is_first else reversed(acts)
    problems: list[Exception] = []

    with transaction.atomic():
        first()
        thread = beside(second, problems)
        eventually(lambda: waiting_for_locks() == 1, what="the second being held up")
    thread.join(PATIENCE_SECONDS)

    assert [type(each) for each in problems] == [NamespaceInUse if upload_is_first else NoNamespace]
    assert Namespace.objects.exists() == CollectionImport.objects.exists() == upload_is_first


def test_changes_of_two_repositories_take_the_same_collections_in_the_same_order(db: None) -> None:
    late, early = (
        Collection.objects.create(pk=UUID(int=number), namespace="acme", name=f"c{number}")
        for number in (2, 1)
    )  # the table has the late one first
    versions = [make.version(f"acme.{each.name}") for each in (late, early)]
    repository = make.repository("mine")
    problems: list[Exception] = []

    with transaction.atomic():
        touch([early.pk])
        thread = beside(lambda: change_contents(repository, add=versions), problems)
        eventually(lambda: waiting_for_locks() == 1, what="the other being held up")
        Collection.objects.select_for_update(nowait=True).get(pk=late.pk)
    thread.join(PATIENCE_SECONDS)

    assert problems == []
