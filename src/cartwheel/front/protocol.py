"""HTTP as uvicorn speaks it, with limits for those who have sent no request yet, whoever they are."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import time
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 64 * 1024  # bytes of a request's address and headers
HEAD_SECONDS = 20.0  # for them to come, from the begin of a connection, or of a request on a kept one
CONNECTIONS = 10_000  # at a time; fewer where fewer files may be open
TELL_SECONDS = 60.0  # between two complaints about the same
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
SHORT_OF = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

log = logging.getLogger(__name__)


def allow_many_files() -> None:
    """Let this process open as many files as its operator allows: a connection is one, and has at most one more."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def room() -> int:
    """How many connections there may be at a time."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS if files == resource.RLIM_INFINITY else min(CONNECTIONS, files // 2)


class Complaint:
    """A line of the log that would else be written for each of thousands of connections."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._told = -TELL_SECONDS

    def tell(self, *facts: object) -> None:
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            log.warning(self._words, *facts)


FULL = Complaint("there are %s connections already; who has sent no request for the longest time is let go")
SHORT = Complaint("no further connection can be taken just now: %s")


def tell_of(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What the event loop cannot tell anybody else. What it is short of it would tell two thousand times a second."""
    problem = context.get("exception")
    if isinstance(problem, OSError) and problem.errno in SHORT_OF:
        SHORT.tell(problem.strerror)
    else:
        loop.default_exception_handler(context)


class LimitedProtocol(HttpToolsProtocol):
    """HTTP with three limits: for what is kept in memory, for how long a head takes, and for how many there are.

    In memory is what is no body: also what stands between parts of a body, and behind the last. Of what comes at
    once, up to 256 KB, only that is counted which leads to nothing.
    """

    _bare = 0  # bytes since the headers, or a part of the body, were complete
    _has_head = False  # and not all of the body
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._await_head()
        if len(self.connections) > room():
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._bare += len(data)
        super().data_received(data)
        if self._bare > HEAD_LIMIT and not self.transport.is_closing():
            self.transport.write(TOO_LONG)
            self.transport.close()
        if self._bare and not self._has_head:  # empty lines before a request are no begin of it
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._bare, self._has_head = 0, True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._bare = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._bare, self._has_head = 0, False
        super().on_message_complete()

    def _await_head(self) -> None:
        if self._head_timer is None and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._await_head()  # the request before is still being answered
        else:
            self.transport.close()

    def _make_room(self) -> None:
        """Of those who have sent no request yet, the one goes that has had the longest time for it."""
        FULL.tell(room())
        waiting = [
            (each._head_timer.when(), each.transport)
            for each in self.connections
            if isinstance(each, LimitedProtocol) and each._head_timer and not each.transport.is_closing()
        ]
        _, oldest = min(waiting, key=lambda each: each[0])
        oldest.abort()
