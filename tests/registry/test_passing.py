"""The keys of pages far down a list are those that the whole list has there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.kit.ids import uuid7
from cartwheel.registry import passing
from cartwheel.registry.passing import Keys
from cartwheel.registry.pieces import from_nearer_end

pytestmark = pytest.mark.django_db

ROWS = 40


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of them were made at the same moments, some have not begun."""
    monkeypatch.setattr(passing, "FAR", 1)
    now = timezone.now()
    Task.objects.bulk_create(
        Task(
            id=uuid7(),
            name=f"t{number % 3}",
            state="waiting" if number % 10 == 0 else "completed",
            created_at=now + timedelta(seconds=number // 3),
            started_at=None if number % 10 == 0 else now + timedelta(seconds=number // 4),
        )
        for number in range(ROWS)
    )


ORDERS = {
    "the newest first": ("-created_at", "-id"),
    "by name": ("name", "-created_at", "-id"),
    "by name, turned": (F("name").desc(), "created_at", "id"),
    "by state": ("state", "-created_at", "-id"),
    "by start": (F("started_at").desc(nulls_first=True), "-created_at", "-id"),
    "by start, turned": (F("started_at").asc(nulls_last=True), "created_at", "id"),
    "by who asked": ("created_by__username", "-created_at", "-id"),
    "by key": ("-id",),
    "by no time": ("name", "-id"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_pages_are_what_the_whole_list_has_there(order: str) -> None:
    rows: QuerySet[Any] = Task.objects.order_by(*ORDERS[order])
    plain = list(rows.values_list("pk", flat=True))

    for limit in (1, 2, 7, 30):
        for start in range(ROWS):
            found = from_nearer_end(Keys(rows), start, limit, ROWS)
            assert found == plain[start : start + limit], (start, limit)
            assert Keys(rows)[start : start + limit] == found


def test_far_down_only_those_near_the_page_are_looked_at() -> None:
    for number, pk in enumerate(Task.objects.values_list("pk", flat=True)):
        Task.objects.filter(pk=pk).update(created_at=timezone.now() + timedelta(seconds=number))

    with CaptureQueriesContext(connection) as asked:
        assert len(Keys(Task.objects.order_by("name", "-created_at", "-id"))[20:25]) == 5

    passed, looked_at = (each["sql"] for each in asked)
    assert "OFFSET 15" in passed
    assert '"id"' not in passed
    assert "OFFSET" not in looked_at


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
@pytest.mark.parametrize("order", ["by name", "by state", "by start", "by start, turned"])
def test_what_is_passed_over_is_read_from_an_index_alone(order: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert Keys(Task.objects.order_by(*ORDERS[order]))[20:25]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        assert "USING COVERING INDEX" in str(cursor.fetchall())
