"""The command `cartwheel`: a module per command, imported when it is called."""

from __future__ import annotations

import sys

import click

from cartwheel import __version__
from cartwheel.cli.lazy import LazyGroup

COMMANDS = {
    "serve": ("cartwheel.cli.serve", "serve"),
    "web": ("cartwheel.cli.serve", "web"),
    "worker": ("cartwheel.cli.serve", "worker"),
    "console": ("cartwheel.cli.console", "console"),
    "task": ("cartwheel.cli.task", "task"),
}


@click.group(cls=LazyGroup, members=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
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
