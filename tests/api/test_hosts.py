"""Requests whose Host is none of the hub's."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from front_server import connected
from hub import Hub

API = "/api/automation-hub/"


def answer(hub: Hub, path: str, *hosts: str) -> str:
    lines = "".join(f"Host: {each}\r\n" for each in hosts)
    head = f"GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n"
    with connected(urlsplit(hub.url).port or 0, head.encode()) as client:
        return client.makefile("rb").read().decode()


@pytest.mark.parametrize("hosts", [['evil"><x'], [""], ["one", "two"]], ids=["no name", "empty", "two"])
def test_a_program_is_refused_in_its_form(hub: Hub, hosts: list[str]) -> None:
    galaxy = answer(hub, f"{API}v3/namespaces/", *hosts)
    pulp = answer(hub, f"{API}pulp/api/v3/tasks/", *hosts)
    page = answer(hub, "/login/", *hosts)

    for each in (galaxy, pulp, page):
        assert each.startswith("HTTP/1.1 400 ")
    assert '{"errors": [{"status": "400", "code": "invalid"' in galaxy
    assert '{"detail": "The hub does not answer to that name.' in pulp
    assert "<html" in page
