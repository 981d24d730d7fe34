"""What is sent with a request, before Django sees it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from cartwheel.front import bridge
from cartwheel.front.application import Front
from cartwheel.front.bridge import IN_MEMORY, Bridge

LONG = [
    {"type": "http.request", "body": bytes(IN_MEMORY), "more_body": True},
    {"type": "http.request", "body": b"more", "more_body": False},
]
SCOPE: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}


def sending(parts: list[dict[str, Any]]) -> Callable[[], Coroutine[Any, Any, dict[str, Any]]]:
    messages = iter(parts)

    async def receive() -> dict[str, Any]:
        return next(messages)

    return receive


@pytest.mark.parametrize("parts", [[], [{"type": "http.request", "body": b"{", "more_body": True}]])
def test_a_request_whose_client_goes_away_while_it_sends_is_none(parts: list[dict[str, Any]]) -> None:
    asked = Bridge(lambda *_: [], threads=1, body_limit=100)

    with pytest.raises(ConnectionResetError):
        asyncio.run(asked.read_body(sending([*parts, {"type": "http.disconnect"}])))


def test_a_long_body_is_kept_where_it_is_stored_later(tmp_path: Path) -> None:
    asked = Bridge(lambda *_: [], threads=1, body_limit=2 * IN_MEMORY, spool=str(tmp_path))

    with asyncio.run(asked.read_body(sending(LONG))) as body:
        file = Path(f"/proc/self/fd/{body.fileno()}").readlink()

        assert file.is_relative_to(tmp_path)
        assert body.read()[-4:] == b"more"


def test_one_that_finds_no_room_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(SpooledTemporaryFile[bytes]):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(bridge, "SpooledTemporaryFile", Full)
    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    front = Front(lambda *_: [], threads=1, body_limit=2 * IN_MEMORY, spool=str(tmp_path))
    asyncio.run(front(SCOPE, sending(LONG), send))

    assert told[0]["status"] == 507
    assert told[1]["body"].startswith(b"The hub's disk is full.")
