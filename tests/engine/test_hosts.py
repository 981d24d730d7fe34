"""Two hosts over one database, one of which falls silent and comes back."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import journal
import postgres
import pytest
from patience import PATIENCE_SECONDS, eventually
from processes import children
from workshop import Row, Workshop, workshop


def begun(shop: Workshop) -> int:
    return sum(len(story.begun) for story in journal.read(shop.folder).values())


def done(shop: Workshop) -> int:
    return sum(story.done for story in journal.read(shop.folder).values())


def states(rows: dict[str, Row], name: str) -> list[tuple[str, int]]:
    return [(row.state, row.attempt) for row in rows.values() if row.name == name]


def with_prompt_ones_done(shop: Workshop) -> dict[str, Row]:
    rows = shop.report()
    return rows if states(rows, "journal.prompt") == [("completed", 1)] * 2 else {}


@pytest.mark.skipif(not postgres.is_wanted(), reason="SQLite is for one host")
def test_a_host_that_was_silent_for_too_long_cannot_end_what_others_have_settled(tmp_path: Path) -> None:
    with workshop(tmp_path / "w") as shop:
        first = shop.start("supervise", 2, "first")
        shop.do("order", "journal.patient", "r")
        shop.do("order", "journal.stubborn", "s")
        eventually(lambda: begun(shop) == 2, what="the begin of both")
        shop.start("supervise", 2, "second")
        shop.do("order", "journal.prompt", "r")  # behind the patient one
        shop.do("order", "journal.prompt", "t")
        eventually(lambda: done(shop) == 1, what="the arrival of the second host")
        hands = children(first.pid)

        for pid in (first.pid, *hands):
            os.kill(pid, signal.SIGSTOP)
        eventually(lambda: begun(shop) == 5, what="their settlement by the second host")
        settled = eventually(lambda: with_prompt_ones_done(shop), what="the end of what was behind them")

        (shop.folder / "go-1").touch()
        for pid in hands:
            os.kill(pid, signal.SIGCONT)
        eventually(lambda: done(shop) == 4, what="the late end of their work on the first host")
        first.send_signal(signal.SIGCONT)
        first.terminate()
        assert first.wait(PATIENCE_SECONDS) == 0, shop.log()

        assert states(settled, "journal.patient") == [("failed", 1)]
        assert states(settled, "journal.stubborn") == [("running", 2)]
        assert shop.report() == settled
        (shop.folder / "go-2").touch()
        rows = shop.end_of_all()
        assert states(rows, "journal.stubborn") == [("completed", 2)]
        assert states(rows, "journal.prompt") == [("completed", 1)] * 2
        assert {row.worker and row.worker.partition("@")[2] for row in rows.values()} == {"first", "second"}
