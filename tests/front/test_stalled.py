"""A client that is there and takes nothing, on a real server."""

from __future__ import annotations

import asyncio
import socket
from typing import IO
from uuid import uuid4

import pytest
from front_server import serving
from patience import eventually

from cartwheel.engine.models import Event
from cartwheel.front import server
from cartwheel.front.application import Front
from cartwheel.front.bridge import Answer, Bridge, Scope
from cartwheel.front.watching import EventReader

EVENT = Event(pk=1, task_id=uuid4(), kind=Event.Kind.STATE, state="completed")


class Streams(Bridge):
    """Lets everybody have the stream."""

    async def call(self, scope: Scope, body: IO[bytes]) -> Answer:
        return Answer(200, [(b"cartwheel-stream", b"tasks")])


class Busy(EventReader):
    """Has always something to tell."""

    async def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while True:
            for watcher in self._watchers:
                if watcher.queue.empty():  # else it would be told to begin anew
                    watcher.tell(EVENT)
            await asyncio.sleep(0.001)

    async def _ask(self, question: object) -> object:  # type: ignore[override]
        return 0  # the number of the newest event, for example


def test_a_stream_ends_whose_client_takes_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STALLED_SECONDS", 1)
    front = Front(lambda *_: [], threads=1, body_limit=1)
    front._bridge = Streams(lambda *_: [], threads=1)
    front._events = events = Busy(front._bridge.pool)

    with serving(front) as port, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /events/ HTTP/1.1\r\nHost: hub\r\n\r\n")
        eventually(lambda: len(events) == 1, what="the begin of the stream")

        eventually(lambda: len(events) == 0, what="its end")
