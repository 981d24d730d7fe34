"""Many processes at once that dispatch, stop and run tasks, and what their journal says afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import journal
import psycopg
import pytest
from patience import PATIENCE_SECONDS
from workshop import Row, Workshop, check, workshop

TIMES = int(os.environ.get("CARTWHEEL_TEST_RACE_TIMES", "100"))


def test_whoever_meets_whom_each_task_ends_as_promised(tmp_path: Path) -> None:
    with workshop(tmp_path / "w") as shop:
        for _ in range(2):
            shop.start("supervise", 3)
        busy = [shop.start("dispatch", seed, TIMES) for seed in range(3)]
        busy += [shop.start("stop", seed, TIMES) for seed in range(2)]

        for process in busy:
            assert process.wait(TIMES + PATIENCE_SECONDS) == 0, shop.log()

        rows = shop.end_of_all()
        check(rows, shop.told(), journal.read(shop.folder))
        assert deadlocks(shop) == 0
        assert "Traceback" not in shop.log(), shop.log()


@pytest.mark.parametrize(("first", "second"), [(True, True), (True, False), (False, True), (False, False)])
def test_who_overtook_would_be_found_out(first: bool, second: bool) -> None:
    rows = {
        task: Row("journal.once", "completed", 1, None, None, None, [("r", number, alone)])
        for task, number, alone in (("1st", 1, first), ("2nd", 2, second))
    }
    stories = {task: journal.Story([time], {1: time}, done=1) for task, time in (("1st", 2.0), ("2nd", 1.0))}

    if not first and not second:  # they share it
        check(rows, [], stories)
        return
    with pytest.raises(AssertionError, match=r"^2nd overtook another at r"):
        check(rows, [], stories)


def deadlocks(shop: Workshop) -> int:
    """How often the database had to break a circle. Whoever is its victim tries again, and does not tell."""
    if not (url := shop.environ.get("CARTWHEEL_DATABASE_URL")):
        return 0
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row
    return int(row[0])
