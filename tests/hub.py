"""Runs a real hub for tests: its own processes, port and data directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import console
import postgres
import requests
import storages
from patience import PATIENCE_SECONDS, eventually
from ports import free_port
from warm import warm

CARTWHEEL = str(Path(sys.executable).with_name("cartwheel"))
PASSWORD = "a-password-for-tests"


@dataclass
class Hub:
    """A running hub. `api` is the address of its API, with a slash at the end."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    environ: dict[str, str]
    password: str = PASSWORD

    @property
    def api(self) -> str:
        return f"{self.url}api/automation-hub/"

    def request(self, method: str, path: str, *, user: str = "admin", **options: Any) -> requests.Response:
        """Send a request below the API, or below the root of the server if the path begins with a slash."""
        address = self.url.rstrip("/") + path if path.startswith("/") else self.api + path
        options.setdefault("auth", (user, self.password))
        return requests.request(method, address, timeout=PATIENCE_SECONDS, allow_redirects=False, **options)

    def get(self, path: str, **options: Any) -> Any:
        """The JSON behind a path."""
        response = self.request("GET", path, **options)
        response.raise_for_status()
        return response.json()

    def task(self, identifier: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"pulp/api/v3/tasks/{identifier}/")
        return found

    def process_of(self, task: str) -> int:
        """The id of the process that runs a task."""
        name: str = self.get(f"v3/tasks/{task}/")["worker"]["name"]
        return int(name.partition("@")[0])

    def wait(self, identifier: str, *states: str) -> dict[str, Any]:
        """The task once it is in one of the states, by default when it has ended."""
        wanted = states or ("completed", "failed", "canceled")

        def look() -> dict[str, Any] | None:
            task = self.task(identifier)
            return task if task["state"] in wanted else None

        return eventually(look, what=f"task {identifier} being {' or '.join(wanted)}") or {}

    def console(self, code: str) -> str:
        """What the hub's console prints for some code."""
        return console.run(code, self.environ)

    def dispatch(self, call: str) -> str:
        """Make a task on the console, from an expression; returns its id."""
        return self.console(f"print(({call}).pk)").split()[-1]

    def run_task(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `cartwheel task` beside the hub (see warm.py)."""
        return warm("cartwheel").run(["task", *arguments], environ=self.environ, folder=Path.cwd())

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the command `cartwheel` beside the hub, from its start."""
        options.setdefault("timeout", PATIENCE_SECONDS)
        return subprocess.run(
            [CARTWHEEL, *arguments], capture_output=True, text=True, check=False, env=self.environ, **options
        )

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(sign)
        self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running_hub(data: Path, *, python: str = sys.executable, **settings: str) -> Iterator[Hub]:
    """Start a hub over a data directory and stop it at the end. `settings` are CARTWHEEL_* without that."""
    port = free_port()
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CARTWHEEL_")},
        "CARTWHEEL_ADMIN_PASSWORD": PASSWORD,
        "CARTWHEEL_WORKERS": "4",
        **({"CARTWHEEL_DATABASE_URL": _database_of(data)} if postgres.is_wanted() else {}),
        **({"CARTWHEEL_STORAGE_URL": _storage_of(data)} if storages.is_remote() else {}),
        **{f"CARTWHEEL_{name.upper()}": value for name, value in settings.items()},
        "CARTWHEEL_DATA": str(data),
        "CARTWHEEL_BIND": f"127.0.0.1:{port}",
    }
    log = data.with_name(f"{data.name}.log")
    with log.open("a") as output:
        command = [python, "-m", "cartwheel", "serve"]
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output, text=True)
    hub = Hub(f"http://127.0.0.1:{port}/", data, process, environ)
    try:
        eventually(lambda: _is_ready(hub, log), what="the start of the hub")
        yield hub
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@cache
def _database_of(data: Path) -> str:
    """A hub that is started again over its data directory finds its database again."""
    return postgres.new_database()


@cache
def _storage_of(data: Path) -> str:
    return storages.new_storage()


def _is_ready(hub: Hub, log: Path) -> bool:
    assert hub.process.poll() is None, f"the hub ended while it started: {log.read_text()}"
    try:
        return requests.get(f"{hub.url}healthz", timeout=PATIENCE_SECONDS).ok
    except requests.ConnectionError:
        return False
