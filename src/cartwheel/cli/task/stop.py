"""`cartwheel task stop`"""

from __future__ import annotations

import sys

import click

from cartwheel.cli.client import HOLD_SECONDS, TASKS, Client, hub_options, task_id
from cartwheel.cli.task import words

ACTIVE = ("waiting", "running", "canceling")


@click.command("stop")
@click.argument("tasks", nargs=-1, required=True)
@click.option("--no-wait", is_flag=True, help="Do not wait until they have really stopped.")
@hub_options
def command(hub: Client, tasks: tuple[str, ...], no_wait: bool) -> None:
    """Stop tasks: give their ids or addresses. Exits with 1 if one had already ended otherwise."""
    is_fine = True
    for each in [task_id(text) for text in tasks]:
        could, task = hub.stop(each)
        while could and not no_wait and task["state"] in ACTIVE:
            click.echo(f"stopping   {words.title(task)}", err=True)
            task = hub.get(f"{TASKS}{each}/", wait=HOLD_SECONDS)
        is_fine = is_fine and could
        told = task["state"] if could else f"already {task['state']}"
        click.echo(f"{told:<10} {words.title(task)} ({each})")
    sys.exit(0 if is_fine else 1)
