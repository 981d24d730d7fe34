"""Files that were stored by somebody who was killed before the commit."""

from __future__ import annotations

import io
import logging
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import make
import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings
from storages import stored

from cartwheel.registry import unrecorded
from cartwheel.registry.artifacts import keep, receive
from cartwheel.registry.files import key_of
from cartwheel.registry.loose_files import keep_upload
from cartwheel.registry.models import Artifact, User
from cartwheel.registry.orphans import clean_up
from cartwheel.registry.unrecorded import delete_unrecorded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings: Settings, tmp_path: Path) -> None:
    settings.CONFIG = make.config(data=tmp_path)


def left(content: bytes) -> str:
    """A file is in its place, and no row tells of it; gives its key."""
    upload, digests = receive(io.BytesIO(content))
    ticket = uuid4()
    upload.give_to(ticket)
    with transaction.atomic():
        artifact = keep(ticket, digests)
        transaction.set_rollback(True)
    assert not Artifact.objects.filter(sha256=artifact.sha256).exists()
    return key_of(artifact)


def recorded(content: bytes) -> str:
    version = make.placed(make.repository(), f"acme.{content.decode()}")
    version.artifact = keep_upload(*receive(io.BytesIO(content)))
    version.save()
    return key_of(version.artifact)


def test_the_clean_up_finds_them(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unrecorded, "AT_ONCE", 2)
    kept = [recorded(each) for each in (b"one", b"two", b"three")]
    lost = [left(each) for each in (b"four", b"five", b"six")]
    assert stored() == sorted(kept + lost)

    make.perform(clean_up(by=admin))
    in_time = stored()
    make.perform(clean_up(protection_minutes=0, only=[], by=admin))
    at_others = stored()
    make.perform(clean_up(protection_minutes=-1, by=admin))

    assert in_time == at_others == sorted(kept + lost)
    assert stored() == sorted(kept)


def test_one_that_is_written_down_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = left(b"some bytes")
    monkeypatch.setattr(unrecorded, "_unrecorded", lambda before: [lost.replace("/", "")])
    Artifact.objects.create(sha256=lost.replace("/", ""), size=10)

    delete_unrecorded(timezone.now() + timedelta(minutes=1))

    assert stored() == [lost]
    assert Artifact.objects.exists()


def test_of_another_hub_that_has_the_same_store_nothing_is_deleted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(unrecorded, "LIMIT", 2)
    others = sorted(left(each) for each in (b"one", b"two", b"three"))

    delete_unrecorded(timezone.now() + timedelta(minutes=1))

    assert stored() == others
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
    assert "Does another hub use the store?" in caplog.text
