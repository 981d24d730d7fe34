"""The engine at work in processes of its own, without a web: for tests that run races and kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import journal
import postgres
from patience import eventually
from warm import WarmProgram

START = "import django; django.setup(); import engine_process"
PROGRAM = [sys.executable, "-c", f"{START}; engine_process.main()"]
WARM_PROGRAM = [
    sys.executable,
    "-c",
    f"{START}; import warm; warm.serve('engine_process', engine_process.main)",
]
FINAL = ("completed", "failed", "canceled")


@dataclass
class Workshop:
    """Processes over one database. `told` is where those that dispatch and stop write what they did."""

    folder: Path
    environ: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        with (self.folder / "told").open("ab") as told, (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*PROGRAM, *map(str, arguments)],
                env=self.environ,
                stdout=told,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def do(self, *arguments: object) -> None:
        """What soon ends, in a process of its own like the others (see warm.py)."""
        done = self._run(*map(str, arguments))
        with (self.folder / "told").open("a") as told, (self.folder / "log").open("a") as log:
            told.write(done.stdout)
            log.write(done.stderr)
        assert done.returncode == 0, done.stderr

    def report(self) -> dict[str, Row]:
        """All tasks by their ids."""
        done = self._run("report")
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        names = ("name", "state", "attempt", "error", "started_at", "worker__name", "places")
        return {row["id"]: Row(*(row[name] for name in names)) for row in rows}

    def end_of_all(self) -> dict[str, Row]:
        """All tasks, once all have ended."""
        eventually(lambda: all(row.state in FINAL for row in self.report().values()), what="the end of all")
        return self.report()

    def count_left(self) -> int:
        """How many tasks have not ended; also more than none where the database cannot be asked."""
        done = self._run("left")
        return int(done.stdout) if done.returncode == 0 else 1

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._warm.run(arguments, environ=self.environ, folder=self.folder)

    @cached_property
    def _warm(self) -> WarmProgram:
        return WarmProgram(WARM_PROGRAM, self.environ)

    def log(self) -> str:
        return (self.folder / "log").read_text()[-20_000:]

    def told(self) -> list[list[str]]:
        """What was done, in words. The last line of a process that was killed may be only half written."""
        lines = [line.split() for line in (self.folder / "told").read_text().splitlines()]
        return [line for line in lines if len(line) in (2, 3) and len(line[1]) == 36]

    def kill_all(self) -> None:
        for process in self.running:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
        self._warm.close()


@contextmanager
def workshop(folder: Path, *, database_url: str = "") -> Iterator[Workshop]:
    """A fresh database, of the kind that the tests run on, and nobody there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CARTWHEEL_")}
    environ |= {"CARTWHEEL_DATA": str(folder), "CARTWHEEL_TEST_JOURNAL": str(folder)}
    places = filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH")))
    environ |= {"DJANGO_SETTINGS_MODULE": "cartwheel.settings", "PYTHONPATH": os.pathsep.join(places)}
    if database_url or postgres.is_wanted():
        environ["CARTWHEEL_DATABASE_URL"] = database_url or postgres.new_database()
    made = Workshop(folder, environ)
    try:
        made.do("migrate")
        yield made
    finally:
        made.kill_all()


@dataclass(frozen=True)
class Row:
    """A task as the database has it."""

    name: str
    state: str
    attempt: int
    error: dict[str, Any] | None
    started_at: str | None
    worker: str | None
    places: list[tuple[str, int, bool]]  # resource, number in its queue, alone?


def check(rows: dict[str, Row], told: list[list[str]], stories: dict[str, journal.Story]) -> None:
    """All that is promised, of every task that somebody was told of."""
    for act, task, *_ in told:
        assert task in rows, f"{task} was {act} and is gone"
        assert act != "missing", f"{task} was not there after it was answered"
    for task, row in rows.items():
        _check_one(task, row, stories.get(task, journal.Story()))
    for _, task, when in (line for line in told if line[0] == "canceled"):
        late = [each for each in stories.get(task, journal.Story()).begun if each > float(when)]
        assert rows[task].state == "canceled", f"{task} was answered canceled and is {rows[task]}"
        assert not late, f"{task} began after its cancel"
    _check_order(rows, stories)


def _check_one(task: str, row: Row, story: journal.Story) -> None:
    assert row.state in FINAL, f"{task} never ended: {row}"
    assert not story.other, f"{task}: {story.other}"
    if row.name == "journal.again":
        assert row.state != "failed", f"{task} may be run again and was lost: {row}"
        assert len(story.begun) <= row.attempt, f"{task} ran {len(story.begun)} times in {row}"
    else:
        assert len(story.begun) <= 1, f"{task} ran {len(story.begun)} times"
    if row.state == "completed" and row.name.startswith("journal."):
        assert story.done >= 1, f"{task} is completed and was not"
    if row.state == "failed":
        assert row.error, f"{task} failed and does not say why"
    if row.name == "journal.tidy" and row.state != "completed" and story.begun:
        assert story.cleaned_up, f"nobody cleaned up after {task}: {row}"


def _check_order(rows: dict[str, Row], stories: dict[str, journal.Story]) -> None:
    """Nobody began before one that was ahead at a resource, but for those who share it."""
    queues: dict[str, list[tuple[int, bool, float, str]]] = defaultdict(list)
    for task, row in rows.items():
        # Each attempt has its own places, and the last ones are still known.
        if begun := stories.get(task, journal.Story()).attempts.get(row.attempt):
            for name, number, alone in row.places:
                queues[name].append((number, alone, begun, task))
    for name, queue in queues.items():
        last = last_alone = 0.0
        for _, alone, begun, task in sorted(queue):
            assert begun >= (last if alone else last_alone), f"{task} overtook another at {name}"
            last, last_alone = max(last, begun), max(last_alone, begun if alone else 0)
