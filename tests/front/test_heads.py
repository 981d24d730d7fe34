"""How much somebody may send who has sent no request yet."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from hub import Hub
from patience import PATIENCE_SECONDS

PART = bytes(16 * 1024).replace(b"\0", b"x")
PARTS = 1024  # 16 MB: more than any buffer on the way holds


def taken(hub: Hub, begin: bytes) -> tuple[int, bytes]:
    """How many parts of something endless the hub takes after that, and what it says."""
    address = urlsplit(hub.url)
    with socket.create_connection((address.hostname, address.port), PATIENCE_SECONDS) as client:
        client.sendall(begin)
        sent = 0
        with suppress(ConnectionError):
            for _ in range(PARTS):
                client.sendall(PART)
                sent += 1
        with suppress(ConnectionError):
            return sent, client.recv(1024)
    return sent, b""


@pytest.mark.parametrize(
    "begin",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: hub\r\nX-Long: ",
        b"POST / HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1;",
        b"POST / HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Long: ",
    ],
    ids=["address", "header", "extension of a part", "trailer"],
)
def test_what_is_no_body_has_a_limit(hub: Hub, begin: bytes) -> None:
    sent, told = taken(hub, begin)

    assert sent < PARTS
    assert not told or told.startswith(b"HTTP/1.1 4")


def test_what_is_shorter_is_answered(hub: Hub) -> None:
    answer = hub.request("GET", "pulp/api/v3/status/", headers={"X-Long": "x" * 60_000})

    assert answer.status_code == 200


def test_a_body_may_come_in_many_small_parts(hub: Hub) -> None:
    parts = (b" " for _ in range(40_000))

    answer = hub.request("POST", "pulp/api/v3/task-groups/", data=parts)

    assert answer.status_code == 405
