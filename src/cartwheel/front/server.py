"""The web server: uvicorn around the front."""

from __future__ import annotations

import asyncio
import os
import socket
from types import FrameType

import uvicorn
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cartwheel.front.application import Front

GOODBYE_SECONDS = 3  # for requests under way when the server is told to stop
STALLED_SECONDS = 60  # that a client may take nothing of what is sent to it
HEAD_LIMIT = 64 * 1024  # bytes of a request's address and headers
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def serve(listening: socket.socket) -> None:
    """Answer requests on a listening socket until SIGTERM or SIGINT."""
    from cartwheel.wsgi import application

    config = settings.CONFIG
    uploads = config.artifact_root / "incoming"
    uploads.mkdir(parents=True, exist_ok=True)
    # On the store's own file system: storing is renaming.
    settings.FILE_UPLOAD_TEMP_DIR = spool = str(uploads)
    limit = config.upload_limit_mb << 20
    front = Front(application, threads=config.web_threads, body_limit=limit, spool=spool)
    server = _Server(
        uvicorn.Config(
            front,
            http=LimitedProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(config.trusted_proxies),
            timeout_graceful_shutdown=GOODBYE_SECONDS,
        ),
        front,
    )
    asyncio.run(server.serve(sockets=[listening]))
    os._exit(0)  # threads that still answer somebody must not keep the process


class LimitedProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with a limit: what is no body is kept in memory, from whomever it comes.

    That is also what stands between parts of a body, and behind the last. Of what comes at once, up to 256 KB,
    only that is counted which leads to nothing.
    """

    _bare = 0  # bytes since the headers, or a part of the body, were complete

    def data_received(self, data: bytes) -> None:
        self._bare += len(data)
        super().data_received(data)
        if self._bare > HEAD_LIMIT and not self.transport.is_closing():
            self.transport.write(TOO_LONG)
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._bare = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._bare = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._bare = 0
        super().on_message_complete()


class _Server(uvicorn.Server):
    """Lets go of held requests and streams first when it is told to stop."""

    def __init__(self, config: uvicorn.Config, front: Front) -> None:
        super().__init__(config)
        self._front = front

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._front.end()
        super().handle_exit(sig, frame)


def listen(bind_host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError, if the port is taken for example."""
    family = socket.AF_INET6 if ":" in bind_host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only for sockets that say that they are TCP; with it, every
    # second request of a client that keeps its connection takes 40 ms longer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Also for the connections that it accepts. One whose client takes nothing would stay for ever, with what it holds.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_SECONDS * 1000)
    try:
        listening.bind((bind_host, port))
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    listening.set_inheritable(True)
    return listening
