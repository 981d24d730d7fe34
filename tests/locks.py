"""Two connections to the database: what one does beside the other, and whether it waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else it stays as first seen in this transaction
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        found: int = cursor.fetchone()[0]
        return found


def beside(act: Callable[[], object], problems: list[Exception]) -> threading.Thread:
    """Do it in a thread, over a connection of its own."""

    def do() -> None:
        try:
            act()
        except Exception as problem:  # noqa: BLE001, the test tells it
            problems.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    return thread
