"""The front on a real socket, around whatever application a test wants."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from patience import PATIENCE_SECONDS

from cartwheel.front import server
from cartwheel.front.application import Front
from cartwheel.front.protocol import LimitedProtocol


@contextmanager
def serving(front: Front) -> Iterator[int]:
    """A server for that application; its port."""
    listening = server.listen("127.0.0.1", 0)
    config = uvicorn.Config(
        front, http=LimitedProtocol, ws="none", lifespan="off", interface="asgi3", log_config=None
    )
    running = server._Server(config, front)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listening])))
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        running.should_exit = running.force_exit = True
        thread.join()


def connected(port: int, sent: bytes) -> socket.socket:
    """A connection on which that has been sent."""
    client = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
    client.sendall(sent)
    return client
