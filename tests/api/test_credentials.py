"""Signing in with a cookie, a token or a password, and how each of them ends."""

from __future__ import annotations

import base64
from datetime import timedelta

import make
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from cartwheel.registry.models import Token, User

P = "/api/automation-hub/"
LOGIN = f"{P}_ui/v1/auth/login/"
NEW = "another-good-password"


def basic(username: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def new_token(user: User) -> dict[str, str]:
    key = make.api(user).post(f"{P}v3/auth/token/").json()["token"]
    return {"Authorization": f"Token {key}"}


def signed_in(user: User) -> Client:
    """A browser in which the user has signed in, with the header that proves where its posts come from."""
    browser = Client(enforce_csrf_checks=True)
    proof = browser.get(LOGIN).cookies["csrftoken"].value
    answer = browser.post(
        LOGIN,
        {"username": user.username, "password": make.PASSWORD},
        "application/json",
        headers={"X-CSRFToken": proof},
    )
    assert answer.status_code == 204
    browser.defaults["HTTP_X_CSRFTOKEN"] = answer.cookies["csrftoken"].value
    return browser


def status(client: Client, headers: dict[str, str] | None = None) -> int:
    return client.get(f"{P}v3/namespaces/", headers=headers or {}).status_code


def test_a_session_begins_and_ends_as_pulp_has_it(client: Client, alice: User) -> None:
    address = f"{P}pulp/api/v3/login/"
    me = {
        "username": "alice",
        "pulp_href": f"{P}pulp/api/v3/users/{alice.pk}/",
        "prn": f"prn:galaxy.user:{alice.pk}",
    }
    refused = client.post(address, headers=basic("alice", "wrong"))
    asked = client.get(address, headers=basic("alice", make.PASSWORD))
    without_session = status(client)

    begun = client.post(address, headers=basic("alice", make.PASSWORD))
    known, within = client.get(address), status(client)
    ended = client.delete(address)

    assert (refused.status_code, without_session, within, status(client)) == (401, 401, 200, 401)
    assert (asked.status_code, begun.status_code, ended.status_code) == (200, 201, 204)
    assert asked.json() == begun.json() == known.json() == me


def test_a_sign_in_forgets_sessions_that_are_over(client: Client, alice: User) -> None:
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, expire_date=timezone.now() + timedelta(days=days))

    client.post(f"{P}pulp/api/v3/login/", headers=basic("alice", make.PASSWORD))

    assert set(Session.objects.filter(pk__in=["old", "new"]).values_list("pk", flat=True)) == {"new"}


def test_a_token_begins_no_session_that_would_outlive_it(client: Client, alice: User) -> None:
    address, token = f"{P}pulp/api/v3/login/", new_token(alice)

    begun = client.post(address, headers=token)

    assert (begun.status_code, status(client)) == (401, 401)
    assert client.get(address, headers=token).status_code == 200


# -- tokens and passwords -------------------------------------------------------------------------


def test_a_new_token_ends_the_old_one(client: Client, alice: User) -> None:
    old = new_token(alice)

    new = new_token(alice)

    assert (status(client, old), status(client, new)) == (401, 200)


def test_a_token_that_was_taken_away_is_dead(client: Client, alice: User) -> None:
    token = new_token(alice)

    answer = client.delete(f"{P}v3/auth/token/", headers=token)

    assert answer.status_code == 204
    assert status(client, token) == 401


def test_only_a_digest_of_a_token_is_kept(alice: User) -> None:
    key = new_token(alice)["Authorization"].removeprefix("Token ")

    assert len(key) == 40
    assert key not in Token.objects.get(user=alice).sha256


def test_a_token_dies_with_its_user(client: Client, alice: User, admin: User) -> None:
    token = new_token(alice)

    make.api(admin).delete(f"{P}_ui/v1/users/{alice.pk}/")

    assert status(client, token) == 401
    assert not Token.objects.exists()


def test_who_is_not_active_is_not_let_in(client: Client, alice: User) -> None:
    token, browser = new_token(alice), signed_in(alice)
    assert status(client, basic("alice", make.PASSWORD)) == 200

    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert status(client, token) == 401
    assert status(client, basic("alice", make.PASSWORD)) == 401
    assert status(browser) == 401


def test_a_remembered_password_is_forgotten_when_it_changes(client: Client, alice: User, admin: User) -> None:
    assert status(client, basic("alice", make.PASSWORD)) == 200

    make.api(admin).patch(f"{P}_ui/v1/users/{alice.pk}/", {"password": NEW}, format="json")

    assert status(client, basic("alice", make.PASSWORD)) == 401
    assert status(client, basic("alice", NEW)) == 200


def test_a_remembered_password_does_not_let_an_old_name_in(client: Client, alice: User) -> None:
    assert status(client, basic("alice", make.PASSWORD)) == 200

    User.objects.filter(pk=alice.pk).update(username="alicia")

    assert status(client, basic("alice", make.PASSWORD)) == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Token 0123", "Invalid token."),
        ("Basic", "Invalid basic header. No credentials provided."),
        ("Basic a b", "Invalid basic header. Credentials string should not contain spaces."),
        ("Basic a", "Invalid basic header. Credentials not correctly base64 encoded."),
        ("Basic YQ==", "Invalid username/password."),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_header(client: Client, header: str, detail: str) -> None:
    answer = client.get(f"{P}pulp/api/v3/tasks/", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Session"
    assert answer.json() == {"detail": detail}


# -- cookies --------------------------------------------------------------------------------------


def test_a_browser_signs_in_and_out(alice: User) -> None:
    browser = signed_in(alice)
    assert status(browser) == 200

    answer = browser.post(f"{P}_ui/v1/auth/logout/")

    assert answer.status_code == 204
    assert status(browser) == 401


def test_signing_in_needs_the_proof_of_our_own_pages(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)

    answer = browser.post(LOGIN, {"username": "alice", "password": make.PASSWORD}, "application/json")

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["detail"] == "CSRF Failed: CSRF cookie not set."


def test_a_session_cannot_change_anything_without_the_proof(alice: User) -> None:
    browser = signed_in(alice)
    del browser.defaults["HTTP_X_CSRFTOKEN"]

    answer = browser.post(f"{P}v3/auth/token/")

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["detail"].startswith("CSRF Failed")


def test_a_wrong_password_gets_an_empty_answer(alice: User) -> None:
    answer = Client().post(LOGIN, {"username": "alice", "password": "wrong"}, "application/json")

    assert (answer.status_code, answer.content) == (403, b"")
    assert "sessionid" not in answer.cookies


def test_a_new_password_ends_the_other_sessions_and_not_this_one(alice: User) -> None:
    here, elsewhere = signed_in(alice), signed_in(alice)

    answer = here.put(f"{P}_ui/v1/me/", {"username": "alice", "password": NEW}, "application/json")

    assert answer.status_code == 200
    assert (status(here), status(elsewhere)) == (200, 401)


def test_what_says_who_is_signed_in_is_not_cached(alice: User) -> None:
    answer = Client().get(LOGIN)

    assert {"no-cache", "no-store", "must-revalidate"} <= set(answer.headers["Cache-Control"].split(", "))
