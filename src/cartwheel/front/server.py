"""The web server: uvicorn around the front."""

from __future__ import annotations

import asyncio
import os
import socket
from types import FrameType

import uvicorn
from django.conf import settings

from cartwheel.front.application import Front
from cartwheel.front.protocol import LimitedProtocol, allow_many_files, tell_of

GOODBYE_SECONDS = 3  # for requests under way when the server is told to stop
STALLED_SECONDS = 60  # that a client may take nothing of what is sent to it


def serve(listening: socket.socket) -> None:
    """Answer requests on a listening socket until SIGTERM or SIGINT."""
    from cartwheel.wsgi import application

    allow_many_files()
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


class _Server(uvicorn.Server):
    """Lets go of held requests and streams first when it is told to stop."""

    def __init__(self, config: uvicorn.Config, front: Front) -> None:
        super().__init__(config)
        self._front = front

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(tell_of)
        await super().startup(sockets)

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
