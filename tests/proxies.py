"""A small HTTP proxy on loopback: it hands on requests, opens tunnels, and may want to know who asks."""

from __future__ import annotations

import base64
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from patience import PATIENCE_SECONDS


@dataclass
class Proxy:
    """`asked` is what it was asked for, and may be `METHOD target`."""

    url: str
    credentials: str | None = None  # name:password
    asked: list[str] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may go away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if not self._lets_in():
            return
        parts = urlsplit(self.path)
        headers = {name: value for name, value in self.headers.items() if name != "Proxy-Authorization"}
        with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)) as onward:
            onward.request("GET", f"{parts.path}?{parts.query}", headers={**headers, "Connection": "close"})
            answer = onward.getresponse()
            body = answer.read()
        self.send_response(answer.status)
        for name in ("Content-Type", "Location"):
            if value := answer.headers.get(name):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        if not self._lets_in():
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as onward:
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            _hand_on(self.connection, onward)
        self.close_connection = True

    def _lets_in(self) -> bool:
        proxy = self.server.proxy
        proxy.asked.append(f"{self.command} {self.path}")
        wanted = f"Basic {base64.b64encode((proxy.credentials or '').encode()).decode()}"
        if proxy.credentials is None or self.headers.get("Proxy-Authorization") == wanted:
            return True
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the library's word
        """Tests are quiet."""


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while True:
            ready, _, _ = select.select([one, other], [], [], PATIENCE_SECONDS)
            for each in ready:
                piece = each.recv(1 << 16)
                if not piece:
                    return
                (other if each is one else one).sendall(piece)
            if not ready:
                return


@contextmanager
def running_proxy(credentials: str | None = None) -> Iterator[Proxy]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.proxy = proxy = Proxy(f"http://127.0.0.1:{server.server_port}", credentials)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
