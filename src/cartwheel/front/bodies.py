"""The bodies of requests: read before Django sees them, a long one into a file."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO

from cartwheel.front.bridge import Receive, Scope

IN_MEMORY = 1024 * 1024  # bytes of a request's body; a longer one goes to a file
PROGRESS_SECONDS = 60.0  # in which some more of a body has to come
ALL_SECONDS = 30.0  # that the rest of a body may take to come that nobody wants

Allowed = Callable[[int], Awaitable[int]]  # how long a body may be that has so many bytes, or says so


class Incoming:
    """A body as its parts come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_whole = False

    async def part(self) -> tuple[bytes, bool]:
        """The next part, and whether it is the last. Raises ConnectionResetError."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("The client went away while it sent its request.")
        self._is_whole = not message.get("more_body")
        return message.get("body", b""), self._is_whole

    async def forget(self) -> None:
        """Let the rest come, for some time: who is still sending it when the connection ends sees no answer."""
        with suppress(TimeoutError, ConnectionResetError):
            async with asyncio.timeout(ALL_SECONDS):
                while not self._is_whole:
                    await self.part()


async def read_body(
    incoming: Incoming, declared: int | None, allowed: Allowed, spool: str | None
) -> IO[bytes]:
    """The request's body, from its start. `declared` are its bytes, None if it does not say. Long ones go to `spool`.

    `allowed` is asked before the client is told to go on, and again whenever more comes than it has allowed. Raises
    what that raises, ConnectionResetError if not all of the body came, TimeoutError if no more does, and OSError if
    there is no room for it.
    """
    if declared == 0:
        return io.BytesIO((await incoming.part())[0])
    limit = await allowed(declared or 0)
    body = SpooledTemporaryFile(IN_MEMORY, dir=spool)  # noqa: SIM115, closed by the caller
    try:
        await _fill(body, incoming, limit, allowed)
    except BaseException:  # also where the server ends: the file is nobody else's to close
        with suppress(OSError):  # what could not be written is not written now
            body.close()
        raise
    return body


async def _fill(body: IO[bytes], incoming: Incoming, limit: int, allowed: Allowed) -> None:
    loop, size, is_whole = asyncio.get_running_loop(), 0, False
    while not is_whole:
        async with asyncio.timeout(PROGRESS_SECONDS):
            chunk, is_whole = await incoming.part()
        size += len(chunk)
        if size > limit:
            limit = await allowed(size)
        if size > IN_MEMORY:
            await loop.run_in_executor(None, body.write, chunk)  # a slow disk must not hold up the others
        else:
            body.write(chunk)
    body.seek(0)


def declared_length(scope: Scope) -> int | None:
    """The bytes that a request says its body has, None if it comes in chunks."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    return int(headers.get(b"content-length", 0))
