"""Fixtures that all tests share. Alice owns things, Bob is a stranger."""

from __future__ import annotations

import os
import tempfile

# Before Django reads its settings: no test touches a real data directory.
os.environ.setdefault("CARTWHEEL_DATA", tempfile.mkdtemp(prefix="cartwheel-test-"))

import make
import pytest
from pytest_django import Settings

from cartwheel.registry.models import User


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
def _cheap_passwords(settings: Settings) -> None:
    """Hashing a password properly takes 0.3 s, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
