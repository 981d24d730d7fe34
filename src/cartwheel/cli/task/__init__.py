"""`cartwheel task`: look at tasks, wait for them, stop and repeat them."""

from __future__ import annotations

import click

from cartwheel.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("cartwheel.cli.task.listing", "command"),
    "show": ("cartwheel.cli.task.show", "command"),
    "wait": ("cartwheel.cli.task.wait", "command"),
    "stop": ("cartwheel.cli.task.stop", "command"),
    "run-again": ("cartwheel.cli.task.again", "command"),
    "log": ("cartwheel.cli.task.log", "command"),
}


@click.group(cls=LazyGroup, members=COMMANDS)
def task() -> None:
    """Look at tasks, wait for them, stop and repeat them; on any hub, over HTTP."""
