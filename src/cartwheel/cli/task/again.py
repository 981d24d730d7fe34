"""`cartwheel task run-again`"""

from __future__ import annotations

import click

from cartwheel.cli.client import Client, hub_options, task_id


@click.command("run-again")
@click.argument("tasks", nargs=-1, required=True)
@hub_options
def command(hub: Client, tasks: tuple[str, ...]) -> None:
    """Run tasks again that have ended, with the same arguments: give their ids or addresses.

    Prints the ids of the new tasks: cartwheel task wait $(cartwheel task run-again ID)
    """
    for each in [task_id(text) for text in tasks]:
        click.echo(task_id(hub.run_again(each)))
