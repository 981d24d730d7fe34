"""How a supervisor talks with a child that may have stopped in the middle of a word."""

from __future__ import annotations

import os
import selectors
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import journal
import pytest
from patience import PATIENCE_SECONDS, eventually
from processes import children, is_stopped
from workshop import workshop

from cartwheel.engine import line
from cartwheel.engine.line import Line


class Ends:
    def __init__(self) -> None:
        ours, self.child = socket.socketpair()
        self.child.settimeout(PATIENCE_SECONDS)
        self.selector = selectors.DefaultSelector()
        self.line = Line(ours, self.selector, 1)

    def is_to_write(self) -> bool:
        return any(mask & selectors.EVENT_WRITE for _, mask in self.selector.select(0))


@pytest.fixture
def ends() -> Iterator[Ends]:
    made = Ends()
    yield made
    made.line.hang_up()
    made.line.close()
    made.child.close()
    made.selector.close()


def test_half_a_message_is_kept_until_the_rest_comes(ends: Ends) -> None:
    ends.child.sendall(b"one\ntw")
    assert ends.line.receive() == [b"one"]
    with pytest.raises(BlockingIOError):
        ends.line.receive()

    ends.child.sendall(b"o\n")

    assert ends.line.receive() == [b"two"]


def test_who_does_not_read_keeps_nobody_waiting(ends: Ends) -> None:
    long = b"x" * 4_000_000

    ends.line.send(long)
    ends.line.send(b"next")

    got = bytearray()
    while not got.endswith(b"\nnext\n"):
        got += ends.child.recv(100_000)
        if ends.is_to_write():
            ends.line.go_on_sending()
    assert got == long + b"\nnext\n"
    assert not ends.is_to_write()


def test_the_end_is_told(ends: Ends) -> None:
    ends.child.sendall(b"last\nhal")
    ends.child.close()

    assert ends.line.receive() == [b"last"]
    with pytest.raises(EOFError):
        ends.line.receive()
    ends.line.send(b"x" * 1_000_000)  # nobody is there


def test_a_message_without_end_is_not_read_for_ever(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LIMIT", 100)
    ends.child.sendall(b"x" * 101)

    with pytest.raises(ValueError, match="more than 100 bytes"):
        ends.line.receive()


def test_a_child_that_stops_in_the_middle_of_a_message_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with workshop(tmp_path / "w") as shop:
        supervisor = shop.start("supervise", 2)
        shop.do("order", "journal.speechless", "r")
        stopped = eventually(
            lambda: [pid for pid in children(supervisor.pid) if is_stopped(pid)], what="the stop"
        )

        shop.do("order", "journal.prompt", "s", 3)

        eventually(lambda: sum(story.done for story in journal.read(shop.folder).values()) == 3)
        os.kill(stopped[0], signal.SIGCONT)
        rows = shop.end_of_all()
        assert {row.state for row in rows.values()} == {"completed"}
