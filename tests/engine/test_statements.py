"""What a task has asked PostgreSQL for ends with the task: else it could still change something afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import postgres
import psycopg
import pytest
from patience import eventually
from workshop import Workshop, workshop

pytestmark = pytest.mark.skipif(
    not postgres.is_wanted(), reason="SQLite's statements run in the task's process"
)


@pytest.fixture
def url() -> str:
    return postgres.new_database()


@pytest.fixture
def shop(tmp_path: Path, url: str) -> Iterator[Workshop]:
    """Where a task waits for a statement that takes ten minutes."""
    with workshop(tmp_path / "w", database_url=url) as made:
        made.start("supervise", 1)
        made.do("order", "journal.asking", "r")
        eventually(lambda: asked(url), what="the statement")
        yield made


def asked(url: str) -> list[int]:
    """The ports of those who are in the middle of the statement, as the server has it."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT client_port FROM pg_stat_activity"
            " WHERE state = 'active' AND query = 'SELECT pg_sleep(600)' AND datname = current_database()"
        )
        return [port for (port,) in rows]


def state(shop: Workshop) -> str:
    (row,) = shop.report().values()
    return row.state


def test_it_is_canceled_before_a_stopped_task_reads_so(shop: Workshop, url: str) -> None:
    shop.do("stop", 1, 1)

    eventually(lambda: state(shop) == "canceled", what="the end of the task")
    assert asked(url) == []


def test_it_is_given_up_when_the_process_is_killed(shop: Workshop, url: str) -> None:
    (row,) = shop.report().values()
    assert row.worker is not None

    os.kill(int(row.worker.split("@")[0]), signal.SIGKILL)

    eventually(lambda: state(shop) == "failed", what="the end of the task")
    eventually(lambda: not asked(url), what="the end of the statement")
