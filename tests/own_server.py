"""A PostgreSQL server of a test's own, which it may stop and start."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgres import Cluster


@contextmanager
def own_server() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="cartwheel-server-", ignore_cleanup_errors=True) as folder:
        server = Cluster(Path(folder), "fsync=off")
        server.start()
        try:
            yield server
        finally:
            server.crash()
