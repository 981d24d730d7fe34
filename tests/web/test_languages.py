"""Pages speak the language that the browser asks for, where there is a catalogue of it; the API speaks one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import translation

from cartwheel.registry.models import User
from cartwheel.settings import languages
from cartwheel.web.languages import LanguageMiddleware

GERMAN = {
    "": "Content-Type: text/plain; charset=UTF-8\n",
    "Sign in": "Anmelden",
    "Tasks": "Aufgaben",
    "Add namespace": "Namensraum anlegen",
    "You do not have permission to perform this action.": "Das darfst du nicht.",
}


def compiled(words: dict[str, str]) -> bytes:
    """A catalogue as msgfmt writes it. Format: GNU gettext manual, "The Format of GNU MO Files"."""
    pairs = sorted((one.encode(), other.encode()) for one, other in words.items())
    texts = [one for one, _ in pairs] + [other for _, other in pairs]
    begin, table, offset = 28, b"", 28 + 8 * len(texts)
    for text in texts:
        table += struct.pack("<2I", len(text), offset)
        offset += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), begin, begin + 8 * len(pairs), 0, 0)
    return head + table + b"".join(text + b"\0" for text in texts)


@pytest.fixture
def german(tmp_path: Path) -> Iterator[None]:
    path = tmp_path / "de" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled(GERMAN))
    with override_settings(LOCALE_PATHS=[tmp_path], LANGUAGES=languages(tmp_path)):
        yield


def test_a_page_speaks_the_language_that_the_browser_asks_for(client: Client, german: None) -> None:
    page = client.get("/login/", headers={"Accept-Language": "fr, de-AT;q=0.9, en;q=0.5"})

    assert "<h1>Anmelden</h1>" in page.content.decode()
    assert '<html lang="de"' in page.content.decode()
    assert page.headers["Content-Language"] == "de"
    assert "Accept-Language" in page.headers["Vary"]
    assert translation.get_language() == "en"  # what the thread does next is not concerned


@pytest.mark.parametrize("wanted", ["", "fr", "en, de;q=0.5"])
def test_where_there_is_no_catalogue_it_speaks_english(client: Client, german: None, wanted: str) -> None:
    page = client.get("/login/", headers={"Accept-Language": wanted})

    assert "<h1>Sign in</h1>" in page.content.decode()
    assert '<html lang="en"' in page.content.decode()


def test_words_of_the_registry_are_translated_on_pages(
    client: Client, admin: User, alice: User, german: None
) -> None:
    spoken = {"Accept-Language": "de"}

    client.force_login(admin)
    roles = client.get("/new/role/", headers=spoken).content.decode()
    client.force_login(alice)
    refused = client.get("/new/role/", headers=spoken)

    assert "Namensraum anlegen (galaxy.add_namespace)" in roles
    assert refused.status_code == 403
    assert "Das darfst du nicht." in refused.content.decode()


def test_the_api_is_the_same_for_everybody(client: Client, admin: User, german: None) -> None:
    client.force_login(admin)
    path = "/api/automation-hub/_ui/v1/namespaces/"

    answers = [
        client.post(path, {}, content_type="application/json", headers={"Accept-Language": wanted}).content
        for wanted in ("de", "en")
    ]

    assert b"required" in answers[0]
    assert answers[0] == answers[1]


def test_one_language_costs_nothing() -> None:
    with pytest.raises(MiddlewareNotUsed):
        LanguageMiddleware(lambda request: HttpResponse())
