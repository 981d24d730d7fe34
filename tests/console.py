"""The hub's console, kept open: to start it for each line would take most of the time of many tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("cartwheel"))
LOOP = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    said, problem = io.StringIO(), ""
    with contextlib.redirect_stdout(said):
        try:
            exec(json.loads(line), dict(globals()))
        except Exception:  # whatever the code raises is told to the test that sent it
            problem = traceback.format_exc()
    print(json.dumps([said.getvalue(), problem]), flush=True)
"""


class Console:
    """Each code that it is given runs by itself: it finds no names that another has left."""

    def __init__(self, environ: dict[str, str]) -> None:
        pipe = subprocess.PIPE
        command = [COMMAND, "console", "-c", LOOP]
        self._process = subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe, text=True)

    def run(self, code: str) -> str:
        """What the code prints."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(code), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the console has ended"
        said, problem = json.loads(answer)
        assert not problem, problem
        return str(said)

    def close(self) -> None:
        self._process.communicate()
