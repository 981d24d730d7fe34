"""Commands whose modules are imported when they are called, so that each starts quickly."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """`members`: name of a command -> module and name of what runs it."""

    def __init__(self, *arguments: Any, members: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._members = members

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._members)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self._members:
            return None
        module, member = self._members[name]
        command: click.Command = getattr(importlib.import_module(module), member)
        return command
