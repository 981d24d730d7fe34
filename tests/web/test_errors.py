"""Pages for what went wrong, and what all pages promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import permission_denied, server_error

import cartwheel.web
from cartwheel.engine.models import Task
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db

ROOM = Path(cartwheel.web.__file__).parent


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/nothing/", "Not found · Cartwheel"),
        ("/api/nothing/", "Not found · Cartwheel"),
        ("/api/automation-hub/nothing/", "Not Found"),  # as programs know it
    ],
)
def test_what_is_not_there_is_called_not_found(client: Client, path: str, title: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert f"<title>{title}</title>" in answer.content.decode()


def test_a_bug_has_a_page_that_needs_no_database() -> None:
    answer = server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()


def test_what_is_denied_has_a_page(alice: User) -> None:
    request = RequestFactory().get("/")
    request.user = alice

    answer = permission_denied(request, PermissionError())

    assert answer.status_code == 403
    assert "Not yours to do" in answer.content.decode()


def test_no_page_has_inline_scripts_or_styles(client: Client, admin: User) -> None:
    client.force_login(admin)
    task = Task.objects.create(name="x", state="failed", error={"description": "d", "traceback": "t"})

    for path in ("/", f"/tasks/{task.pk}/", f"/tasks/{task.pk}/cancellation/", "/nothing/"):
        answer = client.get(path)
        html = answer.content.decode()
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", html)


def test_pages_are_not_kept_by_the_browser(client: Client, admin: User) -> None:
    client.force_login(admin)

    assert "no-store" in client.get("/")["Cache-Control"]


def test_pages_are_sent_small(client: Client, admin: User) -> None:
    client.force_login(admin)
    for number in range(100):
        Task.objects.create(title=f"Import acme.tools 1.{number}.0", name="some.task", state="completed")

    page = client.get("/", headers={"Accept-Encoding": "gzip"})

    linked = re.findall(r'(?:href|src)="(/static/[^"]+)', client.get("/").content.decode())
    assert page["Content-Encoding"] == "gzip"
    assert len(linked) > 10
    assert len(page.content) + sum(size_of(client, path) for path in linked) < 60_000


def size_of(client: Client, path: str) -> int:
    """As it is sent."""
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    return len(answer.content)


def test_a_static_file_that_changes_gets_another_address(client: Client) -> None:
    assert re.search(
        r'href="/static/web/css/base\.css\?v=[0-9a-f]{10}"', client.get("/login/").content.decode()
    )


def test_scripts_are_one_behaviour_each() -> None:
    lengths = {
        path.name: len(path.read_text().splitlines()) for path in (ROOM / "static/web/js").glob("*.js")
    }

    assert lengths
    assert {name: lines for name, lines in lengths.items() if not 10 <= lines <= 85} == {}
