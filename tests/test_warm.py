"""Programs that are run again and again, each time as if they had just been started."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import warm
from warm import WarmProgram

PROGRAM = """
import atexit, sys

def program():
    atexit.register(print, "at its end")
    print("says", sys.argv[1:])
    return eval(sys.argv[1])
"""


@pytest.fixture(scope="module")
def program() -> Iterator[WarmProgram]:
    code = f"{PROGRAM}\nimport warm; warm.serve('x', program)"
    environ = os.environ | {"PYTHONPATH": str(Path(warm.__file__).parent)}
    made = WarmProgram([sys.executable, "-c", code], environ)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("given", "code", "last"),
    [
        ("None", 0, ""),
        ("3", 3, ""),
        ("'so it is'", 1, "so it is"),
        ("exit(4)", 4, ""),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_it_ends_as_it_would_by_itself(
    program: WarmProgram, tmp_path: Path, given: str, code: int, last: str
) -> None:
    done = program.run([given], environ={}, folder=tmp_path)

    assert done.returncode == code
    assert done.stdout == f"says [{given!r}]\nat its end\n"
    assert done.stderr.strip().rpartition("\n")[2] == last
