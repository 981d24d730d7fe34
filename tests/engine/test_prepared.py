"""Statements that are built once."""

from __future__ import annotations

import threading

import make
import pytest
from django.db import connection
from django.db.models import CharField, DateTimeField, F, JSONField
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cartwheel.engine.models import Task
from cartwheel.engine.prepared import Change, Given, GivenSeveral, Query
from cartwheel.engine.states import State
from cartwheel.kit.ids import uuid7

pytestmark = pytest.mark.django_db

COLUMNS = ("id", "name", "kwargs", "created_at", "worker__name")
KEY = Given("key", Task._meta.pk)
KEYS = GivenSeveral("keys", Task._meta.pk)
BY_KEY = Query(lambda: Task.objects.filter(pk=KEY).values(*COLUMNS))
BY_KEYS = Query(lambda: Task.objects.filter(pk__among=KEYS).order_by("name").values(*COLUMNS))
END = Change(
    lambda: Task.objects.filter(pk__among=KEYS, state=State.WAITING),
    state=State.FAILED,
    claim=F("claim") + 1,
    finished_at=Given("now", DateTimeField()),
    error=Given("error", JSONField()),
)


def test_it_gives_what_the_query_itself_gives() -> None:
    made = [make.task(kwargs={"number": number}) for number in range(2)]

    for task in made:
        assert BY_KEY(key=task.pk) == list(Task.objects.filter(pk=task.pk).values(*COLUMNS))


def test_it_gives_nothing_where_there_is_nothing() -> None:
    assert BY_KEY(key=uuid7()) == []


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_one_statement_serves_any_number_of_keys(count: int) -> None:
    made = [make.task(name=f"task.{number}") for number in range(3)]

    rows = BY_KEYS(keys=[each.pk for each in made[:count]])

    assert [row["name"] for row in rows] == [each.name for each in made[:count]]


def test_a_change_changes_those_rows_and_tells_how_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, second, other = [make.task() for _ in range(3)]
    now = timezone.now()

    with django_assert_num_queries(1):
        count = END(keys=[first.pk, second.pk], now=now, error={"description": "so it is"})

    assert count == 2
    for task in (first, second):
        task.refresh_from_db()
        assert (task.state, task.claim, task.finished_at) == (State.FAILED, 1, now)
        assert task.error == {"description": "so it is"}
    other.refresh_from_db()
    assert other.state == State.WAITING


def test_a_change_does_not_build_its_statement_anew() -> None:
    keys = [make.task().pk for _ in range(2)]
    END(keys=keys[:1], now=timezone.now(), error=None)
    built = END._built

    END(keys=keys, now=timezone.now(), error={})

    assert END._built is built


@pytest.mark.django_db(transaction=True)
def test_threads_share_what_is_built_and_use_their_own_connections() -> None:
    task = make.task()
    found: list[object] = []

    def ask() -> None:
        found.extend(row["id"] for row in BY_KEY(key=task.pk))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [task.pk] * 3


def test_of_what_is_found_by_its_key_only_what_is_still_as_it_was_is_taken() -> None:
    state = Given("state", CharField())
    by_key = Query(lambda: Task.objects.filter(pk__among=KEYS, state__still=state).values("pk"))
    first, second = make.task(), make.task()
    Task.objects.filter(pk=second.pk).update(state=State.RUNNING)

    found = by_key(keys=[first.pk, second.pk], state=State.RUNNING)

    assert found == [{"pk": second.pk}]
