"""Processes, as the kernel tells of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """None if there is no such process."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


def parent(pid: int) -> int:
    return int(_facts(pid)[1])


def sockets(pid: int) -> set[str]:
    """Those that a process has open, and what it waits with for them; the same name is the same thing."""
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(each.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return {name for name in found if name.startswith(("socket:", "anon_inode:[eventpoll]"))}


def is_dead(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return _facts(pid)[0] == "Z"
    return True


def is_stopped(pid: int) -> bool:
    return _facts(pid)[0] == "T"


@contextmanager
def at_rest(*pids: int) -> Iterator[None]:
    """They stand still meanwhile."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _facts(pid: int) -> list[str]:
    """What /proc/PID/stat has behind the name: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
