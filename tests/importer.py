"""A Python that has galaxy-importer beside the hub, as `pip install cartwheel[importer]` makes it.

The tests' own has none, as most hubs have none. This one is made once and kept beside the real collections;
all else it finds in the tests' own.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

from real_collections import Unavailable, cache_directory

PROJECT = Path(__file__).parents[1]


def python_with_importer() -> Path:
    """Raises Unavailable."""
    folder = cache_directory() / f"importer-{sys.version_info[0]}.{sys.version_info[1]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, clear=True, symlinks=True)
        _install(python)
        (folder / "complete").touch()
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "tests.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return python


def _install(python: Path) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    command += project["optional-dependencies"]["importer"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Unavailable(f"pip cannot install galaxy-importer: {last}")
