"""A PostgreSQL server for tests: its own cluster in a temporary directory, gone at the end.

`CARTWHEEL_TEST_DATABASE=postgresql` makes all tests use it, else they use SQLite.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import temporary
from patience import eventually
from ports import free_port
from psycopg import sql

ADMIN = "postgres"


def is_wanted() -> bool:
    return os.environ.get("CARTWHEEL_TEST_DATABASE", "sqlite") == "postgresql"


def new_database() -> str:
    """The URL of a new empty database."""
    port = _server()
    name = f"test_{uuid4().hex}"
    with psycopg.connect(
        host="127.0.0.1", port=port, user=ADMIN, dbname=ADMIN, autocommit=True
    ) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"postgresql://{ADMIN}@127.0.0.1:{port}/{name}"


@cache
def _server() -> int:
    """Start the server, once; its port."""
    folder = Path(temporary.folder("cartwheel-postgresql-"))
    fsync = os.environ.get("CARTWHEEL_TEST_FSYNC", "off")  # on to measure, off to test
    cluster = Cluster(folder, f"fsync={fsync}", "max_connections=200")
    cluster.start()
    atexit.register(cluster.crash)  # before the folder goes: last in, first out
    return cluster.port


class Cluster:
    """A server with its data below a folder. It ends with the process that has started it, however that ends."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._settings = (f"unix_socket_directories={folder}", "listen_addresses=127.0.0.1", *settings)
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, ADMIN)
        data = str(folder / "data")
        subprocess.run(
            [*_as_admin(), str(_programs() / "initdb"), "-D", data, "-U", ADMIN, "-A", "trust", "--no-sync"],
            cwd="/", check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def start(self) -> None:
        command = [str(_programs() / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        command += [part for setting in self._settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_as_admin(), "--pdeathsig", "QUIT", *command], cwd="/", stdout=log, stderr=log
            )
        eventually(self._answers, what="the start of PostgreSQL")

    def crash(self) -> None:
        """Stop at once, as if the machine's power was cut; the next start recovers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        """Of the process that starts the others."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        return f"postgresql://{ADMIN}@127.0.0.1:{self.port}/{ADMIN}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True


def _as_admin() -> list[str]:
    """What runs a program as the user whom the server accepts."""
    as_user = ["--reuid", ADMIN, "--regid", ADMIN, "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *as_user]


def _programs() -> Path:
    """Where Debian keeps the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL is missing. Install it: apt-get install postgresql")
    return found[-1].parent
