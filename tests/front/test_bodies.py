"""What is sent with a request, before Django sees it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import pytest
from front_server import connected, serving

from cartwheel.front import bodies
from cartwheel.front.application import Front
from cartwheel.front.bodies import IN_MEMORY, Incoming, read_body

LONG = [
    {"type": "http.request", "body": bytes(IN_MEMORY), "more_body": True},
    {"type": "http.request", "body": b"more", "more_body": False},
]
SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "query_string": b"",
    "http_version": "1.1",
    "headers": [(b"transfer-encoding", b"chunked"), (b"authorization", b"Token x")],
}


def sending(parts: list[dict[str, Any]]) -> Callable[[], Coroutine[Any, Any, dict[str, Any]]]:
    messages = iter(parts)

    async def receive() -> dict[str, Any]:
        return next(messages)

    return receive


def read(parts: list[dict[str, Any]], spool: Path) -> IO[bytes]:
    async def allowed(size: int) -> int:
        return 2 * IN_MEMORY

    return asyncio.run(read_body(Incoming(sending(parts)), None, allowed, str(spool)))


def well(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answers everybody that all is well."""
    start("200 OK", [])
    return [b""]


@pytest.mark.parametrize("parts", [[], [{"type": "http.request", "body": b"{", "more_body": True}]])
def test_a_request_whose_client_goes_away_while_it_sends_is_none(
    parts: list[dict[str, Any]], tmp_path: Path
) -> None:
    with pytest.raises(ConnectionResetError):
        read([*parts, {"type": "http.disconnect"}], tmp_path)


def test_a_long_body_is_kept_where_it_is_stored_later(tmp_path: Path) -> None:
    with read(LONG, tmp_path) as body:
        file = Path(f"/proc/self/fd/{body.fileno()}").readlink()

        assert file.is_relative_to(tmp_path)
        assert body.read()[-4:] == b"more"


def test_one_that_finds_no_room_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(SpooledTemporaryFile[bytes]):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(bodies, "SpooledTemporaryFile", Full)
    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    front = Front(well, threads=1, body_limit=2 * IN_MEMORY, spool=str(tmp_path))
    asyncio.run(front(SCOPE, sending(LONG), send))

    assert told[0]["status"] == 507
    assert told[1]["body"].startswith(b"The hub's disk is full.")


def test_one_of_which_nothing_more_comes_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PROGRESS_SECONDS", 0.2)
    begun = b"POST / HTTP/1.1\r\nHost: hub\r\nAuthorization: Token x\r\nContent-Length: 100\r\n\r\n{"

    with serving(Front(well, threads=1, body_limit=IN_MEMORY)) as port, connected(port, begun) as client:
        told = client.makefile("rb").read()

    assert told.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nconnection: close\r\n" in told
