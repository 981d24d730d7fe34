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
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from cartwheel.engine.prepared import planned

CHANNEL = "cartwheel"


class Topic(StrEnum):
    READY = "ready"  # for workers: a task may lack only a worker
    CANCEL = "cancel"  # for workers: a running task shall stop
    EVENT = "event"  # for the web: there are new events


def notify(*topics: Topic) -> None:
    """Send hints when the current transaction has been committed; at once where there is none."""
    if not connection.in_atomic_block:
        send(*topics)
        return
    # One sending for a transaction is enough, however many tasks it changes. What is planned is asked of the
    # connection, as it forgets plans with a savepoint or a transaction that is rolled back.
    for _, hook, *_ in connection.run_on_commit:
        if isinstance(hook, _Hints):
            hook.topics.update(topics)
            return
    transaction.on_commit(_Hints(set(topics)), robust=True)


@dataclass
class _Hints:
    """What is sent after a commit."""

    topics: set[Topic]

    def __call__(self) -> None:
        send(*sorted(self.topics))


def send(*topics: Topic) -> None:
    """Send hints now. Never fails: they are only hints."""
    if connection.vendor == "postgresql":
        with contextlib.suppress(Exception), planned() as cursor:  # those who listen also look by themselves
            cursor.execute(
                "SELECT pg_notify(%s, topic) FROM unnest(%s::text[]) AS topic",
                [CHANNEL, list(map(str, topics))],
            )
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
    """Receives hints. `fileno` is readable when there are some; `drain` says which topics they name.

    `fileno` stays the same however often the database goes away and comes back, or the socket is removed.
    """

    def __init__(self, kind: str) -> None:
        """`kind` is "worker" or "web"."""
        self._poll = select.epoll()
        self._postgres: Any = None
        self._socket: socket.socket | None = None
        self._path: Path | None = None
        self._is_postgres = connection.vendor == "postgresql"
        if self._is_postgres:
            self.heal()
        else:
            self._path = run_directory() / f"{kind}-{os.getpid()}.sock"
            self._bind(self._path)

    def _bind(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            bound.bind(f"/proc/self/fd/{directory}/{path.name}")
        except OSError:
            bound.close()
            raise
        finally:
            os.close(directory)
        self._poll.register(bound, select.EPOLLIN)
        before, self._socket = self._socket, bound
        if before:
            self._poll.unregister(before)
            before.close()

    def _listen(self) -> None:
        """Listen on a connection of its own: the ordinary one may be in a transaction for long."""
        import psycopg

        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(name, None)
        opened = psycopg.connect(**parameters, autocommit=True)
        opened.execute(f"LISTEN {CHANNEL}")
        self._postgres = opened
        self._poll.register(opened.fileno(), select.EPOLLIN)

    def fileno(self) -> int:
        return self._poll.fileno()

    def drain(self) -> set[str]:
        """The topics of all hints that have come; empties what `fileno` is readable for."""
        if self._is_postgres:
            return self._drain_postgres()
        topics = set()
        with contextlib.suppress(OSError):  # there are no more, or `heal` has just bound another
            while self._socket:
                topics.add(self._socket.recv(64).decode(errors="replace"))
        return topics

    def _drain_postgres(self) -> set[str]:
        try:
            return {hint.payload for hint in self._postgres.notifies(timeout=0)} if self._postgres else set()
        except Exception:  # noqa: BLE001, the server went away: look at everything, and see `heal`
            self._hang_up()
            return {str(topic) for topic in Topic}

    def heal(self) -> bool:
        """Listen anew if the database went away or the socket was removed; tells whether it was so: hints may be missing.

        Call it now and then. It may take as long as connecting takes.
        """
        if self._path:
            if self._path.exists():
                return False
            with contextlib.suppress(OSError):  # a full disk: as below
                self._bind(self._path)
            return True
        if self._postgres is not None:
            return False
        with contextlib.suppress(Exception):  # still away: it is tried again, and hints are only hints
            self._listen()
        return True

    def _hang_up(self) -> None:
        broken, self._postgres = self._postgres, None
        with contextlib.suppress(Exception):  # it is broken: whatever it says to that says nothing new
            self._poll.unregister(broken.fileno())
        with contextlib.suppress(Exception):  # nor does whatever it says to this
            broken.close()

    def let_go(self) -> None:
        """In a forked child. A socket of which it has a copy would stay in the parent's epoll when the parent closes it,
        and be readable for ever.
        """
        if self._postgres:
            with contextlib.suppress(Exception):  # it is broken, and has none any more
                os.close(self._postgres.fileno())  # and nothing else: the connection is the parent's
        if self._socket:
            self._socket.close()
        self._poll.close()

    def wait(self, seconds: float) -> set[str]:
        """Wait for hints, at most so long."""
        self.heal()
        select.select([self], [], [], seconds)
        return self.drain()

    def close(self) -> None:
        if self._postgres:
            self._hang_up()
        if self._socket:
            self._socket.close()
        if self._path:
            self._path.unlink(missing_ok=True)
        self._poll.close()
