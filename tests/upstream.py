"""A small server of collections on loopback, for syncs: it says what it is told to say, lies included."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from small_collections import collection

PUBLISHED = "2026-01-01T00:00:00.000000Z"
INDEX = "/v3/plugin/ansible/content/published/collections/index/"

Answer = Callable[["Asked"], None]


@dataclass
class Release:
    """A version that the server has. What it says of it may be other than what it is."""

    packed: bytes
    dependencies: dict[str, str] = field(default_factory=dict)
    sha256: str = ""
    size: int = 0

    def __post_init__(self) -> None:
        self.sha256 = self.sha256 or hashlib.sha256(self.packed).hexdigest()
        self.size = self.size or len(self.packed)


class Asked(BaseHTTPRequestHandler):
    """One request, and how to answer it."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        upstream = self.server.upstream
        path = urlsplit(self.path).path
        with upstream.lock:
            upstream.asked[path] += 1
            upstream.headers.append((path, dict(self.headers)))
        for start, answer in upstream.instead.items():
            if path.startswith(start):
                answer(self)
                return
        said = upstream.answer(path, parse_qs(urlsplit(self.path).query))
        if isinstance(said, bytes):
            self.give(said)
        elif said is None:
            self.say({"errors": []}, status=404)
        else:
            self.say(said)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        upstream = self.server.upstream
        with upstream.lock:
            upstream.asked[self.path] += 1
            upstream.forms.append(parse_qs(body.decode()))
        answer = upstream.instead.get(self.path)
        if answer is not None:
            answer(self)
            return
        self.say({"access_token": f"fresh-{upstream.asked[self.path]}", "expires_in": 300})

    def say(self, document: Any, *, status: int = 200, **headers: str) -> None:
        self.give(json.dumps(document).encode(), status=status, kind="application/json", **headers)

    def give(self, body: bytes, *, status: int = 200, kind: str = "application/gzip", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the library's word
        """Tests are quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    upstream: Upstream

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


@dataclass
class Upstream:
    """What the server has, and what it was asked."""

    url: str = ""
    releases: dict[str, dict[str, Release]] = field(default_factory=dict)  # name -> version -> release
    deprecated: set[str] = field(default_factory=set)
    published: str = PUBLISHED
    instead: dict[str, Answer] = field(default_factory=dict)  # start of a path -> what answers there
    asked: Counter[str] = field(default_factory=Counter)
    headers: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, version: str = "1.0.0", **changes: Any) -> Release:
        """Have a version of a collection. `changes` are of its collection_info."""
        namespace, _, short = name.partition(".")
        packed = collection(namespace=namespace, name=short, version=version, **changes)
        made = Release(packed, changes.get("dependencies", {}))
        self.releases.setdefault(name, {})[version] = made
        return made

    def file(self, name: str, version: str = "1.0.0") -> str:
        return f"/files/{name.replace('.', '-')}-{version}.tar.gz"

    @property
    def files_asked_for(self) -> int:
        return sum(count for path, count in self.asked.items() if path.startswith("/files/"))

    def answer(self, path: str, query: dict[str, list[str]]) -> Any:
        if path in ("/", "/v3/"):
            return {"available_versions": {"v3": "v3/"}} if path == "/" else {"published": self.published}
        if path.startswith("/files/"):
            return self._file(path)
        below = path.removeprefix("/v3/collections/").removeprefix(INDEX)
        parts = [part for part in below.split("/") if part]
        if below == path or (parts and ".".join(parts[:2]) not in self.releases):
            return None
        if not parts:
            return self._page([self._collection(name) for name in self.releases], query, path)
        name = ".".join(parts[:2])
        if len(parts) == 2:
            return self._collection(name)
        if len(parts) == 3:
            items = [
                {"version": version, "href": f"{INDEX}{'/'.join(parts[:2])}/versions/{version}/"}
                for version in self.releases[name]
            ]
            return self._page(items, query, path)
        return self._version(name, parts[3])

    def _collection(self, name: str) -> dict[str, Any]:
        namespace, _, short = name.partition(".")
        return {
            "namespace": namespace,
            "name": short,
            "deprecated": name in self.deprecated,
            "versions_url": f"{INDEX}{namespace}/{short}/versions/",
        }

    def _version(self, name: str, version: str) -> dict[str, Any] | None:
        release = self.releases[name].get(version)
        if release is None:
            return None
        return {
            "version": version,
            "artifact": {"sha256": release.sha256, "size": release.size},
            "download_url": f"{self.url.rstrip('/')}{self.file(name, version)}",
            "metadata": {"dependencies": release.dependencies},
            "signatures": [],
        }

    def _file(self, path: str) -> bytes | None:
        for name, versions in self.releases.items():
            for version, release in versions.items():
                if path == self.file(name, version):
                    return release.packed
        return None

    def _page(self, items: list[Any], query: dict[str, list[str]], path: str) -> dict[str, Any]:
        limit, offset = int(query.get("limit", ["10"])[0]), int(query.get("offset", ["0"])[0])
        following = f"{path}?limit={limit}&offset={offset + limit}" if offset + limit < len(items) else None
        return {
            "meta": {"count": len(items)},
            "links": {"next": following},
            "data": items[offset : offset + limit],
        }


@contextmanager
def running_upstream(tls: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    """Start a server with nothing in it."""
    server = _Server(("127.0.0.1", 0), Asked)
    if (
        tls is not None
    ):  # with the handshake in the request's thread, so that a client that breaks it off harms none
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "http" if tls is None else "https"
    server.upstream = upstream = Upstream(f"{scheme}://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
