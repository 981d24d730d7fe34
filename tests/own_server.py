"""A PostgreSQL server of a test's own, which it may stop and start."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import postgres
from ports import free_port


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._user = ["runuser", "-u", postgres.ADMIN, "--"] if os.geteuid() == 0 else []
        if self._user:
            shutil.chown(folder, postgres.ADMIN)
        self._run("initdb", "-D", str(folder / "data"), "-U", postgres.ADMIN, "-A", "trust", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://{postgres.ADMIN}@127.0.0.1:{self.port}/{postgres.ADMIN}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off"
        self._control("-w", "-l", str(self.folder / "log"), "-o", options, "start")

    @property
    def pid(self) -> int:
        """Of the process that starts the others."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def is_running(self) -> bool:
        return (self.folder / "data" / "postmaster.pid").exists()

    def crash(self) -> None:
        """Stop at once, as if the machine's power was cut; the next start recovers."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        postgres._run(*self._user, str(postgres._programs() / program), *arguments)


@contextmanager
def own_server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="cartwheel-server-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            if server.is_running():
                server.crash()
