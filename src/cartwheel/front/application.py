"""The ASGI application: most requests go straight to Django, a few wait here, costing no thread.

Django's answer says what the request waits for, in headers that stay inside:

    Cartwheel-Pending: <task id>   until that task has ended, then the request is asked again
    Cartwheel-Pending: <number>    until so many tasks have ended, whichever, then the request is asked again
    Cartwheel-Then: <path>         until the task of Cartwheel-Pending has ended; then answer with that path
    Cartwheel-Stream: tasks        the client may have the stream of events
    Cartwheel-Reader: <user id>    of those alone that are about tasks which this user may see
"""

from __future__ import annotations

import asyncio
import io
import re
import time
from contextlib import AsyncExitStack
from typing import IO
from uuid import UUID

from django.db import Error

from cartwheel.engine.models import Event
from cartwheel.engine.states import FINAL
from cartwheel.front.admission import Admission, Refused
from cartwheel.front.bodies import Incoming, declared_length, read_body
from cartwheel.front.bridge import Answer, Bridge, Receive, Scope, Send, WsgiApplication, until_gone
from cartwheel.front.watching import EventReader, Watcher, as_server_sent
from cartwheel.kit.errors import NoSpace
from cartwheel.registry.store import StoreUnavailable, in_own_words

PENDING, THEN, STREAM = b"cartwheel-pending", b"cartwheel-then", b"cartwheel-stream"
READER = b"cartwheel-reader"
INSIDE = (PENDING, THEN, STREAM, READER)
CLOSE = (b"connection", b"close")
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
WAIT_LIMIT = 300.0  # seconds that a request may be held
HELD_LIMIT = 500  # requests and streams held at a time; more are answered at once and may poll
PAUSE = 0.01  # seconds: a burst of events is one reason to look again
LOOK_SECONDS = 5.0  # who waits for many to end looks that often all the same, once anything has happened
AWAY = 503
AWAY_SECONDS = 1.0  # before a waiting request is asked again that found the database away
ALIVE_SECONDS = 15.0  # a stream says at least so often that it lives
ASK_SECONDS = 60.0  # so often the view is asked again whether the client may have the stream
WAIT = re.compile(r"\bwait\s*=\s*\"?(\d{1,9})\"?", re.ASCII)


class Front:
    """The hub as an ASGI application."""

    def __init__(
        self, application: WsgiApplication, *, threads: int, body_limit: int, spool: str | None = None
    ) -> None:
        self._bridge = Bridge(application, threads=threads)
        self._admission = Admission(self._bridge, body_limit)
        self._spool = spool
        self._events = EventReader(self._bridge.pool)
        self._is_ending = False

    def end(self) -> None:
        """Let go of everybody who waits; called when the server is told to stop."""
        self._is_ending = True
        self._events.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        incoming = Incoming(receive)
        try:
            with in_own_words():
                body = await self._read_body(scope, incoming)
        except Refused as problem:
            await self._refuse(scope, problem.answer, incoming, receive, send)
            return
        except (NoSpace, StoreUnavailable) as problem:
            refusal = _refusal(problem.status, f"{problem}\n".encode())
            await self._refuse(scope, refusal, incoming, receive, send)
            return
        except TimeoutError:
            late = _refusal(408, b"The rest of the request did not come in time.\n")
            late.headers.append(CLOSE)
            await self._bridge.send(late, receive, send)
            return
        except ConnectionResetError:
            return
        with body:
            seconds = _preferred_wait(scope)
            if seconds:
                answer = await self._hold(scope, receive, body, seconds)
            else:
                answer = await self._bridge.call(scope, body)
            if answer.header(STREAM) and scope["method"] != "HEAD":
                reader = answer.header(READER)
                await self._stream(scope, receive, send, int(reader) if reader else None)
            else:
                answer.headers = [each for each in answer.headers if each[0].lower() not in INSIDE]
                await self._bridge.send(answer, receive, send)

    async def _read_body(self, scope: Scope, incoming: Incoming) -> IO[bytes]:
        """Raises what read_body() raises, and Refused."""

        async def allowed(size: int) -> int:
            return await self._admission.allowed(scope, size)

        return await read_body(incoming, declared_length(scope), allowed, self._spool)

    async def _refuse(
        self, scope: Scope, answer: Answer, incoming: Incoming, receive: Receive, send: Send
    ) -> None:
        """Answer at once, and let come what the client is still sending: it may finish that before it reads."""
        headers = [each for each in answer.headers if each[0].lower() not in (*INSIDE, b"content-length")]
        headers.append(CLOSE)
        if answer.rest is not None or _header(scope, b"expect"):  # who waits for a word sends nothing
            await self._bridge.send(Answer(answer.status, headers, answer.body, answer.rest), receive, send)
            return
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await _body(send, answer.body)
        await incoming.forget()
        await send({"type": "http.response.body", "body": b""})

    # -- held requests ----------------------------------------------------------------------------

    async def _hold(self, scope: Scope, receive: Receive, body: IO[bytes], seconds: float) -> Answer:
        """Answer when what the request waits for has come, or the time is up."""
        if len(self._events) >= HELD_LIMIT or self._is_ending:
            return await self._bridge.call(scope, body)
        deadline = time.monotonic() + min(seconds, WAIT_LIMIT)
        async with AsyncExitStack() as watching:
            try:  # before the first look, so that nothing is missed
                watcher = await watching.enter_async_context(self._events.watching())
            except Error:  # without its database the hub cannot watch: let Django say so
                return await self._bridge.call(scope, body)
            answer = await self._bridge.call(scope, body)
            waits_for = answer.header(PENDING)
            if waits_for is None:
                return answer
            gone = asyncio.create_task(until_gone(receive))
            try:
                answer = await self._wait(scope, answer, watcher, deadline, gone)
            finally:
                gone.cancel()
        applied = int(min(seconds, WAIT_LIMIT))
        answer.headers.append((b"preference-applied", f"wait={applied}".encode()))
        return answer

    async def _wait(
        self, scope: Scope, answer: Answer, watcher: Watcher, deadline: float, gone: asyncio.Task[None]
    ) -> Answer:
        then = answer.header(THEN)
        again = scope if then is None else scope | {"method": "GET", "path": then, "query_string": b""}
        while (waits_for := answer.header(PENDING)) is not None:
            ends = int(waits_for) if waits_for.isdigit() else 1
            watcher.task_id = None if waits_for.isdigit() else UUID(waits_for)
            is_over = not await _has_news(watcher, ends, deadline, gone) or self._is_ending or gone.done()
            if is_over and (then is not None or gone.done()):
                break  # a change is answered as it was
            # Also when the time is up: much may have happened since it was asked.
            latest = await self._bridge.call(again, io.BytesIO())
            if latest.status == AWAY and not is_over:  # the database is away: whoever waits, waits for it too
                await asyncio.sleep(AWAY_SECONDS)
                watcher.tell(None)
                continue
            if latest.status >= 400 and then is not None:
                break
            answer = latest
            if is_over:
                break
        return answer

    # -- the stream -------------------------------------------------------------------------------

    async def _stream(self, scope: Scope, receive: Receive, send: Send, reader: int | None) -> None:
        """Send events as they come, after those that the client missed since its Last-Event-ID.

        If the reader is given, the user's id, then only what that user may see.
        """
        if len(self._events) >= HELD_LIMIT:
            await self._bridge.send(_refusal(503, b"Too many streams; poll instead.\n"), receive, send)
            return
        async with AsyncExitStack() as watching:
            try:
                watcher = await watching.enter_async_context(self._events.watching())
            except Error:
                await self._bridge.send(_refusal(AWAY, b"The database is away; try again.\n"), receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
            gone = asyncio.create_task(until_gone(receive))
            try:
                told = await self._catch_up(scope, send, reader)
                await self._follow(scope, watcher, send, gone, told, reader)
                if not gone.done():
                    await send({"type": "http.response.body", "body": b""})
            finally:
                gone.cancel()

    async def _catch_up(self, scope: Scope, send: Send, reader: int | None) -> set[int]:
        """Send what the client missed; returns the numbers of those events, which the watcher may be told too.

        Who has been away for so long that it is forgotten begins like one who is new, and has to look at everything.
        """
        text = _header(scope, b"last-event-id")
        if not re.fullmatch(r"[0-9]{1,18}", text) or not await self._events.knows(int(text)):
            newest = await self._events.newest()
            await _body(send, f"retry: 1000\nid: {newest}\nevent: ready\ndata: {{}}\n\n".encode())
            return set()
        await _body(send, b"retry: 1000\n\n")
        told: set[int] = set()
        missed = await self._events.missed_since(int(text))
        while missed:
            await _body(send, b"".join(map(as_server_sent, await self._events.seen_by(reader, missed))))
            told.update(event.pk for event in missed)
            missed = await self._events.since(missed[-1].pk)
        return told

    async def _follow(
        self,
        scope: Scope,
        watcher: Watcher,
        send: Send,
        gone: asyncio.Task[None],
        told: set[int],
        reader: int | None,
    ) -> None:
        alive, asked = time.monotonic() + ALIVE_SECONDS, time.monotonic() + ASK_SECONDS
        while not self._is_ending:
            found = await _next(watcher, min(alive, asked), gone)
            if found is None or gone.done():
                return  # it missed some, or all is over: the client comes again with its Last-Event-ID
            if time.monotonic() >= asked:
                answer = await self._bridge.call(scope, io.BytesIO())
                if answer.status < 500 and not answer.header(STREAM):
                    return  # when it comes again, it is told why
                asked = time.monotonic() + ASK_SECONDS
            new = await self._events.seen_by(reader, [event for event in found if event.pk not in told])
            if new or time.monotonic() >= alive:
                await _body(send, b"".join(map(as_server_sent, new)) or b": alive\n\n")
                alive = time.monotonic() + ALIVE_SECONDS


async def _next(watcher: Watcher, until: float, gone: asyncio.Task[None]) -> list[Event] | None:
    """All that the watcher is told next; nothing if it is not told anything until then, or the client is gone.

    None where it was told to begin anew.
    """
    first = asyncio.create_task(watcher.queue.get())
    await asyncio.wait(
        (first, gone), timeout=max(0.0, until - time.monotonic()), return_when=asyncio.FIRST_COMPLETED
    )
    if not first.done():
        first.cancel()
        return []
    found = [first.result(), *watcher.rest()]
    return None if None in found else [event for event in found if event]


async def _has_news(watcher: Watcher, ends: int, deadline: float, gone: asyncio.Task[None]) -> bool:
    """Wait until so many of the watched tasks have ended, or something was missed; False if the time is up or the client gone.

    A list of active tasks cannot be empty before as many have ended: to look at it after each would cost, for
    thousands, more than all else. What leaves it in another way is noticed by the looks between.
    """
    until = deadline
    while time.monotonic() < until:
        found = await _next(watcher, until, gone)
        if found is None:
            return True
        if gone.done():
            return False
        changes = [event for event in found if event.kind in (Event.Kind.STATE, Event.Kind.DELETED)]
        if changes and watcher.task_id is None:
            until = min(until, time.monotonic() + LOOK_SECONDS)
        ends -= sum(event.state in FINAL or event.kind == Event.Kind.DELETED for event in changes)
        if ends <= 0:
            if watcher.task_id is None:
                await asyncio.sleep(PAUSE)
                watcher.rest()
            return True
    return until < deadline


async def _body(send: Send, part: bytes) -> None:
    await send({"type": "http.response.body", "body": part, "more_body": True})


def _header(scope: Scope, wanted: bytes) -> str:
    return b",".join(value for name, value in scope["headers"] if name == wanted).decode("latin-1")


def _preferred_wait(scope: Scope) -> float:
    """The seconds of `Prefer: wait=N` (RFC 7240, 4.3), 0 without it."""
    found = WAIT.search(_header(scope, b"prefer"))
    return float(found.group(1)) if found else 0


def _refusal(status: int, text: bytes) -> Answer:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    return Answer(status, headers + [(b"retry-after", b"5")] * (status == AWAY), text)
