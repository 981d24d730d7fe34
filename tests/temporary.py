"""Folders that last as long as the process that runs tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile


def folder(prefix: str) -> str:
    made = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
