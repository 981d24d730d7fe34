"""`cartwheel task wait`"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

from cartwheel.cli import Problem
from cartwheel.cli.client import HOLD_SECONDS, PAGE, TASKS, Client, hub_options, task_id
from cartwheel.cli.task import words
from cartwheel.cli.task.display import Display, display

ACTIVE = "waiting,running,canceling"
UNHELD_SECONDS = 1.0  # between two looks at a hub that does not hold requests

# Seconds to wait -> how many have not ended, and the first of them.
Look = Callable[[int], tuple[int, list[words.Task]]]


@click.command("wait")
@click.argument("tasks", nargs=-1, required=True)
@click.option("--timeout", type=float, metavar="SECONDS", help="Give up after so long, with exit code 1.")
@hub_options
def command(hub: Client, tasks: tuple[str, ...], timeout: float | None) -> None:
    """Wait for tasks to end: give their ids or addresses, or "all".

    The hub holds the request, so this returns as soon as the last task has ended. Exits with 1 if
    one that it waited for failed, and names it.
    """
    deadline = time.monotonic() + timeout if timeout is not None else float("inf")
    with display() as shown:
        if "all" in tasks:
            ended = _wait_for_all(hub, shown, deadline)
        else:
            ended = _wait_for_some(hub, [task_id(text) for text in tasks], shown, deadline)
    _tell(ended)


def _wait_for_all(hub: Client, shown: Display, deadline: float) -> list[words.Task]:
    """Wait until no task is left; returns those that there were meanwhile, as they ended."""
    newest = hub.get(TASKS, limit=1, ordering="-pulp_created")["results"]
    before = newest[0]["pulp_created"] if newest else ""
    seen: dict[str, words.Task] = {}

    def look(seconds: int) -> tuple[int, list[words.Task]]:
        if seen:  # all that there were are known, and those that come are newer
            page = hub.get(TASKS, wait=seconds, state__in=ACTIVE, ordering="pulp_created", limit=PAGE)
            count, left = page["count"], page["results"]
        else:
            left = hub.all_tasks(wait=seconds, state__in=ACTIVE)
            count = len(left)
        seen.update((words.identifier(task), task) for task in left)
        return count, left

    _hold(look, shown, deadline)
    if not seen:
        return []
    since = min(task["pulp_created"] for task in seen.values())
    # Some come and end between two looks: those are known only by having been made since.
    ended = hub.all_tasks(pulp_created__gte=since)
    return [task for task in ended if words.identifier(task) in seen or task["pulp_created"] > before]


def _wait_for_some(hub: Client, ids: list[str], shown: Display, deadline: float) -> list[words.Task]:
    """Wait for these tasks; returns them as they ended."""
    ended: dict[str, words.Task] = {}

    def look(seconds: int) -> tuple[int, list[words.Task]]:
        left: list[words.Task] = []
        for each in ids:
            if each in ended:
                continue
            task = hub.get(f"{TASKS}{each}/", wait=0 if left else seconds)
            if task["state"] in ACTIVE.split(","):
                left.append(task)
            else:
                ended[each] = task
        return len(left), left

    _hold(look, shown, deadline)
    return [ended[each] for each in ids]


def _hold(look: Look, shown: Display, deadline: float) -> None:
    """Look until nothing is left. The hub holds each look, for as long as the display wants no news."""
    count, left = look(0)
    while count:
        shown.show(count, left)
        seconds = min(shown.news_seconds, HOLD_SECONDS, max(0.0, deadline - time.monotonic()))
        if seconds <= 0:
            names = ", ".join(f"{words.title(task)} ({words.identifier(task)})" for task in left[:5])
            raise Problem(f"The time is up; {words.count(count, 'task')} left: {names}.")
        began = time.monotonic()
        count, left = look(max(1, round(seconds)))
        if count:  # one that does not hold requests, or no more of them, has answered at once
            time.sleep(max(0.0, began + UNHELD_SECONDS - time.monotonic()))


def _tell(ended: list[words.Task]) -> None:
    failed = [task for task in ended if task["state"] == "failed"]
    for task in failed:
        click.echo(f"failed: {words.title(task)} ({words.identifier(task)}): {words.reason(task)}")
    others = {
        state: sum(task["state"] == state for task in ended) for state in ("completed", "canceled", "skipped")
    }
    told = [f"{number} {state}" for state, number in others.items() if number]
    if failed:
        told.append(f"{len(failed)} failed")
    click.echo(f"{words.count(len(ended), 'task')} ended: {', '.join(told)}." if told else "No task is left.")
    sys.exit(1 if failed else 0)
