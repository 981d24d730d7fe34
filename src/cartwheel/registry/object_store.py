"""Artifacts in an S3-compatible object store, which many web servers and workers share.

CARTWHEEL_STORAGE_URL=s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1

Credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from the machine itself where the
cloud gives them. With `redirect=false`, downloads pass through the hub: for a store that clients cannot reach.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from cartwheel.registry.store import StoreUnavailable

if TYPE_CHECKING:
    from obstore import ReadableFile

ATOMIC_LIMIT = 16 << 20  # bytes; more is sent in parts, which the store joins when all are there
BUFFER = 1 << 20  # bytes that are read at once
RETRIES, RETRY_SECONDS = 3, 30
SAID_LIMIT = 1000  # characters of what the store says

log = logging.getLogger(__name__)


class ObjectStore:
    """A prefix of a bucket. obstore retries what fails for a moment."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._redirects = options.get("redirect", "true") == "true"
        self._where = f"s3://{parts.netloc}"
        self._store = S3Store(
            unquote(parts.netloc),
            prefix=unquote(parts.path).strip("/") or None,
            config=_config(options),
            client_options={
                "allow_http": options.get("endpoint", "").startswith("http://"),
                "timeout": "60s",
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
        )

    def put(self, source: Path, key: str) -> None:
        self.send_ahead(source, key)
        source.unlink(missing_ok=True)

    def send_ahead(self, source: Path, key: str) -> None:
        size = source.stat().st_size
        with self._problems():
            if not self._has(key, size):
                self._send(source, key, size)

    def _send(self, source: Path, key: str, size: int) -> None:
        """A connection that is cut leaves nothing: the store keeps only what was sent to its end."""
        try:
            if size <= ATOMIC_LIMIT:
                obstore.put(self._store, key, source.read_bytes(), mode="create")
            else:
                obstore.put(self._store, key, source, use_multipart=True)
        except (AlreadyExistsError, FileExistsError):
            pass  # of the same key: the same bytes

    def _has(self, key: str, size: int) -> bool:
        try:
            return obstore.head(self._store, key)["size"] == size
        except FileNotFoundError:
            return False

    def move(self, source: str, key: str) -> None:
        with self._problems():
            obstore.copy(self._store, source, key)
            obstore.delete(self._store, source)

    def open(self, key: str) -> BinaryIO:
        with self._problems():
            opened = obstore.open_reader(self._store, key, buffer_size=BUFFER)
        return cast(BinaryIO, io.BufferedReader(_Reading(opened, self), BUFFER))

    def delete(self, key: str) -> None:
        with self._problems(), suppress(FileNotFoundError):
            obstore.delete(self._store, key)

    def older(self, prefix: str, before: float) -> Iterator[str]:
        with self._problems():
            for chunk in obstore.list(self._store, prefix.rstrip("/")):
                for each in chunk:
                    if each["last_modified"].timestamp() < before:
                        yield str(each["path"])

    def link(self, key: str, seconds: int) -> str | None:
        if not self._redirects:
            return None
        with self._problems():
            return obstore.sign(self._store, "GET", key, timedelta(seconds=seconds))

    @contextmanager
    def _problems(self) -> Iterator[None]:
        """What the store refuses, in the hub's own words; in the log, in those of the store."""
        try:
            yield
        except FileNotFoundError as problem:
            raise FileNotFoundError(self._where) from problem
        except (BaseError, TimeoutError, ConnectionError) as problem:
            said = " ".join(str(problem).partition("Debug source:")[0].split())
            log.error("the artifact store %s: %s", self._where, said[:SAID_LIMIT])
            raise StoreUnavailable(
                f"The artifact store {self._where} does not do what it is asked. Try again in a moment."
            ) from problem


class _Reading(io.RawIOBase):
    """obstore's reader as Python's own."""

    def __init__(self, opened: ReadableFile, store: ObjectStore) -> None:
        self._opened = opened
        self._problems = store._problems

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._problems():
            piece = bytes(self._opened.read(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._opened.seek(offset, whence)

    def tell(self) -> int:
        return self._opened.tell()


def _config(options: dict[str, str]) -> Any:
    config = {"region": options.get("region", "us-east-1")}
    if endpoint := options.get("endpoint"):
        config["endpoint"] = endpoint
    return config
