"""Two syncs of the same files on one host: either may take what the other has fetched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import make
import pytest
from django.db import transaction
from locks import beside, waiting_for_locks
from patience import PATIENCE_SECONDS, eventually
from postgres import is_wanted
from pytest_django import Settings
from upstream import Upstream, running_upstream

from cartwheel.engine.models import Task
from cartwheel.kit.digests import Digests
from cartwheel.registry.artifacts import fetched
from cartwheel.registry.imports import Found, read_tarball
from cartwheel.registry.models import CollectionRemote, Repository, User
from cartwheel.registry.repositories import contents
from cartwheel.registry.sync import task
from cartwheel.registry.sync.client import Client
from cartwheel.registry.sync.downloads import fetch
from cartwheel.registry.sync.start import sync
from cartwheel.registry.sync.upstream import Offer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def upstream(settings: Settings, tmp_path: Path) -> Iterator[Upstream]:
    settings.CONFIG = make.config(data=tmp_path)
    with running_upstream() as started:
        started.add("acme.tools")
        yield started


@pytest.fixture
def start(upstream: Upstream, admin: User) -> Callable[[str], Task]:
    """Asks for a sync into a repository of that name."""
    remote = CollectionRemote.objects.create(name="elsewhere", url=upstream.url)
    return lambda name: sync(make.repository(name), remote, by=admin)


def test_a_file_that_one_took_who_was_stopped_is_fetched_again(
    upstream: Upstream, start: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(1))

    def read_and_lose(*args: Any, **options: Any) -> Found:
        found = read_tarball(*args, **options)
        if next(times, None) is not None:
            fetched(upstream.releases["acme.tools"]["1.0.0"].sha256).unlink()
        return found

    monkeypatch.setattr(task, "read_tarball", read_and_lose)

    make.perform(start("mine"))

    assert [str(each) for each in contents(Repository.objects.get())] == ["acme.tools 1.0.0"]
    assert upstream.files_asked_for == 2


@pytest.mark.skipif(not is_wanted(), reason="SQLite cannot tell who waits")
def test_a_file_that_the_other_just_takes_is_waited_for(
    upstream: Upstream, start: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = iter([True])
    has_fetched, is_taken = threading.Event(), threading.Event()

    def fetch_and_hesitate(client: Client, offer: Offer) -> tuple[Path, Digests]:
        found = fetch(client, offer)
        if next(order, False):
            has_fetched.set()
            assert is_taken.wait(PATIENCE_SECONDS)
        return found

    monkeypatch.setattr(task, "fetch", fetch_and_hesitate)
    first, second = start("first"), start("second")
    problems: list[Exception] = []

    thread = beside(lambda: make.perform(first), problems)
    assert has_fetched.wait(PATIENCE_SECONDS)
    with transaction.atomic():
        make.perform(second)
        is_taken.set()
        eventually(lambda: problems or waiting_for_locks() == 1, what="the first being held up")
    thread.join(PATIENCE_SECONDS)

    assert problems == []
    assert all(contents(each).count() == 1 for each in Repository.objects.all())
    assert upstream.files_asked_for == 1
