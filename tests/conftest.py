"""Fixtures that all tests share. Alice owns things, Bob is a stranger."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import make
import pytest
from django.db import transaction
from django.utils import timezone
from hub import Hub, running_hub
from hypothesis import HealthCheck, settings
from object_stores import Bucket, running_bucket, set_credentials
from object_stores import Unavailable as NoBucket
from pytest_django import DjangoDbBlocker
from real_collections import Unavailable, real_collection

from cartwheel.engine import progress
from cartwheel.registry.models import User

# Until all tests are collected, nothing that is made is garbage, and to look for it would take half of the time.
gc.disable()

# The same examples in every run, however long each of them takes.
settings.register_profile(
    "cartwheel", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cartwheel")

# Where the files are that take long, so that none of them is left for the end, when others have nothing to do.
LONG_FIRST = ("scenario", "web", "front", "cli", "engine", "rights", "registry")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    root = Path(__file__).parent
    rooms = {room: place for place, room in enumerate(LONG_FIRST)}
    items.sort(key=lambda item: rooms.get(item.path.relative_to(root).parts[0], len(rooms)))
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "module_db" in names and "db" not in names and not item.get_closest_marker("django_db"):
            raise pytest.UsageError(f"{item.nodeid} needs django_db: what it changes would stay.")


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For what the tests of a file look at: made once, it is there for all of them, whatever each changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def alice(db: None) -> User:
    return make.user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return make.user("bob")


@pytest.fixture
def admin(db: None) -> User:
    return make.user("admin", is_superuser=True, is_staff=True)


@pytest.fixture(autouse=True)
def nothing_is_told_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that writes a report would wait for the test's own transaction, and go on in the next test."""
    monkeypatch.setattr(progress, "LATE_SECONDS", 3600)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands still for the test, at this time."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A real hub, shared by all tests that ask for it: they must not mind what others did there."""
    with running_hub(tmp_path_factory.mktemp("hub") / "data") as started:
        yield started


@pytest.fixture
def fresh_hub(tmp_path: Path) -> Iterator[Hub]:
    """A real hub of this test's own."""
    with running_hub(tmp_path / "data") as started:
        yield started


@pytest.fixture
def real(request: pytest.FixtureRequest) -> Path:
    """The tarball of the real collection that the test's parameter `name` names, by default ansible.posix."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    try:
        return real_collection(parameters.get("name", "ansible.posix"))
    except Unavailable as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    """A bucket of a real S3 server."""
    set_credentials()
    try:
        with running_bucket() as started:
            yield started
    except NoBucket as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))
