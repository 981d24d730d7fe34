"""Programs in Python that are imported once and run many times, each time in a process of its own.

To import pulp-cli takes longer than most of what it is asked to do. What is run is the program itself, forked
from a process that has imported it and done nothing else: with its own arguments, environment, directory and
output, to its own end. What reads its configuration when it is imported, each imports anew.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NoReturn

import temporary
from patience import PATIENCE_SECONDS

PLUGINS = {"pulp": "pulp_cli.plugins"}  # program -> the entry points that it imports when it starts
LATE = {  # program -> modules that it imports when it is told what to do
    "cartwheel": ("httpx2", *(f"cartwheel.cli.task.{each}" for each in ("listing", "show", "stop", "wait")))
}
ANEW = {
    "ansible-galaxy": "ansible"
}  # program -> its package, which reads its configuration when it is imported


class WarmProgram:
    """A program that `command` imports and then serves."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe, text=True)
        self._turn = threading.Lock()  # a test may run several side by side: one after the other here

    def run(
        self, arguments: Sequence[str], *, environ: Mapping[str, str], folder: Path
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, with nothing to read. Fails when it takes longer than all patience."""
        assert self._process.stdin
        assert self._process.stdout
        with self._turn, tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            into = [f"/proc/{os.getpid()}/fd/{each.fileno()}" for each in (output, errors)]
            wish = {
                "arguments": list(arguments),
                "environ": dict(environ),
                "folder": str(folder),
                "into": into,
            }
            print(json.dumps(wish), file=self._process.stdin, flush=True)
            came, _, _ = select.select([self._process.stdout], [], [], PATIENCE_SECONDS)
            assert came, f"{arguments} takes too long"
            code = int(self._process.stdout.readline())
            output.seek(0)
            errors.seek(0)
            return subprocess.CompletedProcess(list(arguments), code, output.read(), errors.read())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@cache
def warm(name: str) -> WarmProgram:
    """A program that is installed beside this Python, imported by the first who runs it. It ends with this process."""
    environ = {"PATH": os.defpath, "HOME": temporary.folder("cartwheel-home-"), "LANG": "C.UTF-8"}
    program = WarmProgram([sys.executable, __file__, name], environ)
    atexit.register(program.close)
    return program


def main(name: str) -> None:
    (entry,) = entry_points(group="console_scripts", name=name)
    entry.load()
    for each in entry_points(group=PLUGINS.get(name, "")):
        each.load()
    for late in LATE.get(name, ()):
        import_module(late)
    for module in [each for each in sys.modules if each.partition(".")[0] == ANEW.get(name)]:
        del sys.modules[module]
    serve(name, lambda: entry.load()())


def serve(name: str, program: Callable[[], Any]) -> None:
    """Be the program once for each wish that comes."""
    gc.freeze()  # else each looks through all of it for garbage when it ends
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            become(json.loads(line), name, program)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(wish: dict[str, Any], name: str, program: Callable[[], Any]) -> NoReturn:
    """Be the program as if it had just been started; does not return."""
    sources = [os.open(os.devnull, os.O_RDONLY), *(os.open(each, os.O_WRONLY) for each in wish["into"])]
    for number, source in enumerate(sources):
        os.dup2(source, number)
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environ"])
    sys.argv = [name, *wish["arguments"]]
    end(run(program))


def run(program: Callable[[], Any]) -> int:
    """The exit code that Python would end with."""
    try:
        sys.exit(program())
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            return ending.code or 0
        print(ending.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001, a forked process must not return into its parent's code
        traceback.print_exc()
    return 1


def end(code: int) -> NoReturn:
    """As Python does it, but without taking apart all that was imported: that takes longer than most of what is run."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
