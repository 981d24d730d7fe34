"""Many wrong passwords cost a wait; whoever knows the right one notices nothing."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import make
import pytest
from django.test import Client
from rest_framework.test import APIClient

from cartwheel.registry import guessing
from cartwheel.registry.credentials import renew_token, user_by_password
from cartwheel.registry.guessing import FREE, LONGEST_SECONDS, REMEMBERED, TooManyGuesses
from cartwheel.registry.models import User, WrongPassword

HERE, THERE = "192.0.2.1", "192.0.2.2"
ME = "/api/automation-hub/_ui/v1/me/"

pytestmark = pytest.mark.django_db


@dataclass
class Clock:
    """It stands still, but for what a test lets pass."""

    moment: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(guessing, "timezone", clock)
    return clock


def guess(times: int, *, name: str = "alice", address: str = HERE) -> None:
    for number in range(times):
        assert user_by_password(name, f"wrong {number}", address=address) is None


def is_let_in(*, address: str = HERE) -> bool:
    return user_by_password("alice", make.PASSWORD, address=address) is not None


def test_after_many_wrong_passwords_no_more_are_looked_at_for_a_while(alice: User) -> None:
    guess(FREE)

    with pytest.raises(TooManyGuesses, match=r"^Too many wrong passwords\. Try again in 1 s\.$"):
        user_by_password("alice", make.PASSWORD, address=HERE)


def test_each_further_one_makes_the_wait_longer_up_to_a_limit(alice: User, clock: Clock) -> None:
    waits = []
    guess(FREE)
    for _ in range(9):
        with pytest.raises(TooManyGuesses) as refused:
            guess(1)
        waits.append(refused.value.retry_after)
        clock.moment += timedelta(seconds=LONGEST_SECONDS)
        guess(1)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_after_the_wait_the_right_one_is_taken_and_all_is_forgotten(alice: User, clock: Clock) -> None:
    guess(FREE)
    clock.moment += timedelta(seconds=1)

    assert is_let_in()

    assert not WrongPassword.objects.exists()
    guess(FREE)


def test_nobody_is_locked_out_by_others(alice: User) -> None:
    guess(FREE)

    assert is_let_in(address=THERE)
    guess(1, name="bob")


def test_a_network_of_ipv6_counts_as_one_place(alice: User) -> None:
    guess(FREE, address="2001:db8::1")

    with pytest.raises(TooManyGuesses):
        guess(1, address="2001:db8::2")
    assert is_let_in(address="2001:db8:0:1::1")


def test_after_an_hour_of_quiet_it_begins_anew(alice: User, clock: Clock) -> None:
    guess(FREE)
    clock.moment += REMEMBERED

    guess(FREE)

    assert WrongPassword.objects.get().times == FREE


def test_who_goes_on_with_the_right_password_does_not_notice(alice: User) -> None:
    assert is_let_in()
    guess(FREE)

    assert is_let_in()
    guess(FREE)


def test_neither_name_nor_password_is_written_down(alice: User) -> None:
    guess(1)

    kept = str(list(WrongPassword.objects.values()))
    assert "alice" not in kept
    assert "wrong" not in kept


def test_the_api_says_when_to_come_again(alice: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Basic {base64.b64encode(b'alice:wrong').decode()}")
    for _ in range(FREE):
        assert client.get(ME).status_code == 401

    answer = client.get(ME)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    (error,) = answer.json()["errors"]
    assert (error["code"], error["title"]) == ("throttled", "Request was throttled.")


@pytest.mark.parametrize("page", ["/login/", "/api/automation-hub/_ui/v1/auth/login/"])
def test_signing_in_with_a_cookie_waits_too(page: str, alice: User) -> None:
    guess(FREE, address="127.0.0.1")
    client = Client()

    answer = client.post(page, {"username": "alice", "password": make.PASSWORD})

    assert "Too many wrong passwords" in answer.content.decode()
    assert client.get(ME).status_code == 401


def test_a_token_works_meanwhile(alice: User) -> None:
    guess(FREE, address="127.0.0.1")

    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {renew_token(alice)}")

    assert client.get(ME).status_code == 200


def test_wrong_passwords_of_long_ago_are_forgotten(alice: User, clock: Clock) -> None:
    guess(1)
    clock.moment += REMEMBERED

    guess(1, name="bob")

    assert WrongPassword.objects.count() == 1
