"""Tells whoever waits in this process what happens to tasks: one reader of events for all of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar
from uuid import UUID

from django.db import Error, connection

from cartwheel.engine import events
from cartwheel.engine.models import Event
from cartwheel.engine.wakeup import Listener
from cartwheel.registry.task_rights import visible_ids

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # heals lost hints
BACKLOG = 1000  # events that a slow client may be behind before it has to come again

T = TypeVar("T")


class Watcher:
    """Somebody who waits: for anything, or for one task."""

    def __init__(self) -> None:
        self.task_id: UUID | None = None
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue(BACKLOG)

    def tell(self, event: Event | None) -> None:
        """Pass an event on; None says that the watcher missed some, or that all is over."""
        if event is not None and self.task_id not in (None, event.task_id):
            return
        if self.queue.full():
            self.rest()
            event = None
        self.queue.put_nowait(event)

    def rest(self) -> list[Event | None]:
        """What has been told and not yet been read."""
        return [self.queue.get_nowait() for _ in range(self.queue.qsize())]


class EventReader:
    """Reads new events when a hint comes, and once a second while anybody waits."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._watchers: set[Watcher] = set()
        self._count = 0  # of those that wait, or are about to
        self._follower = events.Follower()
        self._look = asyncio.Event()
        self._following = asyncio.Lock()  # the follower does one thing at a time
        self._task: asyncio.Task[None] | None = None
        self._listener: Listener | None = None

    def __len__(self) -> int:
        return self._count

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Watcher]:
        """Be told of everything that happens from now on."""
        watcher = Watcher()
        self._count += 1
        try:
            async with self._following:  # many may come at once, before the first of them has begun to wait
                await self._start()
                if not self._watchers:
                    await self._ask(self._follower.begin)
                self._watchers.add(watcher)
            self._look.set()
            yield watcher
        finally:
            self._count -= 1
            self._watchers.discard(watcher)

    def end(self) -> None:
        """Tell all watchers that it is over: this process shuts down."""
        for watcher in self._watchers:
            watcher.tell(None)

    async def since(self, number: int) -> list[Event]:
        """The events after one."""
        return await self._ask(lambda: events.since(number))

    async def knows(self, number: int) -> bool:
        """Is that event still there?"""
        return await self._ask(lambda: events.is_known(number))

    async def missed_since(self, number: int) -> list[Event]:
        """The events that somebody who was away has missed, and perhaps a few that are known."""
        return await self._ask(lambda: events.missed_since(number))

    async def seen_by(self, reader: int | None, found: list[Event]) -> list[Event]:
        """Those of the events that a user may know of, all if no user is given.

        What a task left behind is nobody's: that it was deleted is told only to who sees all.
        """
        if reader is None or not found:
            return found
        tasks = {event.task_id for event in found}
        known = await self._ask(lambda: visible_ids(reader, tasks))
        return told_among(found, known)

    async def newest(self) -> int:
        return await self._ask(events.newest)

    async def _start(self) -> None:
        if self._task is None:
            self._listener = await self._ask(lambda: Listener("web"))
            asyncio.get_running_loop().add_reader(self._listener.fileno(), self._hinted)
            self._task = asyncio.create_task(self._run())

    def _hinted(self) -> None:
        if self._listener:
            self._listener.drain()
        self._look.set()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_SECONDS if self._watchers else None)
            self._look.clear()
            try:
                if self._listener:
                    await self._ask(self._listener.heal)
                if self._watchers:
                    await self._pass_on()
            except Exception:  # of whatever kind: nobody else would wake those who wait
                log.exception("events could not be read; trying again")
                await asyncio.sleep(LOOK_SECONDS)

    async def _pass_on(self) -> None:
        async with self._following:
            found = await self._ask(self._follower.read)
        for event in found:
            for watcher in tuple(self._watchers):
                watcher.tell(event)
        if len(found) >= events.AT_ONCE:
            self._look.set()  # there may be more

    async def _ask(self, question: Callable[[], T]) -> T:
        """Ask the database, in a thread that has a connection."""

        def ask() -> T:
            try:
                return question()
            except Error:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._pool, ask)


def as_server_sent(event: Event) -> bytes:
    """An event in the form of server-sent events (WHATWG HTML, 9.2)."""
    data = json.dumps({"id": str(event.task_id), "kind": event.kind, "state": event.state})
    return f"id: {event.pk}\nevent: task\ndata: {data}\n\n".encode()


def told_among(found: list[Event], known: set[UUID]) -> list[Event]:
    """Those of the events that are about tasks that somebody knows of, or that everybody is to hear: pauses."""
    return [each for each in found if each.task_id in known or each.kind == Event.Kind.PAUSE]
