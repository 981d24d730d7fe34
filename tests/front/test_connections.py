"""Clients that connect, and send no request, or not all of its head."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import pytest
from django.http import HttpResponse
from front_server import connected, serving
from hub import running_hub

from cartwheel.front import protocol
from cartwheel.front.application import Front

HALF = b"GET / HTTP/1.1\r\nHost: hub\r\nX-Long: "
WHOLE = b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"


def well(_: dict[str, Any], start: Callable[..., Any]) -> HttpResponse:
    """Answers everybody that all is well."""
    start("200 OK", [("Content-Length", "4")])
    return HttpResponse(b"well")


def is_let_go(client: socket.socket) -> bool:
    try:
        return client.recv(1024) == b""
    except ConnectionResetError:
        return True


def heard(answer: IO[bytes]) -> bool:
    """Read one answer, whether it is that all is well."""
    while (line := answer.readline()) != b"\r\n":
        assert line, "the connection has ended"
    return answer.read(4) == b"well"


@pytest.fixture
def port() -> Iterator[int]:
    with serving(Front(well, threads=1, body_limit=100)) as port:
        yield port


@pytest.mark.parametrize("sent", [b"", HALF, b"\r\n"], ids=["nothing", "half a head", "an empty line"])
def test_who_takes_too_long_for_a_head_is_let_go(
    port: int, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)

    with connected(port, sent) as client:
        assert is_let_go(client)


@pytest.mark.parametrize("sent", [HALF, b"\r\n"], ids=["half a head", "an empty line"])
@pytest.mark.parametrize("together", [True, False], ids=["together", "one after the other"])
def test_so_is_who_takes_too_long_for_the_next(
    port: int, sent: bytes, together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(port, WHOLE) as client:
        answer = client.makefile("rb")
        assert heard(answer)
        monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)

        client.sendall(WHOLE + sent if together else sent)

        assert not together or heard(answer)
        assert answer.read() == b""


def test_a_body_may_take_longer(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with connected(port, WHOLE) as slow:
        answer = slow.makefile("rb")
        assert heard(answer)
        monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)

        slow.sendall(b"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n{")
        with connected(port, HALF) as later:
            assert is_let_go(later)
        slow.sendall(b"}")

        assert heard(answer)


def test_of_too_many_the_oldest_without_a_request_is_let_go(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 2)

    with connected(port, WHOLE) as kept, ExitStack() as more:
        assert kept.recv(1024).startswith(b"HTTP/1.1 200 OK")
        oldest, newest = (more.enter_context(connected(port, HALF)) for _ in range(2))

        assert is_let_go(oldest)
        newest.sendall(b"x\r\n\r\n")
        assert newest.recv(1024).startswith(b"HTTP/1.1 200 OK")


def test_that_no_more_can_be_taken_is_said_once_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SHORT", protocol.Complaint("no more: %s"))
    loop = asyncio.new_event_loop()
    short = {"message": "no", "exception": OSError(errno.EMFILE, "Too many open files")}

    for _ in range(2000):
        protocol.tell_of(loop, short)
    monkeypatch.setattr(protocol, "TELL_SECONDS", 0.0)
    protocol.tell_of(loop, short)
    protocol.tell_of(loop, {"message": "something else"})
    loop.close()

    assert [each.getMessage() for each in caplog.records] == [
        "no more: Too many open files",
        "no more: Too many open files",
        "something else",
    ]


def test_a_hub_that_may_open_few_files_answers_beside_many_half_requests(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nulimit -Sn 128 && ulimit -Hn 256 && exec {sys.executable} "$@"\n')
    python.chmod(0o755)

    with running_hub(tmp_path / "data", python=str(python), workers="0") as hub, ExitStack() as many:
        port = int(hub.environ["CARTWHEEL_BIND"].rpartition(":")[2])
        for _ in range(300):
            many.enter_context(connected(port, HALF))

        assert hub.request("GET", "/healthz").text == "OK"
        # One that ends while it has no room for more says once more that it does not listen.
        told = (tmp_path / "data.log").read_text()

    assert (
        "there are 128 connections already" in told
    )  # half of what it may open, and not of what it began with
    assert "Traceback" not in told
    assert len(told.splitlines()) < 20
