"""Queries that are compiled once."""

from __future__ import annotations

import threading

import make
import pytest
from django.db import connection

from cartwheel.engine.models import Task
from cartwheel.engine.prepared import Prepared
from cartwheel.kit.ids import uuid7

pytestmark = pytest.mark.django_db

BY_KEY = Prepared(
    Task._meta.pk,
    lambda key: Task.objects.filter(pk=key).values("id", "name", "kwargs", "created_at", "worker__name"),
    uuid7(),
)


def test_it_gives_what_the_query_itself_gives() -> None:
    made = [make.task(kwargs={"number": number}) for number in range(2)]

    for task in made:
        asked = Task.objects.filter(pk=task.pk).values("id", "name", "kwargs", "created_at", "worker__name")
        assert BY_KEY(task.pk) == list(asked)


def test_it_gives_nothing_where_there_is_nothing() -> None:
    assert BY_KEY(uuid7()) == []


@pytest.mark.django_db(transaction=True)
def test_each_thread_has_its_own() -> None:
    task = make.task()
    found: list[object] = []

    def ask() -> None:
        found.extend(row["id"] for row in BY_KEY(task.pk))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [task.pk] * 3
