"""How a child ended, as its task tells it."""

from __future__ import annotations

import errno
import gc
import os
import selectors
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import make
import pytest
from processes import children
from pytest_django import Settings

from cartwheel.engine import crew


def death(status: int, *, kills_before: int = 0, killed_because: str = "") -> crew.Death:
    hand: Any = SimpleNamespace(memory_kills=kills_before, killed_because=killed_because)
    return crew._death(hand, status, 2048)


@pytest.fixture(autouse=True)
def one_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel has killed one process as memory ran out."""
    monkeypatch.setattr(crew, "out_of_memory_kills", lambda: 1)


def test_one_that_was_killed_as_memory_ran_out_says_so() -> None:
    told = death(signal.SIGKILL)

    assert told.reason == (
        "Killed by signal 9 (SIGKILL). The machine was out of memory; the task had taken 2 MB."
    )
    assert told.facts == {"peak_memory_mb": 2, "signal": 9, "out_of_memory": True}


def test_one_that_was_killed_otherwise_does_not() -> None:
    assert "out_of_memory" not in death(signal.SIGKILL, kills_before=1).facts
    assert "out_of_memory" not in death(signal.SIGSEGV).facts


def test_what_its_supervisor_killed_it_for_goes_before() -> None:
    told = death(signal.SIGKILL, killed_because="It did not stop when it was asked to.")

    assert (told.reason, told.facts) == (
        "It did not stop when it was asked to.",
        {"peak_memory_mb": 2, "signal": 9},
    )


def test_one_that_ended_by_itself_tells_its_exit_code() -> None:
    assert death(3 << 8).facts == {"peak_memory_mb": 2, "exit_code": 3}


def test_one_of_whose_end_nobody_would_be_told_is_gone_at_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pid: int) -> int:
        raise OSError(errno.ENFILE, "Too many open files in system")

    settings.CONFIG = make.config(data=tmp_path)
    monkeypatch.setattr(os, "pidfd_open", refuse)
    with selectors.DefaultSelector() as selector:
        before = _held(tmp_path)

        with pytest.raises(OSError, match="Too many"):
            crew.Crew(uuid4(), selector).hire(lambda: None)

        assert _held(tmp_path) <= before  # what others have left here may be closed meanwhile


def _held(folder: Path) -> set[object]:
    """Children, what is open, and files of what workers have begun."""
    gc.collect()
    return {*children(os.getpid()), *_open(), *folder.rglob("begun-*")}


def _open() -> Iterator[tuple[str, str]]:
    for each in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing of this folder
            yield each.name, str(each.readlink())
