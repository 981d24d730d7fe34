"""Collections and versions are deleted everywhere, with their files."""

from __future__ import annotations

from pathlib import Path

import make
import pytest
from pytest_django import Settings
from storages import has_file, write_file

from cartwheel.engine.errors import LostClaim
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied
from cartwheel.registry.deletion import StillRequired, delete, delete_version, require_delete
from cartwheel.registry.models import (
    Artifact,
    Collection,
    CollectionVersion,
    Namespace,
    RepositoryVersion,
    User,
)
from cartwheel.registry.repositories import change_contents, contents


@pytest.fixture(autouse=True)
def _own_store(settings: Settings, tmp_path: Path) -> None:
    settings.CONFIG = make.config(data=tmp_path)


def give_file(version: CollectionVersion) -> Artifact:
    """Let a version have a file; gives its artifact."""
    write_file(version.artifact, b"tarball")
    return version.artifact


def test_a_version_leaves_every_repository(admin: User) -> None:
    published, rejected = make.served("published"), make.served("rejected")
    tools = make.placed(published)
    change_contents(rejected, add=[tools])

    task = make.perform(delete_version(tools, by=admin))

    assert not CollectionVersion.objects.exists()
    assert contents(published).count() == contents(rejected).count() == 0
    assert {each.path for each in task.created_resources.all()} == {
        each.path for each in RepositoryVersion.objects.filter(number=2)
    }
    assert task.title == "Delete acme.tools 1.0.0"


def test_the_file_goes_with_its_version(admin: User) -> None:
    tools = make.placed(make.served())
    artifact = give_file(tools)

    make.perform(delete_version(tools, by=admin))

    assert not has_file(artifact)
    assert not Artifact.objects.exists()


def test_a_file_that_another_version_shares_stays(admin: User) -> None:
    published = make.served()
    tools = make.placed(published)
    other = make.placed(published, "acme.other")
    CollectionVersion.objects.filter(pk=other.pk).update(artifact=tools.artifact)
    artifact = give_file(tools)

    make.perform(delete_version(tools, by=admin))

    assert has_file(artifact)


def test_a_file_that_is_missing_does_not_keep_its_version(admin: User) -> None:
    tools = make.placed(make.served())

    make.perform(delete_version(tools, by=admin))

    assert not CollectionVersion.objects.exists()


def test_progress_tells_what_was_cleaned_up(admin: User) -> None:
    published = make.served()
    make.placed(published, number="1.0.0")
    make.placed(published, number="1.0.1")

    task = make.perform(delete(Collection.objects.get(), by=admin))

    assert sorted(task.progress_reports.values_list("code", "message", "state", "total", "done")) == [
        ("clean-up.artifacts", "Clean up orphan Artifacts", "completed", 2, 2),
        ("clean-up.content", "Clean up orphan Content", "completed", 2, 2),
    ]


def test_a_collection_goes_with_its_last_version(admin: User) -> None:
    published = make.served()
    first, last = make.placed(published, number="1.0.0"), make.placed(published, number="1.0.1")

    make.perform(delete_version(first, by=admin))
    assert Collection.objects.exists()

    make.perform(delete_version(last, by=admin))
    assert not Collection.objects.exists()


def test_what_is_left_of_a_collection_looks_changed(admin: User) -> None:
    published = make.served()
    make.placed(published, number="2.0.0")
    lower = make.placed(published, number="1.0.0")
    before = Collection.objects.get().updated_at

    make.perform(delete_version(lower, by=admin))

    assert Collection.objects.get().updated_at > before


def test_a_deletion_reserves_those_who_hold_it_or_keep_a_version_that_tells_of_it(admin: User) -> None:
    published = make.served("published", retain_repo_versions=1)
    staging = make.served("staging", retain_repo_versions=1)
    keeps_all = make.served("archive")
    forgot = make.served("rejected", retain_repo_versions=1)
    make.served("community")
    tools = make.version()
    for repository in (published, staging, keeps_all, forgot):
        change_contents(repository, add=[tools])
    for repository in (staging, keeps_all, forgot):
        change_contents(repository, remove=[tools])
    change_contents(forgot, add=[make.version("acme.other")])

    task = delete_version(tools, by=admin)

    held = {each for each in task.reserved_resources_record or [] if each.startswith("prn:ansible")}
    assert held == {published.prn, staging.prn, keeps_all.prn}


@pytest.mark.parametrize("wanted", [">=1.0.0", "*", "1.1.0", ">=1.0.0,<2.0.0"])
def test_what_others_depend_on_stays(admin: User, wanted: str) -> None:
    published = make.served()
    base = make.placed(published, "acme.base", "1.1.0")
    make.placed(published, "acme.dep", "1.0.0", dependencies={"acme.base": wanted})

    with pytest.raises(StillRequired, match=r"^Collection version acme\.base 1\.1\.0 could not") as refused:
        delete_version(base, by=admin)
    with pytest.raises(StillRequired, match=r"^Collection acme\.base could not"):
        delete(base.collection, by=admin)

    assert refused.value.dependents == ["acme.dep 1.0.0"]
    assert not Task.objects.exists()


def test_what_depends_on_it_in_secret_is_counted_and_not_named(bob: User) -> None:
    published = make.served()
    base = make.placed(published, "acme.base")
    make.placed(published, "acme.dep", dependencies={"acme.base": "*"})
    make.placed(make.repository("hush", private=True), "acme.hush", dependencies={"acme.base": "*"})
    make.grant(bob, "ansible.delete_collection")

    with pytest.raises(StillRequired) as refused:
        delete(base.collection, by=bob)

    assert refused.value.dependents == ["acme.dep 1.0.0", "1 that you may not see"]


def test_a_version_may_go_if_another_satisfies_those_who_depend_on_it(admin: User) -> None:
    published = make.served()
    base = make.placed(published, "acme.base", "1.0.0")
    newer = make.placed(make.served("staging"), "acme.base", "1.1.0")
    make.placed(published, "acme.dep", dependencies={"acme.base": ">=1.0.0"})
    make.placed(published, "acme.old", dependencies={"acme.base": ">=1.1.0"})

    with pytest.raises(StillRequired) as refused:
        delete_version(newer, by=admin)
    make.perform(delete_version(base, by=admin))
    with pytest.raises(StillRequired) as now_refused:
        delete_version(newer, by=admin)

    assert refused.value.dependents == ["acme.old 1.0.0"]
    assert now_refused.value.dependents == ["acme.dep 1.0.0", "acme.old 1.0.0"]


def test_a_collection_stays_while_others_name_it_though_no_version_satisfies_them(admin: User) -> None:
    published = make.served()
    base = make.placed(published, "acme.base", "1.1.0")
    make.placed(published, "acme.dep", dependencies={"acme.base": ">=2.0.0"})

    with pytest.raises(StillRequired) as refused:
        delete(base.collection, by=admin)

    assert refused.value.dependents == ["acme.dep 1.0.0"]


def test_a_version_that_no_dependency_allows_may_go(admin: User) -> None:
    published = make.served()
    base = make.placed(published, "acme.base", "1.1.0")
    make.placed(published, "acme.dep", "1.0.0", dependencies={"acme.base": "<1.0.0", "other.base": "*"})

    make.perform(delete_version(base, by=admin))

    assert not CollectionVersion.objects.filter(name="base").exists()


def test_deleting_twice_is_fine(admin: User) -> None:
    tools = make.placed(make.served())
    first, second = delete_version(tools, by=admin), delete_version(tools, by=admin)
    make.perform(first)

    task = make.perform(second)

    assert set(task.progress_reports.values_list("total", flat=True)) == {0}


def test_a_worker_that_lost_the_deletion_changes_nothing(admin: User) -> None:
    tools = make.placed(make.served())
    artifact = give_file(tools)
    task = delete_version(tools, by=admin)

    with pytest.raises(LostClaim):
        make.perform_without_claim(task)

    assert CollectionVersion.objects.get() == tools
    assert has_file(artifact)


def test_only_who_has_the_permission_may_delete(alice: User, bob: User) -> None:
    acme = Namespace.objects.create(name="acme")
    make.grant(alice, "ansible.delete_collection", on=acme)

    require_delete("acme", by=alice)

    with pytest.raises(Denied):
        require_delete("acme", by=bob)
    with pytest.raises(Denied):
        require_delete("other", by=alice)
