"""Imports: from an upload to a version that is in its repository, or to nothing at all."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path

import make
import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from small_collections import collection, member, with_members
from storages import drop_file, stored, write_file

from cartwheel.engine.child import EndsWith
from cartwheel.engine.context import running
from cartwheel.engine.errors import LostClaim
from cartwheel.engine.functions import find
from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.engine.stopping import cancel
from cartwheel.kit.digests import Digests
from cartwheel.kit.errors import Invalid
from cartwheel.kit.tarballs import BadTarball
from cartwheel.registry.artifacts import keep, receive
from cartwheel.registry.files import open_artifact
from cartwheel.registry.imports import UploadGone, VersionExists, WrongDigest
from cartwheel.registry.loose_files import keep_upload
from cartwheel.registry.models import Artifact, Collection, CollectionVersion, Repository, User
from cartwheel.registry.repositories import change_contents, contents
from cartwheel.registry.uploads import start_import

TOOLS = "acme-tools-1.0.0.tar.gz"


@pytest.fixture
def staging(db: None, settings: Settings, tmp_path: Path) -> Repository:
    """The repository that alice may upload acme's collections to."""
    settings.CONFIG = make.config(data=tmp_path)
    make.served("published", labels={"pipeline": "approved"})
    return make.served("staging", labels={"pipeline": "staging"})


@pytest.fixture
def owner(alice: User, staging: Repository) -> User:
    make.grant(alice, "galaxy.upload_to_namespace", on=make.namespace("acme"))
    return alice


def uploaded(packed: bytes, *, by: User, filename: str = TOOLS, **details: str) -> Task:
    """The task that imports what was uploaded just now."""
    upload, digests = receive(io.BytesIO(packed))
    return start_import(upload, digests, filename, by=by, **details).task


def imported(packed: bytes, *, by: User, filename: str = TOOLS, **details: str) -> CollectionVersion:
    """The version that is in its repository after an import."""
    task = uploaded(packed, by=by, filename=filename, **details)
    make.perform(task)
    make.perform(task.child_tasks.get())
    path = task.created_resources.get().path
    return CollectionVersion.objects.get(pk=path.split("/")[-2])


def assert_nothing_is_left() -> None:
    assert not CollectionVersion.objects.exists()
    assert not Collection.objects.exists()
    assert not Artifact.objects.exists()
    assert stored() == []


def test_names_that_are_one_on_other_systems_are_imported_with_one_warning(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    packed = collection({"docs/A.md": "", "docs/a.md": "", "con.py": ""})

    imported(packed, by=owner)

    assert [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING] == [
        'Not every system can unpack "con.py", "docs/A.md" and "docs/a.md": names are one there that differ only in '
        "case or in the form of accents, and some are not allowed. Rename them."
    ]


def test_an_import_ends_with_the_version_in_its_repository(owner: User, staging: Repository) -> None:
    packed = collection()

    version = imported(packed, by=owner)

    assert list(contents(staging)) == [version]
    assert (version.namespace, version.name, version.version) == ("acme", "tools", "1.0.0")
    assert version.requires_ansible == ">=2.15.0"
    assert version.tags == ["tools", "linux"]
    assert version.manifest["collection_info"]["readme"] == "README.md"
    assert version.files["files"][0]["name"] == "."
    assert version.docs_blob["collection_readme"]["name"] == "README.md"
    with open_artifact(version.artifact) as stored:
        assert stored.read() == packed


def test_an_import_ends_as_the_task_ends_that_places_it(owner: User, staging: Repository) -> None:
    task = uploaded(collection(), by=owner)
    Task.objects.filter(pk=task.pk).update(state=State.RUNNING)

    with running(task):
        result = find(task.name)(*task.args)

    child = task.child_tasks.get()
    assert isinstance(result, EndsWith)
    assert result.task_id == child.pk
    assert child.name == "pulpcore.app.tasks.repository.add_and_remove"
    assert staging.prn in (child.reserved_resources_record or [])


def test_a_real_collection_is_imported(owner: User, real: Path, caplog: pytest.LogCaptureFixture) -> None:
    make.grant(owner, "galaxy.upload_to_namespace", on=make.namespace("ansible"))
    caplog.set_level(logging.INFO)

    version = imported(real.read_bytes(), by=owner, filename=real.name)

    assert str(version).startswith("ansible.posix ")
    assert {"name": "synchronize", "content_type": "module"}.items() <= next(
        each
        for each in version.contents
        if each["name"] == "synchronize" and each["content_type"] == "module"
    ).items()
    assert caplog.messages[0].startswith("Importing with Cartwheel ")
    assert "Loading module synchronize" in caplog.messages
    assert caplog.messages[-1] == "Collection loading complete"


def test_the_same_bytes_again_are_fine(owner: User, staging: Repository) -> None:
    first = imported(collection(), by=owner)

    second = imported(collection(), by=owner)

    assert second == first
    assert list(contents(staging)) == [first]
    assert len(stored()) == 1


@pytest.mark.parametrize("damage", [drop_file, lambda artifact: write_file(artifact, b"damaged")])
def test_the_same_bytes_again_bring_back_a_file_that_was_lost_or_damaged(
    owner: User, damage: Callable[[Artifact], None]
) -> None:
    version = imported(collection(), by=owner)
    damage(version.artifact)

    imported(collection(), by=owner)

    with open_artifact(version.artifact) as stored:
        assert stored.read() == collection()


def test_other_bytes_of_a_version_are_refused(owner: User, staging: Repository) -> None:
    first = imported(collection(), by=owner)
    task = uploaded(collection(description="another one"), by=owner)

    with pytest.raises(
        VersionExists,
        match=r"^acme\.tools 1\.0\.0 already exists with other contents\. Publish a higher version\.$",
    ):
        make.perform(task)

    assert list(CollectionVersion.objects.all()) == [first]
    assert list(Artifact.objects.all()) == [first.artifact]
    assert len(stored()) == 1


def test_a_wrong_sha256_fails_the_import(owner: User) -> None:
    task = uploaded(collection(), by=owner, sha256="0" * 64)

    with pytest.raises(
        WrongDigest, match=r"^\[PLP0003\] A file failed validation due to checksum\. Expected '0+', A"
    ):
        make.perform(task)

    assert_nothing_is_left()


def test_the_sha256_may_be_in_capitals(owner: User) -> None:
    upload, digests = receive(io.BytesIO(collection()))
    started = start_import(upload, digests, TOOLS, by=owner, sha256=digests.sha256.upper())

    make.perform(started.task)

    assert CollectionVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [
        (b"this is not a tarball", "file could not be opened successfully:"),
        (collection(name="base"), 'Filename name "tools" did not match metadata "base"'),
        (with_members(member("../evil", b"x")), 'The tarball holds "../evil", which points outside.'),
    ],
)
def test_a_failed_import_leaves_nothing(owner: User, packed: bytes, sentence: str) -> None:
    task = uploaded(packed, by=owner)

    with pytest.raises(Invalid) as refusal:
        make.perform(task)

    assert sentence in refusal.value.message
    assert_nothing_is_left()


def test_an_import_that_lost_its_claim_changes_nothing(owner: User) -> None:
    task = uploaded(collection(), by=owner)

    with pytest.raises(LostClaim):
        make.perform_without_claim(task)

    assert_nothing_is_left()


def test_an_import_canceled_before_it_began_leaves_nothing(
    owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    task = uploaded(collection(), by=owner)

    with django_capture_on_commit_callbacks(execute=True):
        cancel(task)

    assert_nothing_is_left()


def test_an_import_canceled_before_its_version_is_placed_leaves_nothing(
    owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    task = uploaded(collection(), by=owner)
    make.perform(task)
    Task.objects.filter(pk=task.pk).update(ends_with=task.child_tasks.get())

    with django_capture_on_commit_callbacks(execute=True):
        cancel(task)

    assert task.child_tasks.get().state == State.CANCELED
    assert_nothing_is_left()


def test_a_canceled_import_takes_nothing_from_another_one(
    owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    one, other = uploaded(collection(), by=owner), uploaded(collection(), by=owner)
    make.perform(one)
    make.perform(other)
    Task.objects.filter(pk=one.pk).update(ends_with=one.child_tasks.get())

    with django_capture_on_commit_callbacks(execute=True):
        cancel(one)
    make.perform(other.child_tasks.get())

    (version,) = CollectionVersion.objects.all()
    with open_artifact(version.artifact) as stored:
        assert stored.read() == collection()


def test_what_is_in_a_repository_stays_when_a_second_import_of_it_is_canceled(
    owner: User, staging: Repository, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    version = imported(collection(), by=owner)
    again = uploaded(collection(), by=owner)
    make.perform(again)
    Task.objects.filter(pk=again.pk).update(ends_with=again.child_tasks.get())

    with django_capture_on_commit_callbacks(execute=True):
        cancel(again)

    assert list(contents(staging)) == [version]
    assert len(stored()) == 1


def test_an_import_that_was_killed_before_it_wrote_down_what_it_stored_leaves_nothing(
    owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    task = uploaded(collection(), by=owner)
    with transaction.atomic():
        keep(task.pk, Digests(**task.args[2]))
        transaction.set_rollback(True)

    with django_capture_on_commit_callbacks(execute=True):
        cancel(task)

    assert_nothing_is_left()


def test_a_failed_import_takes_nothing_from_what_was_stored_for_itself(owner: User) -> None:
    imported(collection(), by=owner)
    other = collection(description="another one")
    artifact = keep_upload(*receive(io.BytesIO(other)))

    with pytest.raises(VersionExists):
        make.perform(uploaded(other, by=owner))

    with open_artifact(artifact) as stored:
        assert stored.read() == other
    assert Artifact.objects.filter(pk=artifact.pk).exists()


def test_an_import_whose_upload_is_gone_says_so(owner: User) -> None:
    task = uploaded(collection(), by=owner)
    with pytest.raises(BadTarball):
        make.perform(uploaded(b"junk", by=owner))
    make.perform(task)

    with pytest.raises(
        UploadGone, match=r"^The upload acme-tools-1\.0\.0\.tar\.gz is no longer there\. Upload it"
    ):
        make.perform(task)


def test_without_approval_a_version_ends_up_in_published(
    owner: User, staging: Repository, settings: Settings
) -> None:
    settings.CONFIG = make.config(data=settings.CONFIG.data, require_content_approval=False)

    version = imported(collection(), by=owner)

    assert list(contents(make.repository("published"))) == [version]
    assert list(contents(staging)) == []
    assert version.placements.get().repository.name == "published"


@pytest.mark.parametrize(
    ("into", "stays", "is_lent"), [("hush", True, True), ("staging", True, False), ("staging", False, False)]
)
def test_doc_fragments_of_a_private_repository_are_lent_only_within_it(
    owner: User, staging: Repository, into: str, stays: bool, is_lent: bool
) -> None:
    hush = make.served("hush", private=True)
    make.grant(owner, "ansible.modify_ansible_repo_content")
    fragment = "class ModuleDocFragment:\n    DOCUMENTATION = 'options: {covert: {type: str}}'\n"
    packed = collection({"plugins/doc_fragments/net.py": fragment}, name="base")
    base = imported(packed, by=owner, filename="acme-base-1.0.0.tar.gz", base_path="hush")
    if not stays:
        change_contents(hush, remove=[base])
        base.placements.all().delete()  # as if no version of the repository had it any more
    extending = 'DOCUMENTATION = "extends_documentation_fragment: [acme.base.net]"\n'

    version = imported(collection({"plugins/modules/one.py": extending}), by=owner, base_path=into)

    assert ("covert" in str(version.docs_blob)) == is_lent


def test_doc_fragments_come_from_the_highest_version_of_another_collection(
    owner: User, staging: Repository
) -> None:
    for number, what in (("1.0.0", "old"), ("1.10.0", "current"), ("1.9.0", "other"), ("2.0.0-beta", "beta")):
        fragment = f"class ModuleDocFragment:\n    DOCUMENTATION = 'options: {{{what}: {{type: str}}}}'\n"
        packed = collection({"plugins/doc_fragments/net.py": fragment}, name="base", version=number)
        imported(packed, by=owner, filename=f"acme-base-{number}.tar.gz")
    extending = 'DOCUMENTATION = "extends_documentation_fragment: [acme.base.net, acme.base.gone]"\n'

    version = imported(collection({"plugins/modules/one.py": extending}), by=owner)

    documented = version.docs_blob["contents"][0]["doc_strings"]["doc"]
    assert [each["name"] for each in documented["options"]] == ["current"]
