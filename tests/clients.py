"""The clients that people have, unmodified, as processes of their own beside a hub (see warm.py).

Each has a home directory and a configuration below the test's folder. Only galaxykit writes elsewhere:
it makes the collections that it uploads in a fixed place below /tmp.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import Hub
from warm import warm

PROGRAMS = Path(sys.executable).parent

Done = subprocess.CompletedProcess[str]


@dataclass
class Clients:
    """galaxykit, pulp-cli and ansible-galaxy, as admin of a hub. What they install is in `collections`."""

    hub: Hub
    folder: Path

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.sign_in(username="admin", password=self.hub.password)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def collections(self) -> Path:
        return self.folder / "installed"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": f"{PROGRAMS}{os.pathsep}{os.defpath}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "NO_PROXY": "*",
        }

    def sign_in(self, *, below: str = "", **credentials: str) -> None:
        """Write ansible-galaxy's configuration: `token`, or `username` and `password`.

        The server is the hub, or what is `below` the prefix of its API.
        """
        lines = ["[galaxy]", "server_list = hub", "[galaxy_server.hub]", f"url = {self.hub.api}{below}"]
        lines += [f"{key} = {value}" for key, value in credentials.items()]
        (self.folder / "ansible.cfg").write_text("\n".join(lines) + "\n")

    def galaxykit(self, *arguments: str, expect: int = 0) -> Done:
        """Run galaxykit; its exit code must be the expected one."""
        credentials = ("-s", self.hub.api, "-u", "admin", "-p", self.hub.password)
        return self.run("galaxykit", *credentials, *arguments, expect=expect)

    def galaxykit_json(self, *arguments: str) -> Any:
        return json.loads(self.galaxykit(*arguments).stdout)

    def pulp(self, *arguments: str, expect: int = 0) -> Done:
        """Run pulp-cli; its exit code must be the expected one."""
        where = ("--base-url", self.hub.url.rstrip("/"), "--api-root", "/api/automation-hub/pulp/")
        return self.run(
            "pulp", *where, "--username", "admin", "--password", self.hub.password, *arguments, expect=expect
        )

    def pulp_json(self, *arguments: str) -> Any:
        return json.loads(self.pulp(*arguments).stdout)

    def ansible_galaxy(self, *arguments: str | Path, expect: int = 0) -> Done:
        """Run `ansible-galaxy collection`; its exit code must be the expected one."""
        return self.run("ansible-galaxy", "collection", *map(str, arguments), expect=expect)

    def run(self, program: str, *arguments: str, expect: int) -> Done:
        done = self.start(program, *arguments)
        assert done.returncode == expect, (
            f"{program} {arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def start(self, program: str, *arguments: str) -> Done:
        """Run a program, which may exit as it likes."""
        return warm(program).run(arguments, environ=self.environ, folder=self.folder)

    def place(self, tarball: Path) -> None:
        """Put a collection where it can be installed from, faster than a client would: they poll."""
        namespace, name, version = tarball.name.removesuffix(".tar.gz").split("-", 2)
        self.hub.request("POST", "v3/namespaces/", json={"name": namespace, "groups": []})
        with tarball.open("rb") as file:
            self._ask("v3/artifacts/collections/", files={"file": (tarball.name, file)})
        self._ask(f"v3/collections/{namespace}/{name}/versions/{version}/move/staging/published/")

    def _ask(self, path: str, **options: Any) -> None:
        """Send a POST; the hub answers when the task that it starts has ended, which must end well."""
        task = self.hub.request("POST", path, headers={"Prefer": "wait=60"}, **options).json()
        assert task["state"] == "completed", task["error"]

    def list(self) -> dict[str, str]:
        """The collections that are installed: name -> version."""
        rows = [line.split() for line in self.ansible_galaxy("list").stdout.splitlines()]
        return {row[0]: row[1] for row in rows if len(row) == 2 and row[0].count(".") == 1}

    def installed(self, name: str) -> Path:
        """Where a collection is installed."""
        namespace, _, short = name.partition(".")
        return self.collections / "ansible_collections" / namespace / short
