"""Hints between processes that there is something to do or to see.

A hint says only "look": what there is stands in the database. It is sent after the commit, as a
datagram to a socket in the data directory (or by NOTIFY, on PostgreSQL). Hints get lost, so whoever
listens also looks on its own once a second.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

CHANNEL = "cartwheel"


class Topic(StrEnum):
    READY = "ready"  # for workers: a task may lack only a worker
    CANCEL = "cancel"  # for workers: a running task shall stop
    EVENT = "event"  # for the web: there are new events


_pending: set[Topic] = set()


def notify(*topics: Topic) -> None:
    """Send hints when the current transaction has been committed; at once where there is none."""
    if connection.in_atomic_block:
        # One hint a topic and transaction is enough, however many tasks it changes.
        told = connection.__dict__.setdefault("_cartwheel_topics", set())
        if not told:
            transaction.on_commit(lambda: _flush(told))
        told.update(topics)
    else:
        send(*topics)


def _flush(told: set[Topic]) -> None:
    topics, connection.__dict__["_cartwheel_topics"] = set(told), set()
    send(*topics)


def send(*topics: Topic) -> None:
    """Send hints now. Never fails: they are only hints."""
    if connection.vendor == "postgresql":
        with contextlib.suppress(Exception), connection.cursor() as cursor:
            for topic in topics:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(topic)])
        return
    for topic in topics:
        _send_datagrams(topic)


def run_directory() -> Path:
    return Path(settings.CONFIG.data) / "run"


def _send_datagrams(topic: Topic) -> None:
    kind = "web" if topic == Topic.EVENT else "worker"
    try:
        directory = os.open(run_directory(), os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            with os.scandir(directory) as entries:
                names = [each.name for each in entries]
            for name in names:
                if name.startswith(f"{kind}-") and name.endswith(".sock"):
                    _send_one(sender, directory, name, topic)
    finally:
        os.close(directory)


def _send_one(sender: socket.socket, directory: int, name: str, topic: Topic) -> None:
    try:
        # Through /proc, since the path of a socket has at most 107 bytes and data directories may be deep.
        sender.sendto(topic.encode(), f"/proc/self/fd/{directory}/{name}")
    except (FileNotFoundError, ConnectionRefusedError):
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=directory)  # left by a process that was killed
    except OSError:
        pass  # full: its reader has hints enough


class Listener:
    """Receives hints. `fileno` is readable when there are some; `drain` says which topics they name."""

    def __init__(self, kind: str) -> None:
        """`kind` is "worker" or "web"."""
        self._postgres: Any = None
        if connection.vendor == "postgresql":
            self._listen()
        else:
            self._bind(kind)

    def _bind(self, kind: str) -> None:
        folder = run_directory()
        folder.mkdir(parents=True, exist_ok=True)
        self._path: Path | None = folder / f"{kind}-{os.getpid()}.sock"
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._socket.bind(f"/proc/self/fd/{directory}/{self._path.name}")
        finally:
            os.close(directory)

    def _listen(self) -> None:
        """Listen on a connection of its own: the ordinary one may be in a transaction for long."""
        self._path = None
        import psycopg

        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(name, None)
        self._postgres = psycopg.connect(**parameters, autocommit=True)
        self._postgres.execute(f"LISTEN {CHANNEL}")

    def fileno(self) -> int:
        return int(self._postgres.fileno()) if self._postgres else self._socket.fileno()

    def drain(self) -> set[str]:
        """The topics of all hints that have come; empties what `fileno` is readable for."""
        if self._postgres:
            try:
                return {hint.payload for hint in self._postgres.notifies(timeout=0)}
            except Exception:  # noqa: BLE001, the server went away: listen anew, and look at everything
                self._relisten()
                return {str(topic) for topic in Topic}
        topics = set()
        with contextlib.suppress(BlockingIOError):
            while True:
                topics.add(self._socket.recv(64).decode(errors="replace"))
        return topics

    def _relisten(self) -> None:
        with contextlib.suppress(Exception):
            self._postgres.close()
        with contextlib.suppress(Exception):
            self._listen()

    def wait(self, seconds: float) -> set[str]:
        """Wait for hints, at most so long."""
        select.select([self], [], [], seconds)
        return self.drain()

    def close(self) -> None:
        if self._postgres:
            self._postgres.close()
        else:
            self._socket.close()
            if self._path:
                self._path.unlink(missing_ok=True)
