"""Who waits for whom in the database, where that needs two connections to see."""

from __future__ import annotations

import threading
from collections.abc import Callable

import make
import pytest
from django.db import connection, transaction
from hub import eventually

from cartwheel.engine.endings import Outcome, finish
from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.engine.stopping import cancel

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_two_who_stop_a_task_that_ends_do_not_wait_in_a_circle() -> None:
    got = make.claimed(exclusive=["r"])
    outcome = Outcome(got.task_id, got.claim, State.FAILED, error={"description": "no"})
    problems: list[Exception] = []

    with transaction.atomic():
        Task.objects.filter(pk=got.task_id).update(state=State.CANCELING)  # the first, about to commit
        second = beside(lambda: cancel(Task.objects.get(pk=got.task_id)), problems)
        eventually(lambda: waiting_for_locks() == 1, what="the second being held up")
        end = beside(lambda: finish([outcome]), problems)
        eventually(lambda: waiting_for_locks() == 2, what="the end being held up")
    second.join(20)
    end.join(20)

    assert problems == []
    assert Task.objects.get(pk=got.task_id).state == "canceled"
