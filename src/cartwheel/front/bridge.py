"""From ASGI to WSGI with one hop between threads: Django on a small fixed pool, its connections kept."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import quote

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

CHUNK = 256 * 1024  # bytes of a file sent at a time


@dataclass
class Answer:
    """What the application answered. `rest` is there if the body is streamed: it yields the remaining chunks."""

    status: int
    headers: Headers
    body: bytes = b""
    rest: Iterable[bytes] | None = field(default=None, repr=False)

    def header(self, name: bytes) -> str | None:
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == name), None)


class Bridge:
    """Calls a WSGI application in one of `threads` threads."""

    def __init__(self, application: WsgiApplication, *, threads: int) -> None:
        self._application = application
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def call(self, scope: Scope, body: IO[bytes]) -> Answer:
        """Answer one request."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, self._call, _environ(scope, body))

    async def send(self, answer: Answer, receive: Receive, send: Send) -> None:
        """Send an answer to the client; a streamed one as fast as the client takes it, and while it is there."""
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        gone = asyncio.create_task(until_gone(receive))
        loop, chunks = asyncio.get_running_loop(), iter(answer.rest)
        try:
            await send({"type": "http.response.body", "body": answer.body, "more_body": True})
            while (
                not gone.done()
                and (chunk := await loop.run_in_executor(self.pool, next, chunks, None)) is not None
            ):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            if (close := getattr(answer.rest, "close", None)) is not None:
                await loop.run_in_executor(self.pool, close)

    def _call(self, environ: dict[str, Any]) -> Answer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            started[:] = [status, headers]

        response = self._application(environ, start_response)
        status, given = int(started[0].split(" ", 1)[0]), started[1]
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given]
        if getattr(response, "streaming", True):
            return Answer(status, headers, rest=response)
        try:
            return Answer(status, headers, b"".join(response))
        finally:
            if (close := getattr(response, "close", None)) is not None:
                close()


async def until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _environ(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """The request in the form of WSGI (PEP 3333)."""
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "RAW_URI": quote(scope["path"]),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ and key != "HTTP_COOKIE" else text
    body.seek(0, 2)
    environ["CONTENT_LENGTH"] = str(body.tell())  # also where the client sent chunks and no length
    body.seek(0)
    return environ
