"""What is seen while one waits: on a terminal a picture that moves, elsewhere a line per news."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from cartwheel.cli.task import words

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

ROWS = 12  # tasks shown at a time


class Display(Protocol):
    """Shows how many tasks are left, and the first of them. `news_seconds`: how often it likes to be told."""

    news_seconds: float

    def show(self, count: int, left: list[words.Task]) -> None: ...


@contextmanager
def display() -> Iterator[Display]:
    """The display that fits where stderr goes."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), transient=True, auto_refresh=False) as live:
        yield Picture(live)


class Lines:
    """A line for each task when it is first seen, and for each change of its state."""

    news_seconds = float("inf")

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def show(self, count: int, left: list[words.Task]) -> None:
        for task in left:
            identifier = words.identifier(task)
            if self._states.get(identifier) != task["state"]:
                self._states[identifier] = task["state"]
                told = f": {words.waits(task)}" if words.waits(task) else ""
                click.echo(f"{task['state']:<9}  {words.title(task)} ({identifier}){told}", err=True)


class Picture:
    """A table that is drawn anew: state, how long, what, how far."""

    news_seconds = 1.0

    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, count: int, left: list[words.Task]) -> None:
        self._live.update(_table(count, left), refresh=True)


def _table(count: int, left: list[words.Task]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=None, padding=(0, 1), title=f"Waiting for {words.count(count, 'task')}", title_justify="left"
    )
    for heading in ("state", "for", "task", ""):
        table.add_column(heading, no_wrap=heading != "task")
    running_first = sorted(left, key=lambda task: task["state"] == "waiting")
    for task in running_first[:ROWS]:
        state = Text(task["state"], style=words.COLORS[task["state"]])
        table.add_row(state, words.duration(task), Text(words.title(task)), Text(_bar(task)))
    if count > ROWS:
        table.add_row("", "", f"and {count - ROWS} more", "")
    return table


def _bar(task: words.Task) -> str:
    reports = [each for each in task["progress_reports"] if each["state"] == "running" and each["total"]]
    if not reports:
        return words.progress(task) or words.waits(task)
    full = round(20 * min(1.0, reports[-1]["done"] / reports[-1]["total"]))
    return f"{'━' * full}{'╌' * (20 - full)} {words.progress(task)}"
