"""What is stored is looked after: orphans go, files are checked, collections are read again, marks are put on."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import make
import pytest
from django.utils import timezone
from pytest_django import Settings
from small_collections import collection
from storages import drop_file, has_file, write_file

from cartwheel.engine.functions import Call
from cartwheel.engine.models import CreatedResource, Task
from cartwheel.engine.states import State
from cartwheel.kit.errors import Denied
from cartwheel.registry import rebuilding
from cartwheel.registry.artifacts import FORGOTTEN_SECONDS, receive
from cartwheel.registry.imports import import_collection
from cartwheel.registry.leftovers import MADE
from cartwheel.registry.loose_files import keep_upload
from cartwheel.registry.marks import mark, marks_in, unmark
from cartwheel.registry.models import (
    Artifact,
    ChunkedUpload,
    Collection,
    CollectionRemote,
    CollectionVersion,
    Repository,
    RepositoryContent,
    RepositoryVersion,
    User,
)
from cartwheel.registry.orphans import clean_up, orphan_cleanup
from cartwheel.registry.rebuilding import rebuild
from cartwheel.registry.repair import repair, repair_all
from cartwheel.registry.repositories import change_contents
from cartwheel.registry.repository_settings import delete_repository
from cartwheel.registry.retention import forget
from cartwheel.registry.search import Criteria, search
from cartwheel.registry.search_index import rebuild_search
from cartwheel.registry.store import StoreUnavailable
from cartwheel.registry.sync.start import sync
from cartwheel.registry.uploads import import_content

TOOLS = "acme-tools-1.0.0.tar.gz"


@pytest.fixture
def published(db: None, settings: Settings, tmp_path: Path) -> Repository:
    settings.CONFIG = make.config(data=tmp_path)
    return make.served("published")


@pytest.fixture
def stored(published: Repository, admin: User) -> CollectionVersion:
    """A version in published whose file is there."""
    make.namespace("acme")
    upload, digests = receive(io.BytesIO(collection()))
    task = make.perform(import_content(upload, digests, TOOLS, by=admin, repository=published))
    make.perform(task.child_tasks.get())
    Task.objects.update(state=State.COMPLETED)
    return CollectionVersion.objects.get()


def reports(task: Task) -> dict[str, tuple[int | None, int]]:
    """code -> total, done"""
    return {each.code: (each.total, each.done) for each in task.progress_reports.all()}


# -- orphans --------------------------------------------------------------------------------------


def test_what_is_in_no_version_of_any_repository_is_deleted_with_its_file(
    published: Repository, stored: CollectionVersion, admin: User
) -> None:
    Repository.objects.update(retain_repo_versions=1)
    artifact = stored.artifact
    change_contents(published, remove=[stored])
    change_contents(published, add=[make.version("acme.other")])

    task = make.perform(clean_up(protection_minutes=0, by=admin))

    assert not CollectionVersion.objects.filter(pk=stored.pk).exists()
    assert not Collection.objects.filter(name="tools").exists()
    assert not has_file(artifact)
    assert reports(task) == {"clean-up.content": (1, 1), "clean-up.artifacts": (1, 1)}


def test_what_an_older_version_still_holds_stays(
    published: Repository, stored: CollectionVersion, admin: User
) -> None:
    change_contents(published, remove=[stored])

    make.perform(clean_up(protection_minutes=0, by=admin))

    assert CollectionVersion.objects.filter(pk=stored.pk).exists()


def test_a_young_orphan_stays_for_a_day(published: Repository) -> None:
    old, young = make.version("acme.old"), make.version("acme.young")
    CollectionVersion.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(hours=25))

    orphan_cleanup()

    assert list(CollectionVersion.objects.all()) == [young]


def test_only_the_named_orphans_go(published: Repository, admin: User) -> None:
    one, other = make.version("acme.one"), make.version("acme.other")

    make.perform(clean_up(protection_minutes=0, only=[one.pk], by=admin))

    assert list(CollectionVersion.objects.all()) == [other]


def test_what_a_running_import_has_made_stays(published: Repository, admin: User) -> None:
    made = make.version()
    importing = import_collection.dispatch(TOOLS, "", {}, "", call=Call(by=admin))
    CreatedResource.objects.create(task=importing, path=f"{MADE}{made.pk}/")

    orphan_cleanup(orphan_protection_time=0)
    stayed = CollectionVersion.objects.exists()
    Task.objects.filter(pk=importing.pk).update(state=State.COMPLETED)
    orphan_cleanup(orphan_protection_time=0)

    assert stayed
    assert not CollectionVersion.objects.exists()


def test_what_a_running_sync_may_have_found_or_made_stays(published: Repository, admin: User) -> None:
    remote = CollectionRemote.objects.create(name="elsewhere", url="https://far.example.org/")
    syncing = sync(published, remote, by=admin)
    begun = timezone.now() - timedelta(days=2)
    Task.objects.filter(pk=syncing.pk).update(state=State.RUNNING, started_at=begun)
    older, since = make.version("acme.older"), make.version("acme.since")
    for version, moment in ((older, begun - timedelta(days=1)), (since, begun + timedelta(minutes=1))):
        CollectionVersion.objects.filter(pk=version.pk).update(updated_at=moment)

    orphan_cleanup()
    meanwhile = list(CollectionVersion.objects.all())
    Task.objects.filter(pk=syncing.pk).update(state=State.COMPLETED)
    orphan_cleanup()

    assert meanwhile == [since]
    assert not CollectionVersion.objects.exists()


def test_what_has_just_left_its_last_repository_stays_for_a_day(published: Repository, admin: User) -> None:
    """By changes of a repository that keeps one version, by the deletion of its latest version, and with it."""
    other, third = make.repository("other"), make.repository("third")
    RepositoryVersion.objects.create(repository=other, number=0)
    [replaced, *_] = [make.placed(where, f"acme.{where.name}") for where in (published, other, third)]
    both = make.placed(published, "acme.both")
    change_contents(third, add=[both])
    CollectionVersion.objects.update(updated_at=timezone.now() - timedelta(days=3))

    Repository.objects.filter(pk=published.pk).update(retain_repo_versions=1)
    change_contents(published, remove=[replaced])
    change_contents(published, add=[make.version("acme.next")])
    forget(RepositoryVersion.objects.get(repository=other, number=1))
    delete_repository(third, by=admin)
    orphan_cleanup()
    kept = {each.name for each in CollectionVersion.objects.all()}
    orphan_cleanup(orphan_protection_time=0)

    assert kept == {"published", "other", "third", "both", "next"}
    assert {each.name for each in CollectionVersion.objects.all()} == {"both", "next"}
    both.refresh_from_db()
    assert both.updated_at < timezone.now() - timedelta(days=2)


def test_files_that_nothing_refers_to_go(published: Repository) -> None:
    upload, digests = receive(io.BytesIO(b"some bytes"))
    artifact = keep_upload(upload, digests)
    was_there = has_file(artifact)

    orphan_cleanup(orphan_protection_time=0)

    assert was_there
    assert not has_file(artifact)
    assert not Artifact.objects.exists()


def test_old_uploads_go(published: Repository, admin: User) -> None:
    for age in (0, FORGOTTEN_SECONDS + 1):
        moment = timezone.now() - timedelta(seconds=age)
        ChunkedUpload.objects.create(user=admin, size=1, updated_at=moment)

    orphan_cleanup()

    assert ChunkedUpload.objects.count() == 1


def test_only_superusers_clean_up(published: Repository, alice: User) -> None:
    with pytest.raises(Denied):
        clean_up(by=alice)


# -- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "verify", "missing", "corrupted"),
    [
        (lambda artifact: None, True, 0, 0),
        (drop_file, True, 1, 0),
        (drop_file, False, 1, 0),
        (lambda artifact: write_file(artifact, b"other bytes"), True, 0, 1),
        (lambda artifact: write_file(artifact, b"other bytes"), False, 0, 0),
    ],
)
def test_missing_and_damaged_files_are_counted(
    stored: CollectionVersion,
    admin: User,
    damage: object,
    verify: bool,
    missing: int,
    corrupted: int,
) -> None:
    assert callable(damage)
    damage(stored.artifact)

    of_version = repair(RepositoryVersion.objects.get(number=1), verify_checksums=verify, by=admin)
    of_all = repair_all(verify_checksums=verify, by=admin)

    expected = {
        "repair.missing": (None, missing),
        "repair.corrupted": (None, corrupted),
        "repair.repaired": (None, 0),
    }
    assert reports(make.perform(of_version)) == expected
    assert reports(make.perform(of_all)) == expected


# -- reading again --------------------------------------------------------------------------------


def test_reading_again_finds_what_the_file_says(
    published: Repository, stored: CollectionVersion, admin: User
) -> None:
    before = CollectionVersion.objects.get()
    CollectionVersion.objects.update(contents=[], docs_blob={}, description="", manifest={})
    mentioned = Criteria(keywords=before.description[:20])
    assert search(mentioned, by=admin).keys().count == 0

    task = make.perform(rebuild(published, by=admin))

    after = CollectionVersion.objects.get()
    assert (after.contents, after.docs_blob) == (before.contents, before.docs_blob)
    assert (after.description, after.manifest) == (before.description, before.manifest)
    assert after.contents
    assert search(mentioned, by=admin).keys().count == 1
    assert reports(task) == {"rebuild_metadata.total": (1, 1), "rebuild_metadata.failed": (None, 0)}


def test_what_cannot_be_read_is_counted_and_stays_as_it_is(
    published: Repository, stored: CollectionVersion, admin: User
) -> None:
    drop_file(stored.artifact)

    task = make.perform(rebuild(published, by=admin))

    assert reports(task)["rebuild_metadata.failed"] == (None, 1)
    assert CollectionVersion.objects.get().contents


def test_while_the_store_is_away_nothing_is_read_again(
    published: Repository, stored: CollectionVersion, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "open_artifact", Mock(side_effect=StoreUnavailable("It is away.")))

    with pytest.raises(StoreUnavailable):
        make.perform(rebuild(published, by=admin))


def test_what_is_said_of_versions_counts_as_content_that_cannot_be_read(
    published: Repository, stored: CollectionVersion, admin: User
) -> None:
    change_contents(published, deprecate=[stored.collection])

    task = make.perform(rebuild(published, by=admin))

    assert reports(task) == {"rebuild_metadata.total": (2, 2), "rebuild_metadata.failed": (None, 1)}


def test_only_what_has_the_name_is_read_again(
    published: Repository, stored: CollectionVersion, admin: User
) -> None:
    change_contents(published, deprecate=[stored.collection])

    task = make.perform(rebuild(published, name="other", by=admin))

    assert reports(task)["rebuild_metadata.total"] == (0, 0)


# -- search and marks -----------------------------------------------------------------------------


def test_rebuilding_the_search_corrects_what_is_wrong(published: Repository, admin: User) -> None:
    tools = make.placed(published)
    right = tools.version_key
    CollectionVersion.objects.update(version_key="wrong")
    RepositoryContent.objects.update(version_key="wrong too", name="wrong", is_highest=False)
    assert search(Criteria(name="tools", is_highest=True), by=admin).keys().count == 0

    make.perform(rebuild_search(by=admin))

    assert CollectionVersion.objects.get().version_key == right
    assert RepositoryContent.objects.get().version_key == right
    assert search(Criteria(name="tools", is_highest=True), by=admin).keys().count == 1


def test_marks_are_put_on_and_taken_off(published: Repository, admin: User) -> None:
    one, other = make.placed(published, number="1.0.0"), make.placed(published, number="1.0.1")
    elsewhere = make.version("acme.elsewhere")

    make.perform(mark(published, None, "tested", by=admin))
    make.perform(mark(published, [one.pk, elsewhere.pk], "approved", by=admin))
    make.perform(mark(published, [one.pk], "approved", by=admin))
    make.perform(unmark(published, [other.pk], "tested", by=admin))

    ids = [one.pk, other.pk, elsewhere.pk]
    assert marks_in(published, ids) == {one.pk: ["approved", "tested"]}
