"""What the database reads for what workers do all the time, where very many tasks are there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import make
import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from cartwheel.engine import caretaking, claims, stopping
from cartwheel.engine.claims import claim, is_any_ready
from cartwheel.engine.endings import Outcome, finish, give_back
from cartwheel.engine.models import Reservation, Task
from cartwheel.engine.states import State
from cartwheel.engine.stopping import cancel
from cartwheel.kit.ids import uuid7

pytestmark = pytest.mark.django_db

MANY = int(os.environ.get("CARTWHEEL_TEST_ROWS", "20000"))
READ_LIMIT = 60  # rows that any of these acts may look at
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


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL reads the rows all the same")
def test_tasks_of_paused_functions_are_passed_over_without_reading_their_rows() -> None:
    tasks = claims._past(None).exclude(name__in=["paused"]).values(*claims.COLUMNS)[:1]

    sql, parameters = tasks.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        steps = [(act, place, str(more)) for _, act, place, _, _, more, *_ in cursor.fetchall()]
    (index,) = [place for act, place, more in steps if act == "OpenRead" and more.startswith("k(")]
    first_read = next(place for act, place, _ in steps if act == "Column")
    assert first_read == index


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite does not look at sizes")
def test_with_many_tasks_blocked_and_ended_nothing_is_read_from_end_to_end() -> None:
    blocked = make_many()

    plans = [rows.all().explain() for rows, _ in ASKED]
    plans += [Task.objects.order_by("-created_at", "-id")[:100].explain()]
    plans += [Reservation.objects.active().filter(task__in=[blocked]).explain()]

    assert [plan for plan in plans if re.search(r"Seq Scan on engine_(task|reservation)\b", plan)] == []


def test_what_is_done_for_a_task_costs_the_same_however_many_others_there_are() -> None:
    acts = {
        act.__name__: act
        for act in (
            run_one,
            run_two_in_line,
            run_several,
            stop_one,
            try_one_again,
            give_one_back,
            look_around,
        )
    }
    for act in acts.values():
        for _ in range(8):
            act()  # so that whatever is kept is there: known resources, and PostgreSQL's plan for any value
    few = {name: cost(act) for name, act in acts.items()}
    make_many()

    many = {name: cost(act) for name, act in acts.items()}

    dear = {name: (few[name], many[name]) for name in acts if many[name] > max(2 * few[name], READ_LIMIT)}
    assert dear == {}


# -- what is done for tasks -------------------------------------------------------------------------


def run_one() -> None:
    make.end(make.claimed(exclusive=["mine"], shared=["ours"]))


def run_two_in_line() -> None:
    first = make.claimed(exclusive=["mine"])
    make.task(exclusive=["mine"])
    make.end(first)
    make.end(claim({make.worker().pk: 1})[0])


def stop_one() -> None:
    first = make.claimed(exclusive=["mine"])
    second = make.task(exclusive=["mine"])
    cancel(second)
    cancel(Task.objects.get(pk=first.task_id))
    make.end(first, State.CANCELED)


def try_one_again() -> None:
    got = make.claimed(exclusive=["mine"])
    finish([Outcome(got.task_id, got.claim, State.FAILED, retry_seconds=600)])
    cancel(Task.objects.get(pk=got.task_id))


def give_one_back() -> None:
    give_back([make.claimed(exclusive=["mine"])])
    make.end(claim({make.worker().pk: 1})[0])


def run_several() -> None:
    worker = make.worker().pk
    for _ in range(20):
        make.task()
    finish([Outcome(each.task_id, each.claim, State.COMPLETED) for each in claim({worker: 20})])


def look_around() -> None:
    """What supervisors do by the clock, whatever happens."""
    worker = make.worker().pk
    caretaking.every_second()
    stopping.to_stop([worker])
    stopping.settle_rows_made_by_hand()
    caretaking.dead_workers([worker])
    is_any_ready()


# -- how much is read -------------------------------------------------------------------------------


def cost(act: Callable[[], object]) -> int:
    """How many rows PostgreSQL reads, or how many hundreds of steps SQLite takes."""
    return rows_read(act) if connection.vendor == "postgresql" else hundreds_of_steps(act)


def rows_read(act: Callable[[], object]) -> int:
    count = (
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
        " WHERE relname IN ('engine_task', 'engine_reservation', 'engine_resource')"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(count)
        before = cursor.fetchone()[0]
        act()
        cursor.execute(count)
        return int(cursor.fetchone()[0] - before)


def hundreds_of_steps(act: Callable[[], object]) -> int:
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection.ensure_connection()
    database: Any = connection.connection
    database.set_progress_handler(count, 100)
    try:
        act()
    finally:
        database.set_progress_handler(None, 100)
    return counted


# -- many tasks -------------------------------------------------------------------------------------


def make_many() -> UUID:
    """Tasks that wait in one line, and as many that have ended. Returns one of those that wait."""
    make.claimed(exclusive=["crowded"])
    blocked = make.task(exclusive=["crowded"])
    ended = make.claimed(exclusive=["mine"])
    make.end(ended)
    for task_id, count in ((blocked.pk, MANY), (ended.task_id, MANY)):
        task = Task.objects.get(pk=task_id)
        copy(task, count)
        place = Reservation.objects.get(task=task_id)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO engine_reservation (task_id, resource, exclusive, hold)"
                " SELECT id, %s, %s, %s FROM engine_task WHERE state = %s"
                " AND id NOT IN (SELECT task_id FROM engine_reservation)",
                [place.resource, place.exclusive, place.hold, task.state],
            )
    if connection.vendor == "postgresql":  # which does it by itself; nobody ever does it in SQLite
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return blocked.pk


def copy(row: Task, count: int) -> None:
    """Insert a task once more, so many times."""
    table, columns = row._meta.db_table, [str(field.column) for field in row._meta.concrete_fields]
    new_id = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    values = [new_id if name in ("id", "root") else f"one.{name}" for name in columns]
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{numbers} INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608, names of our own
            f" SELECT {', '.join(values)} FROM {table} AS one, numbers WHERE one.id = %s",
            [count, Task._meta.get_field("id").get_db_prep_value(row.pk, connection)],
        )
