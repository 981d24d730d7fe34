"""Every endpoint and every page, by anonymous, stranger, owner, operator, admin.

`rights.txt` is the table: a method, a path as the URL resolver has it, and what each of the five is answered
to a request with an empty body (or the one in BODIES). A path that has no row fails, and so does a row that has
no path. Before a status changes here, think about who may.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from endpoints import API, METHODS, PEOPLE, PULP, Row, endpoints, signed_in
from rest_framework.test import APIClient

from cartwheel.registry.models import Repository, User

TABLE = Path(__file__).with_name("rights.txt")
STOP, HUB = {"state": "canceled"}, {"scope": "hub"}
BODIES: dict[tuple[str, str], Any] = {  # where the form of what is sent is looked at before who sends it
    ("patch", f"{PULP}tasks/<str:identifier>/"): STOP,
    ("patch", f"{PULP}task-groups/<str:identifier>/"): STOP,
    ("post", f"{PULP}pauses/"): HUB,
    ("delete", f"{PULP}pauses/"): HUB,
    ("post", "/tasks/views/"): {"name": "failures", "query": "?state=failed"},
    ("post", f"{PULP}distributions/ansible/ansible/"): {
        "name": "shown",
        "base_path": "shown",
        "repository": f"{PULP}repositories/ansible/ansible/<str:identifier>/",
    },
}
UPLOADS = (
    "/artifacts/collections/",
    "/collections/artifacts/",
    "/content/ansible/collection_versions/",
    "/ansible/collections/",
)
ANYBODYS = {  # refused for what was not sent: anybody may sign in, change oneself, copy what is public to one's own
    f"{API}_ui/v1/auth/login/",
    f"{API}_ui/v1/me/",
    f"{PULP}repositories/ansible/ansible/<str:identifier>/copy_collection_version/",
    "/repositories/<repository:repository>/content/changes/",
}


@cache
def table() -> dict[Row, list[int]]:
    rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {(method, path): [int(each) for each in told] for method, path, *told in rows}


@pytest.fixture
def browsers(people: dict[str, User | None]) -> dict[str, SimpleCookie]:
    return {name: signed_in(user) for name, user in people.items()}


def answers(row: Row, browsers: dict[str, SimpleCookie], fill: Callable[[str], str]) -> dict[str, int]:
    """The status that each person gets; what one changes is undone before the next asks."""
    method, path = row
    told = {}
    for name, cookies in browsers.items():
        client = APIClient()
        client.cookies = deepcopy(cookies)
        with transaction.atomic():
            answer = getattr(client, method)(fill(path), **_body(row, fill))
            transaction.set_rollback(True)
        told[name] = answer.status_code
    return told


def _body(row: Row, fill: Callable[[str], str]) -> dict[str, Any]:
    method, path = row
    if method == "get":
        return {}
    if method == "post" and path.endswith(UPLOADS):
        return {"data": {"file": SimpleUploadedFile("acme-tools-1.0.0.tar.gz", b"bytes")}}
    data = {key: fill(value) for key, value in BODIES.get(row, {}).items()}
    return {"data": data, "format": "json" if path.startswith(API) else "multipart"}


def test_the_table_has_a_row_for_whatever_is_there_and_for_nothing_else() -> None:
    assert set(table()) ^ set(endpoints()) == set(), f"Say in {TABLE.name} who may do that."


@pytest.mark.parametrize("method", METHODS)
def test_each_is_answered_what_the_table_says(
    method: str, browsers: dict[str, SimpleCookie], fill: Callable[[str], str]
) -> None:
    rows = [each for each in endpoints() if each[0] == method]

    told = {row: answers(row, browsers, fill) for row in rows}

    assert told == {row: dict(zip(browsers, table()[row], strict=True)) for row in rows}


def test_what_shows_no_field_is_answered_as_what_shows_all(
    browsers: dict[str, SimpleCookie], fill: Callable[[str], str]
) -> None:
    browser = {"admin": browsers["admin"]}
    rows = [row for row in endpoints() if row[0] == "get" and row[1].startswith(PULP)]

    told = {row: answers(row, browser, lambda path: f"{fill(path)}?fields=nothing") for row in rows}

    assert told == {row: {"admin": table()[row][-1]} for row in rows}


def test_what_is_public_is_still_changed_by_nobody_else(
    browsers: dict[str, SimpleCookie], fill: Callable[[str], str]
) -> None:
    """In the table, a stranger does not even see Alice's repository."""
    Repository.objects.update(private=False)
    rows = [row for row in endpoints() if row[0] != "get" and not is_anybodys(row)]

    told = {row: answers(row, {"stranger": browsers["stranger"]}, fill)["stranger"] for row in rows}

    assert {row: status for row, status in told.items() if status not in (401, 403, 404, 405)} == {}


def is_anybodys(row: Row) -> bool:
    return row[1] in ANYBODYS or table()[row][PEOPLE.index("stranger")] < 400
