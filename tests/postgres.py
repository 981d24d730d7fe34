"""A PostgreSQL server for tests: its own cluster in a temporary directory, gone at the end.

`CARTWHEEL_TEST_DATABASE=postgresql` makes all tests use it, else they use SQLite.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import temporary
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
    programs = _programs()
    folder = Path(temporary.folder("cartwheel-postgresql-"))
    data, port = folder / "data", free_port()
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, ADMIN)
        as_user = ["runuser", "-u", ADMIN, "--"]
    _run(
        *as_user,
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        ADMIN,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    )
    fsync = os.environ.get("CARTWHEEL_TEST_FSYNC", "off")  # on to measure, off to test
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync={fsync} -c max_connections=200"
    control = [*as_user, str(programs / "pg_ctl"), "-D", str(data)]
    _run(*control, "-w", "-l", str(folder / "log"), "-o", options, "start")
    atexit.register(_run, *control, "-m", "immediate", "stop")  # before the folder goes: last in, first out
    return port


def _programs() -> Path:
    """Where Debian keeps the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL is missing. Install it: apt-get install postgresql")
    return found[-1].parent


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[-1]} failed: {done.stdout}{done.stderr}")
