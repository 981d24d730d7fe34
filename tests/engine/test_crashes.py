"""Workers and PostgreSQL itself are killed at random, and what was dispatched is looked at afterwards."""

from __future__ import annotations

import random
import time
from pathlib import Path

import journal
import postgres
import pytest
from hub import PATIENCE_SECONDS
from own_server import own_server
from workshop import check, kill_somebody, workshop

TIMES = 150


@pytest.mark.skipif(not postgres.is_wanted(), reason="SQLite has no server that could crash")
def test_whatever_is_killed_with_the_database_each_task_ends_as_promised(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311, dice
    with own_server() as server, workshop(tmp_path / "w", database_url=server.url) as shop:
        supervisors = [shop.start("supervise", 2) for _ in range(2)]
        busy = [shop.start("dispatch", seed, TIMES) for seed in range(2)]
        busy += [shop.start("stop", 0, TIMES)]
        for crash in (False, True, False):
            for _ in range(4):
                time.sleep(dice.uniform(0.2, 0.8))
                kill_somebody(supervisors, dice)
            if crash:
                server.crash()
                server.start()
            dead = [each for each in supervisors if each.poll() is not None]
            supervisors = [each for each in supervisors if each not in dead]
            supervisors += [shop.start("supervise", 2) for _ in dead]

        for process in busy:
            assert process.wait(PATIENCE_SECONDS) == 0, shop.log()

        rows = shop.end_of_all()
        check(rows, shop.told(), journal.read(shop.folder))
