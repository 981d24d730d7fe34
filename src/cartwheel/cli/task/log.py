"""`cartwheel task log`"""

from __future__ import annotations

import time
from typing import Any

import click

from cartwheel.cli.client import TASKS, Client, hub_options, task_id
from cartwheel.cli.task import words
from cartwheel.cli.task.stop import ACTIVE

LOOK_SECONDS = 1  # between two looks for more, while the task goes on


@click.command("log")
@click.argument("task")
@click.option("-f", "--follow", is_flag=True, help="Go on until the task has ended.")
@hub_options
def command(hub: Client, task: str, follow: bool) -> None:
    """Show what a task has logged: give its id or its address."""
    identifier = task_id(task)
    after = _tell(hub, identifier, after=0)
    while follow and _goes_on(hub, identifier):
        after = _tell(hub, identifier, after)
    if follow:
        _tell(hub, identifier, after)


def _goes_on(hub: Client, identifier: str) -> bool:
    """Has it not ended, a moment from now? The hub holds the request as long as it has not."""
    began = time.monotonic()
    found: words.Task = hub.get(f"{TASKS}{identifier}/", wait=LOOK_SECONDS, fields="state")
    if found["state"] not in ACTIVE:
        return False
    time.sleep(max(0.0, began + LOOK_SECONDS - time.monotonic()))  # if it holds no requests, or no more
    return True


def _tell(hub: Client, identifier: str, after: int) -> int:
    """Write the lines after that one; returns the number of the last."""
    while True:
        page = hub.get(f"{TASKS}{identifier}/log/", after=after)
        for line in page["results"]:
            click.echo(_line(line))
        after = page["next_after"]
        if not page["more"]:
            return after


def _line(line: dict[str, Any]) -> str:
    return f"{line['time']} {line['level']:<8} {line['message']}"
