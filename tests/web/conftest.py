"""A real browser for the tests that need one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hub import Hub
from patience import PATIENCE_SECONDS
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

# The shell is the same browser without its own windows, which would take most of the time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

OpenTab = Callable[..., Page]

PATIENCE_MS = 1000 * PATIENCE_SECONDS
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. It ends with the module: Django refuses to work while its event loop runs."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        missing = "Chromium is not installed, so no page was looked at. Install it: apt-get install chromium"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sessions(hub: Hub) -> dict[str, StorageState]:
    """Cookies of admin and alice, who has no rights."""
    hub.console(
        "User.objects.filter(username='alice').exists()"
        f" or User.objects.create_user('alice', password={hub.password!r})"
    )
    return {name: _session(hub, name) for name in ("admin", "alice")}


def new_context(chromium: Browser, hub: Hub, **options: Any) -> BrowserContext:
    context = chromium.new_context(base_url=hub.url, **options)
    context.set_default_timeout(PATIENCE_MS)
    return context


def signed_in_as(name: str, context: BrowserContext, hub: Hub) -> Page:
    """The page where somebody is who has just signed in."""
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(hub.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Tasks").wait_for()
    return page


def _session(hub: Hub, name: str) -> StorageState:
    """What a browser keeps of somebody who has signed in; without one, which would take seconds for it."""
    with requests.Session() as session:
        page = f"{hub.url}login/"
        session.get(page, timeout=PATIENCE_SECONDS)
        form = {
            "username": name,
            "password": hub.password,
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
        }
        answer = session.post(page, form, allow_redirects=False, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 302, answer.text
        cookies = [(each.name, each.value or "", each.expires or -1) for each in session.cookies]
    host = urlsplit(hub.url).hostname or ""
    return {
        "cookies": [
            {
                "name": key,
                "value": value,
                "domain": host,
                "path": "/",
                "expires": expires,
                "httpOnly": key == "sessionid",
                "secure": False,
                "sameSite": "Lax",
            }
            for key, value, expires in cookies
        ],
        "origins": [],
    }


@pytest.fixture
def sign_in(hub: Hub) -> Callable[[str], StorageState]:
    """Signs somebody in by name, and gives back what the browser then keeps."""
    return lambda name: _session(hub, name)


@pytest.fixture
def open_tab(chromium: Browser, hub: Hub, sessions: dict[str, StorageState]) -> Iterator[OpenTab]:
    """Opens a path of the hub, as somebody or as nobody. What the browser complains about fails the test,
    but for answers with a status that is `fine`.
    """
    contexts, complaints = [], []

    def open_(path: str, *, user: str | None = "admin", fine: tuple[int, ...] = (), **options: Any) -> Page:
        context = new_context(chromium, hub, storage_state=sessions[user] if user else None, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type in ("error", "warning")
                and not any(
                    f"status of {status}" in said.text or f"Code {status}" in said.text for status in fine
                )
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
