"""The hub's console without its start, which would take most of the time of many tests (see warm.py)."""

from __future__ import annotations

import atexit
import importlib
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import temporary
from warm import WarmProgram, serve


def run(code: str, environ: Mapping[str, str]) -> str:
    """What the code prints on the console of the hub that has that environment."""
    done = _warm().run([code], environ=environ, folder=Path("/"))
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def _warm() -> WarmProgram:
    environ = os.environ | {"CARTWHEEL_DATA": temporary.folder("cartwheel-console-")}
    program = WarmProgram([sys.executable, __file__], environ)
    atexit.register(program.close)
    return program


def main() -> None:
    from cartwheel.cli.setup import set_up

    set_up()
    serve("console", console)


def console() -> None:
    """Run the code on the hub that the environment names by now."""
    from django.conf import settings
    from django.db import DEFAULT_DB_ALIAS, connections

    import cartwheel.settings
    from cartwheel.cli.console import _scope
    from cartwheel.config import current

    current.cache_clear()
    renewed = importlib.reload(cartwheel.settings)
    for name in filter(str.isupper, dir(renewed)):
        setattr(settings, name, getattr(renewed, name))
    connections.settings[DEFAULT_DB_ALIAS].update(settings.DATABASES[DEFAULT_DB_ALIAS])
    for each in connections.all(initialized_only=True):  # not connected yet: nobody has asked for anything
        del connections[each.alias]
    exec(compile(sys.argv[1], "<console>", "exec"), _scope())  # noqa: S102, that is what a console is for


if __name__ == "__main__":
    main()
