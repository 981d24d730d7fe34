"""The command `cartwheel`: a module per command, imported when it is called."""

from __future__ import annotations

import importlib
import sys

import click

from cartwheel import __version__

COMMANDS = {  # name -> module
    "serve": "serve",
    "web": "serve",
    "worker": "serve",
    "console": "console",
    "task": "task",
}


class _Lazy(click.Group):
    """Imports a command's module when the command is called, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"cartwheel.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cartwheel")
def cli() -> None:
    """A private Ansible automation hub whose every change is a task."""


class UsageProblem(click.ClickException):
    """Something is wrong before anything was done: one line on stderr, exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        click.echo(f"cartwheel: {self.message}", err=True)


class Problem(UsageProblem):
    """It was tried and did not work: one line on stderr, exit code 1."""

    exit_code = 1


def main() -> None:
    """Run the command line."""
    try:
        cli.main(prog_name="cartwheel", standalone_mode=True)
    except BrokenPipeError:
        sys.exit(1)
