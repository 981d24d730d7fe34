"""`cartwheel task`: look at tasks, wait for them, stop them."""

from __future__ import annotations

import importlib

import click

COMMANDS = {"list": "listing", "show": "show", "wait": "wait", "stop": "stop"}  # name -> module


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"cartwheel.cli.task.{COMMANDS[name]}").command
        return command


@click.group(cls=_Lazy)
def task() -> None:
    """Look at tasks, wait for them, stop them; on any hub, over HTTP."""
