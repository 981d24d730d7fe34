"""Secrets stay out of what tasks tell, however they get there."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from cartwheel.engine.scrubbing import forget_secrets, keep_secret, scrub, secrets_in


@pytest.fixture(autouse=True)
def nothing_is_known() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


def test_what_stands_under_the_name_of_a_secret_is_one_at_any_depth() -> None:
    given = [
        {
            "remote": {
                "Token": "t1",
                "tokens": ["no"],
                "client_secret": ["s1", {"value": "s2"}],
                "proxy_password": "p1",
            }
        }
    ]

    assert list(secrets_in(given)) == ["t1", "s1", "s2", "p1"]


def test_what_a_thread_learns_no_other_tells() -> None:
    thread = threading.Thread(target=keep_secret, args=("hunter22",))
    thread.start()
    thread.join()

    assert scrub("the password is hunter22") == "the password is ***"


def test_a_secret_is_known_in_whatever_way_it_is_written() -> None:
    secret = "-----BEGIN KEY-----\nMII/+=\"'\n"
    keep_secret(secret)

    for text in (secret, f"{secret!r}", f"ValueError({(secret,)!r})"):
        assert "MII" not in scrub(text)
    assert "MII" not in scrub("https://a/?key=-----BEGIN%20KEY-----%0AMII%2F%2B%3D%22%27%0A")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("GET https://alice:hunter2@a.example/x?y=1 failed", "GET https://***@a.example/x?y=1 failed"),
        ("postgresql://u:p%40w@db/cartwheel", "postgresql://***@db/cartwheel"),
        ("https://a.example/alice@b.example:80/", "https://a.example/alice@b.example:80/"),
        ("ssh://git@a.example, mail bob@b.example", "ssh://git@a.example, mail bob@b.example"),
    ],
)
def test_nor_does_a_text_tell_the_password_in_an_address(text: str, told: str) -> None:
    assert scrub(text) == told


def test_nor_does_it_take_for_ever_to_find_that_there_is_none() -> None:
    text = "bob@b.example ://" + 200_000 * ":"

    assert scrub(text) == text
