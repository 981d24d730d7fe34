"""Hosts that disagree about the secret key are told of it when they start."""

from __future__ import annotations

import logging

import pytest
from pytest_django import Settings

from cartwheel.registry.models import Fact
from cartwheel.registry.shared_key import compare_secret_key

pytestmark = pytest.mark.django_db


def test_hosts_with_the_same_key_say_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.SECRET_KEY = "one"

    assert compare_secret_key()
    assert compare_secret_key()

    assert caplog.records == []


def test_a_host_with_another_key_says_so_and_so_does_the_first_when_it_starts_again(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    found = []
    for key in ("one", "another", "another", "one"):
        settings.SECRET_KEY = key
        found.append(compare_secret_key())

    assert found == [True, False, True, False]
    assert [each.levelno for each in caplog.records] == [logging.WARNING] * 2
    assert "CARTWHEEL_SECRET_KEY" in caplog.records[0].getMessage()


def test_the_key_itself_is_not_in_the_database(settings: Settings) -> None:
    settings.SECRET_KEY = "a-key-that-nobody-may-know"

    compare_secret_key()

    assert settings.SECRET_KEY not in Fact.objects.get().value
