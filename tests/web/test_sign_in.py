"""Signing in and out."""

from __future__ import annotations

import make
import pytest
from django.forms import PasswordInput
from django.http import QueryDict
from django.test import Client
from django.urls import get_resolver

from cartwheel.registry.models import User
from cartwheel.web.content.forms import Form
from cartwheel.web.drafts import draft_of

pytestmark = pytest.mark.django_db


def sign_in(client: Client, name: str, password: str = make.PASSWORD, **fields: str) -> object:
    return client.post("/login/", {"username": name, "password": password, **fields})


@pytest.mark.parametrize("path", ["/", "/?state=failed&q=x", "/tasks/01a20c0c-45c2-72cd-91c2-5912aef44b78/"])
def test_who_is_not_signed_in_is_sent_to_sign_in_and_then_back(
    client: Client, alice: User, path: str
) -> None:
    asked = client.get(path)
    assert asked.status_code == 302
    form = client.get(asked["Location"])

    answer = client.post(
        "/login/", {"username": "alice", "password": make.PASSWORD, "next": form.context["next"]}
    )

    assert asked["Location"].startswith("/login/?next=/")
    assert (answer.status_code, answer["Location"]) == (302, path)


def test_the_root_names_itself_as_the_place_to_come_back_to(client: Client) -> None:
    assert client.get("/")["Location"] == "/login/?next=/"


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client, alice: User) -> None:
    answer = client.post("/login/", {"username": "alice", "password": "wrong", "next": "/?q=x"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "That username and password do not belong together." in page
    assert 'value="alice"' in page
    assert 'name="next" value="/?q=x"' in page
    assert "wrong" not in page


def test_an_unknown_name_gets_the_same_words(client: Client) -> None:
    answer = client.post("/login/", {"username": "nobody", "password": "wrong"})

    assert "That username and password do not belong together." in answer.content.decode()


def test_what_is_missing_is_said_beside_the_field(client: Client) -> None:
    answer = client.post("/login/", {"username": "", "password": ""})

    assert answer.content.decode().count("This field is required.") == 2


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example",
        "////evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
    ],
)
def test_nobody_is_led_elsewhere(client: Client, alice: User, next_: str) -> None:
    answer = client.post("/login/", {"username": "alice", "password": make.PASSWORD, "next": next_})
    again = client.get("/login/", {"next": next_})
    coloured = client.post("/theme/", {"theme": "dark", "next": next_})

    assert [answer["Location"], again["Location"], coloured["Location"]] == ["/", "/", "/"]


def test_who_is_signed_in_already_goes_on(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/login/?next=/?q=x")["Location"] == "/?q=x"


def test_signing_in_needs_the_token_of_the_form(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/login/", {"username": "alice", "password": make.PASSWORD})

    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_signing_out_is_a_post_and_ends_the_session(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_an_open_page_whose_session_has_ended_is_told_to_load_anew(client: Client) -> None:
    answer = client.get("/tasks/counts/", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer["HX-Refresh"] == "true"


def test_what_was_typed_goes_through_signing_in_but_for_secrets(client: Client, admin: User) -> None:
    typed = {"name": "far", "url": "https://far.example.org/", "requirements": "[]", "password": "hush"}

    asked = client.post("/new/remote/", typed)
    draft = {"next": asked.context["next"], "draft": asked.context["draft"]}
    refused = client.post("/login/", {"username": "admin", "password": "wrong", **draft})
    again = {"next": refused.context["next"], "draft": refused.context["draft"]}
    answer = client.post("/login/", {"username": "admin", "password": make.PASSWORD, **again})
    form = client.get("/new/remote/")
    later = client.get("/new/remote/")

    assert "hush" not in asked.content.decode()
    assert answer.headers["Location"] == "/new/remote/"
    assert 'value="far"' in form.content.decode()
    assert form.context["form"]["sync_dependencies"].value() is False  # it had been unticked
    assert form.context["is_restored"]
    assert "hush" not in form.content.decode()
    assert 'value="far"' not in later.content.decode()


def test_nothing_typed_is_kept_for_another_page(client: Client, admin: User) -> None:
    sign_in(client, "admin", next="/new/group/", draft="name=far")

    assert 'value="far"' not in client.get("/new/remote/").content.decode()


def test_no_field_for_a_secret_has_a_name_that_lets_it_through() -> None:
    get_resolver().url_patterns  # noqa: B018, now all forms are loaded
    secrets = [
        name
        for form in Form.__subclasses__()
        for name, field in form.base_fields.items()
        if isinstance(field.widget, PasswordInput) or "data-secret" in field.widget.attrs
        if not name.endswith("username")  # a remote does not show it, but whoever typed it may see it again
    ]

    assert {"password", "token", "client_key", "old_password", "new_password"} <= {*secrets}
    assert draft_of(QueryDict("&".join(f"{name}=hush" for name in secrets))) == ""
