"""Many processes at once that dispatch, stop and run tasks, and what their journal says afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import journal
import psycopg
from workshop import Workshop, check, workshop

SECONDS = float(os.environ.get("CARTWHEEL_TEST_RACE_SECONDS", "5"))


def test_whoever_meets_whom_each_task_ends_as_promised(tmp_path: Path) -> None:
    with workshop(tmp_path / "w") as shop:
        for _ in range(2):
            shop.start("supervise", 3)
        busy = [shop.start("dispatch", seed, SECONDS) for seed in range(3)]
        busy += [shop.start("stop", seed, SECONDS) for seed in range(2)]

        for process in busy:
            assert process.wait(SECONDS + 60) == 0, shop.log()

        rows = shop.end_of_all(within=60)
        check(rows, shop.told(), journal.read(shop.folder))
        assert len(rows) > 100
        assert deadlocks(shop) == 0
        assert "Traceback" not in shop.log(), shop.log()


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
