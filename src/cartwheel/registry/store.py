"""Where artifacts are kept, and uploads that wait for their tasks: on disk, or in an object store for many hosts.

    uploads/<id of a task>    what waits to be imported by that task
    uploads/<id of a chunk>   a part of a file, until the others are there too
    <aa>/<62 more digits>     artifacts, by their sha256

Both kinds of store are used alike. Nothing is ever half there, and what is there never changes.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from cartwheel.kit.errors import DISK_FULL, CartwheelError, NoSpace

UPLOADS = "uploads/"
FILES_REFUSED = "The hub cannot use its files. Ask its operator, whose log says why."

log = logging.getLogger(__name__)


class StoreUnavailable(CartwheelError):
    """The object store, or the disk, does not do what it is asked."""

    status = 503
    code = "store_unavailable"


class Store(Protocol):
    """Keys are paths below the store's root."""

    def put(self, source: Path, key: str) -> None:
        """Let a local file be the object of that key, unless there is one; the file is gone then.

        Raises FileNotFoundError, NoSpace, StoreUnavailable.
        """

    def send_ahead(self, source: Path, key: str) -> None:
        """Do what takes long of a `put` that follows in a transaction. Raises as `put`."""

    def move(self, source: str, key: str) -> None:
        """Give an object another key. Raises FileNotFoundError, NoSpace, StoreUnavailable."""

    def open(self, key: str) -> BinaryIO:
        """The object, to be read from anywhere in it. Raises FileNotFoundError, StoreUnavailable."""

    def delete(self, key: str) -> None:
        """Doing it twice is fine."""

    def older(self, prefix: str, before: float) -> Iterator[str]:
        """The keys that begin so, of objects that were stored before that time (as time.time() has it)."""

    def link(self, key: str, seconds: int) -> str | None:
        """An address where whoever has it may fetch the object for so long, if the store can give one."""


def store() -> Store:
    """The hub's store.

    Each process makes its own: an object store that was used before a fork hangs after it. So the
    processes that fork, the supervisor and the parent of the web server, never call this.
    """
    config = settings.CONFIG
    if config.is_storage_remote:
        return _object_store(config.storage_url, os.getpid())
    return FileStore(config.artifact_root)


@cache
def _object_store(url: str, _process: int) -> Store:
    from cartwheel.registry.object_store import ObjectStore

    return ObjectStore(url)


class FileStore:
    """Files below a directory. Local files that are put must be on its file system: it renames them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        return self.root / key

    def put(self, source: Path, key: str) -> None:
        rename(source, self.path(key))

    def send_ahead(self, source: Path, key: str) -> None:
        """Nothing: to rename a file takes no time."""

    def move(self, source: str, key: str) -> None:
        rename(self.path(source), self.path(key))

    def open(self, key: str) -> BinaryIO:
        with in_own_words():
            return self.path(key).open("rb")

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def older(self, prefix: str, before: float) -> Iterator[str]:
        for folder, _, names in os.walk(self.path(prefix)):
            for each in (Path(folder, name) for name in names):
                try:
                    is_old = each.stat().st_mtime < before
                except FileNotFoundError:
                    continue
                if is_old:
                    yield each.relative_to(self.root).as_posix()

    def link(self, key: str, seconds: int) -> str | None:
        return None


def rename(source: Path, target: Path) -> None:
    """Move a file, so that it is there after a loss of power too. Replaces what is there."""
    with in_own_words():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def in_own_words() -> Iterator[None]:
    """What a disk refuses is told as what it means for people. Raises NoSpace, StoreUnavailable."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoSpace(DISK_FULL) from None
        if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO):
            log.error("the hub's files: %s", problem)
            raise StoreUnavailable(FILES_REFUSED) from problem
        raise
