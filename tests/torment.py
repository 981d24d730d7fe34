"""A whole hub under people who dispatch, repeat and stop tasks, while any of its processes is killed.

Whoever is killed comes back: by itself, or as a service manager would start it again.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import journal
from patience import PATIENCE_SECONDS, eventually
from ports import free_port
from postgres import Cluster
from processes import children
from workshop import Workshop, check, workshop

FOR_EVER = 1_000_000

Process = subprocess.Popen[bytes]


@dataclass
class Torment:
    """The hub and its people. `server` is PostgreSQL, if that is to be killed too."""

    shop: Workshop
    server: Cluster | None
    dice: random.Random
    port: int = field(default_factory=free_port)
    kills: Counter[str] = field(default_factory=Counter)
    people: list[tuple[tuple[object, ...], Process]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop.environ |= {"CARTWHEEL_BIND": f"127.0.0.1:{self.port}", "CARTWHEEL_WORKERS": "3"}
        self.hub = self.shop.start("serve")

    def begin(self) -> None:
        for arguments in (
            ("dispatch", 1, FOR_EVER),
            ("stop", 1, FOR_EVER),
            ("repeat", 1, FOR_EVER, self.port),
        ):
            self.people.append((arguments, self.shop.start(*arguments)))
        self._see_it_going()

    def kill_all_kinds(self) -> None:
        """Each kind of process once, in any order, and see each time that the hub goes on."""
        kinds = list(self._kinds())
        self.dice.shuffle(kinds)
        for kind in kinds:
            eventually(partial(self.kill, kind), what=f"the presence of {kind}")
            self._see_it_going()

    def kill_for(self, seconds: float) -> None:
        """Whatever it may be, also while the last one that was killed is not back."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _ in range(self.dice.randint(1, 8)):
                self.kill(self.dice.choice(["worker", "worker", "supervisor", *self._kinds()]))
                time.sleep(self.dice.uniform(0, 0.5))  # nothing is waited for: kills come at any moment
            self._see_it_going()

    def kill(self, kind: str) -> bool:
        """Kill one of that kind; False if none is there at present."""
        act = self._kinds()[kind]
        with suppress(ProcessLookupError, IndexError):
            act()
            self.kills[kind] += 1
            return True
        return False

    def finish(self) -> int:
        """Let all tasks end, and look whether all that was promised is true. Returns how many there were."""
        for _, process in self.people:
            process.kill()
            process.wait()
        self.people.clear()

        def has_all_ended() -> bool:
            self._come_back()
            return self.shop.count_left() == 0

        eventually(has_all_ended, what="the end of all tasks")
        rows = self.shop.report()
        check(rows, self.shop.told(), journal.read(self.shop.folder))
        return len(rows)

    def _kinds(self) -> dict[str, Callable[[], None]]:
        kinds: dict[str, Callable[[], None]] = {
            "worker": lambda: self._kill_one(worker for each in self._parts() for worker in children(each)),
            "supervisor": lambda: self._kill_one(each for each in self._parts() if children(each)),
            "web": lambda: self._kill_one(each for each in self._parts() if not children(each)),
            "parent": self.hub.kill,
            "who asks": lambda: self.dice.choice(self.people)[1].kill(),
        }
        if self.server:
            kinds["PostgreSQL"] = self._crash_server
            kinds["a process of PostgreSQL"] = lambda: self._kill_one(self._server_processes())
        return kinds

    def _crash_server(self) -> None:
        if self.server and self.server.is_running:
            self.server.crash()

    def _parts(self) -> list[int]:
        return children(self.hub.pid)

    def _server_processes(self) -> list[int]:
        return children(self.server.pid) if self.server and self.server.is_running else []

    def _kill_one(self, pids: Iterator[int] | list[int]) -> None:
        os.kill(self.dice.choice(sorted(pids)), signal.SIGKILL)

    def _come_back(self) -> None:
        """Start again what nobody else starts again."""
        if self.server and not self.server.is_running:
            self.server.start()
        if self.hub.poll() is not None:
            self.hub = self.shop.start("serve")
        for number, (arguments, process) in enumerate(self.people):
            if process.poll() is not None:
                self.people[number] = (arguments, self.shop.start(*arguments))

    def _see_it_going(self) -> None:
        """Tasks begin and end, and somebody was told of new ones over HTTP."""

        def marks() -> tuple[int, int]:
            done = sum(story.done for story in journal.read(self.shop.folder).values())
            return done, sum(line[0] == "repeated" for line in self.shop.told())

        before = marks()

        def has_gone_on() -> bool:
            self._come_back()
            return all(now > then for now, then in zip(marks(), before, strict=True))

        eventually(has_gone_on, what=f"anything after {dict(self.kills)}")


@contextmanager
def torment(folder: Path, *, seed: int, server: Cluster | None = None) -> Iterator[Torment]:
    with workshop(folder, database_url=server.url if server else "") as shop:
        made = Torment(shop, server, random.Random(seed))  # noqa: S311, dice
        try:
            made.begin()
            yield made
        finally:
            made.hub.terminate()
            made.hub.wait(PATIENCE_SECONDS)
