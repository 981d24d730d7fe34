"""What is checked before an upload is accepted, in which order, and what is made then."""

from __future__ import annotations

import io
from pathlib import Path

import make
import pytest
from pytest_django import Settings
from storages import stored

from cartwheel.engine.models import Task
from cartwheel.kit.errors import CartwheelError, Denied, NotFound
from cartwheel.kit.filenames import BadFilename
from cartwheel.registry.artifacts import open_upload, receive
from cartwheel.registry.models import CollectionImport, User
from cartwheel.registry.uploads import Started, start_import

TOOLS = "acme-tools-1.0.0.tar.gz"


@pytest.fixture
def owner(alice: User, settings: Settings, tmp_path: Path) -> User:
    """Alice, who may upload to acme, on a hub with the stock pipeline and a repository without one."""
    settings.CONFIG = make.config(data=tmp_path)
    make.served("staging", labels={"pipeline": "staging"})
    make.served("published", labels={"pipeline": "approved"})
    make.served("rejected", labels={"pipeline": "rejected"})
    make.served("community")
    make.grant(alice, "galaxy.upload_to_namespace", on=make.namespace("acme"))
    return alice


def upload(by: User, filename: str = TOOLS, base_path: str | None = None) -> Started:
    received, digests = receive(io.BytesIO(b"whatever it is"))
    try:
        return start_import(received, digests, filename, by=by, base_path=base_path)
    finally:
        received.discard()


@pytest.mark.parametrize("base_path", [None, "published", "staging"])
def test_uploads_go_to_staging_first(owner: User, base_path: str | None) -> None:
    started = upload(owner, base_path=base_path)

    assert started.base_path == "staging"
    assert started.task.task_group is not None
    assert started.task.task_group.description == "Import collection to staging"


def test_an_upload_makes_a_task_and_a_record_and_keeps_the_file(owner: User) -> None:
    started = upload(owner)

    record = CollectionImport.objects.get(pk=started.task.pk)
    assert (record.namespace, record.name, record.version) == ("acme", "tools", "1.0.0")
    assert started.task.name == "galaxy_ng.app.tasks.publishing.import_to_staging"
    assert started.task.title == "Import acme.tools 1.0.0"
    assert started.task.created_by == owner
    with open_upload(started.task.pk) as kept:
        assert kept.read() == b"whatever it is"


def test_without_approval_another_task_imports(owner: User, settings: Settings) -> None:
    settings.CONFIG = make.config(data=settings.CONFIG.data, require_content_approval=False)

    assert upload(owner).task.name == "galaxy_ng.app.tasks.publishing.import_and_auto_approve"


def test_a_repository_without_a_pipeline_takes_uploads_of_those_who_may_change_it(owner: User) -> None:
    make.grant(owner, "ansible.modify_ansible_repo_content", on=make.repository("community"))

    started = upload(owner, base_path="community")

    assert started.base_path == "community"
    assert started.task.name == "galaxy_ng.app.tasks.publishing.import_to_staging"


@pytest.mark.parametrize(
    ("filename", "base_path", "error", "sentence"),
    [
        ("bad.tar.gz", "nowhere", BadFilename, "Invalid filename bad.tar.gz. Expected format:"),
        ("nope-tools-1.0.0.tar.gz", "nowhere", NotFound, "Namespace in filename not found."),
        (TOOLS, "nowhere", NotFound, "Distribution does not exist."),
        (TOOLS, "community", Denied, "You do not have permission to perform this action."),
        (TOOLS, "rejected", Denied, "You do not have permission to perform this action."),
    ],
)
def test_what_is_wrong_is_refused_at_once_and_leaves_nothing(
    owner: User, filename: str, base_path: str, error: type[CartwheelError], sentence: str
) -> None:
    with pytest.raises(error) as refusal:
        upload(owner, filename, base_path)

    assert sentence in refusal.value.message
    assert_nothing_is_left()


def test_nobody_uploads_to_what_was_approved_or_rejected(owner: User, admin: User) -> None:
    with pytest.raises(Denied):
        upload(admin, base_path="rejected")


def test_only_those_who_may_upload_to_a_namespace_do(owner: User, bob: User) -> None:
    with pytest.raises(Denied, match=r"^You do not have permission to perform this action\.$"):
        upload(bob)

    assert_nothing_is_left()


def test_a_failure_to_make_the_task_leaves_nothing(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(CollectionImport.objects, "create", fail)

    with pytest.raises(RuntimeError):
        upload(owner)

    assert_nothing_is_left()


def assert_nothing_is_left() -> None:
    assert not Task.objects.exists()
    assert not CollectionImport.objects.exists()
    assert stored() == []
