"""The processes of `cartwheel serve`."""

from __future__ import annotations

import errno
import os
import signal

import pytest

from cartwheel.cli import serve
from cartwheel.cli.serve import Family


def test_a_signal_that_comes_while_a_part_is_started_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []

    def fork() -> int:
        signal.raise_signal(signal.SIGTERM)
        return 4242

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(os, "kill", lambda pid, sign: told.append((pid, sign)))
    family = Family({"web": lambda: None})
    before = signal.signal(signal.SIGTERM, family._stop)

    try:
        family._start("web")
    finally:
        signal.signal(signal.SIGTERM, before)

    assert told == [(4242, signal.SIGTERM)]


def test_no_part_is_started_after_the_signal_that_ends_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def fork() -> int:
        started.append(4242)
        signal.raise_signal(signal.SIGTERM)
        return started[-1]

    def wait() -> tuple[int, int]:  # the test has other children
        raise ChildProcessError

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(os, "wait", wait)
    monkeypatch.setattr(os, "kill", lambda pid, sign: None)
    monkeypatch.setattr(serve, "_load", lambda: None)
    family = Family({"web": lambda: None, "workers": lambda: None})
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL), signal.signal(signal.SIGINT, signal.SIG_DFL)

    try:
        assert family.run() == 0
    finally:
        for sign, handler in zip(serve.ENDINGS, before, strict=True):
            signal.signal(sign, handler)

    assert started == [4242]


def test_where_there_is_no_room_for_a_part_that_ended_it_is_started_when_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = [False, False, True]

    def fork() -> int:
        if not room.pop(0):
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return 4243

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(os, "wait", lambda: (4242, signal.SIGKILL))
    monkeypatch.setattr(serve, "RESTART_SECONDS", 0)
    family = Family({"web": lambda: None})
    family._running = {4242: "web"}

    family._wait()

    assert family._running == {4243: "web"}
