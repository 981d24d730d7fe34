"""Which indexes the database reads for what workers ask all the time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from cartwheel.engine import claims
from cartwheel.engine.models import Reservation, Task
from cartwheel.engine.states import State
from cartwheel.kit.ids import uuid7

pytestmark = pytest.mark.django_db

ASKED = [
    (claims._past(None)[:1], "task_ready"),
    (Task.objects.scheduled().order_by("not_before")[:1], "task_scheduled"),
    (
        Task.objects.incomplete().filter(root__lt=uuid7()).order_by("root").values("pk")[:1],
        "task_incomplete",
    ),
    (Reservation.objects.active().filter(resource="r").order_by("id")[:1], "reservation_queue"),
    (
        Reservation.objects.alone().filter(resource="r").order_by("id")[:1],
        "reservation_alone",
    ),
    (Task.objects.ready().order_by("rank", "id").values("id")[:1], "task_ready"),
    (Task.objects.made_by_hand(), "task_by_hand"),
    (Task.objects.under_way().filter(state=State.CANCELING, worker__in=[uuid7()]), "task_under_way"),
    (Task.objects.under_way().filter(worker__in=[uuid7()]), "task_under_way"),
]


@pytest.mark.parametrize(("rows", "index"), ASKED)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the plan is read in SQLite's words")
def test_what_workers_ask_reads_an_index_of_what_is_active_only(rows: QuerySet[Any], index: str) -> None:
    assert f"USING INDEX {index}" in rows.explain()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite does not look at sizes")
def test_with_many_tasks_blocked_and_ended_nothing_is_read_from_end_to_end() -> None:
    ended = [Task(name="ended", state=State.COMPLETED, root=uuid7()) for _ in range(10_000)]
    blocked = [Task(name="blocked", pending=1, root=uuid7()) for _ in range(10_000)]
    Task.objects.bulk_create(ended + blocked, batch_size=2000)
    Reservation.objects.bulk_create(
        [Reservation(task=each, resource=f"r{number}", exclusive=True) for number, each in enumerate(blocked)]
        + [Reservation(task=each, resource="r", exclusive=True, hold=2) for each in ended],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE engine_task, engine_reservation")

    plans = [rows.all().explain() for rows, _ in ASKED]
    plans += [Task.objects.order_by("-created_at", "-id")[:100].explain()]
    plans += [Reservation.objects.active().filter(task__in=[blocked[0].pk]).explain()]

    assert [plan for plan in plans if re.search(r"Seq Scan on engine_(task|reservation)\b", plan)] == []
