"""What a stream of events tells whom, and until when, without a hub."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any
from uuid import uuid4

import pytest
from patience import PATIENCE_SECONDS, never

from cartwheel.engine.models import Event
from cartwheel.front import application
from cartwheel.front.application import Front
from cartwheel.front.bridge import Answer, Bridge, Scope
from cartwheel.front.watching import EventReader

SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
STREAMED = Answer(204, [(b"cartwheel-stream", b"tasks"), (b"cartwheel-reader", b"1")])
EVENTS = [Event(pk=n, task_id=uuid4(), kind=Event.Kind.STATE, state="completed") for n in range(1, 101)]


class Told(EventReader):
    """Tells everybody 100 events, again and again if `is_busy`, of which a user may know some or none."""

    def __init__(self, *, is_busy: bool = False, are_seen: bool = True) -> None:
        super().__init__(ThreadPoolExecutor(1))
        self.is_busy, self.are_seen = is_busy, are_seen
        self.asked: list[int] = []

    async def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self._watchers:
            await asyncio.sleep(0)
        while True:
            for watcher in tuple(self._watchers):
                for event in EVENTS if watcher.queue.empty() else ():
                    watcher.tell(event)
            await (asyncio.sleep(0.001) if self.is_busy else never())

    async def _ask(self, question: object) -> Any:
        return 0  # the number of the newest event, for example

    async def seen_by(self, reader: int | None, found: list[Event]) -> list[Event]:
        if found:
            self.asked.append(len(found))
        return found if self.are_seen else []


def streamed(events: Told, *answers: Answer, until: str) -> str:
    """What a stream has told when it ends, or when it has told this."""
    front, left, told = Front(lambda *_: [], threads=1, body_limit=1), list(answers), bytearray()

    class Prepared(Bridge):
        async def call(self, scope: Scope, body: IO[bytes]) -> Answer:
            return left.pop(0)

    async def receive() -> dict[str, Any]:
        if not received:
            received.append(True)
            return {"type": "http.request"}
        await never()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        told.extend(message.get("body", b""))
        if until.encode() in told:
            front.end()

    received: list[bool] = []
    front._bridge, front._events = Prepared(lambda *_: [], threads=1), events
    asyncio.run(asyncio.wait_for(front(SCOPE, receive, send), PATIENCE_SECONDS))
    return told.decode()


def test_what_comes_together_is_looked_at_and_sent_together() -> None:
    events = Told()

    told = streamed(events, STREAMED, until="id: 100\n")

    assert events.asked == [100]
    assert told.count("event: task") == 100


def test_who_sees_nothing_of_what_happens_is_told_that_the_stream_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(application, "ALIVE_SECONDS", 0.1)

    told = streamed(Told(is_busy=True, are_seen=False), STREAMED, until=": alive")

    assert "event: task" not in told


def test_who_may_not_have_the_stream_any_more_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "ASK_SECONDS", 0.0)
    away, refused = Answer(503, [], b"away"), Answer(401, [], b"refused")

    told = streamed(Told(is_busy=True), STREAMED, STREAMED, away, refused, until="nothing")

    assert told.startswith("retry: 1000\nid: 0\nevent: ready\n")
