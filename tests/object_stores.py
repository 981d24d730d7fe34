"""A real S3 server for tests: moto's, in a process of its own, with one empty bucket."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

import requests
from patience import PATIENCE_SECONDS, eventually
from ports import free_port

BUCKET = "collections"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "no-secret"}


class Unavailable(Exception):
    """The server is not installed, or does not start."""


@dataclass(frozen=True)
class Bucket:
    endpoint: str
    process: subprocess.Popen[bytes]

    def url(self, prefix: str = "hub", **options: str) -> str:
        """The bucket as CARTWHEEL_STORAGE_URL names it."""
        return storage_url(self.endpoint, prefix, **options)


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    """Start the server. Raises Unavailable."""
    if find_spec("moto") is None or find_spec("obstore") is None:
        raise Unavailable("moto or obstore is not installed")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        bucket = Bucket(f"http://127.0.0.1:{port}", process)
        eventually(lambda: _is_ready(bucket), what="the start of moto's server")
        yield bucket
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _is_ready(bucket: Bucket) -> bool:
    if bucket.process.poll() is not None:
        raise Unavailable("moto's server does not start")
    try:
        return requests.put(f"{bucket.endpoint}/{BUCKET}", timeout=PATIENCE_SECONDS).ok
    except requests.ConnectionError:
        return False


def storage_url(endpoint: str, prefix: str, **options: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in options.items())
    return f"s3://{BUCKET}/{prefix}?endpoint={endpoint}&region=us-east-1{more}"


def set_credentials() -> None:
    """For this process, and for those that it starts."""
    os.environ.update(CREDENTIALS)
