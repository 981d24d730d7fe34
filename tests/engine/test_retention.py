"""Forgetting tasks that ended long ago."""

from __future__ import annotations

from datetime import timedelta

import make
import pytest
from django.db import connection
from django.utils import timezone

from cartwheel.engine import retention
from cartwheel.engine.models import LogLine, Task, TaskGroup
from cartwheel.engine.states import State

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=100)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "FEWEST", 2)
    monkeypatch.setattr(retention, "LINES", 3)


def ended(state: State, lines: int = 0) -> Task:
    made = make.task()
    Task.objects.filter(pk=made.pk).update(state=state, finished_at=LONG_AGO)
    LogLine.objects.bulk_create(
        LogLine(task=made, time=LONG_AGO, level="INFO", message="line") for _ in range(lines)
    )
    return made


def test_all_that_is_old_goes_step_by_step_with_its_log() -> None:
    for number in range(5):
        ended(State.FAILED, lines=number)
        ended(State.COMPLETED)
    left = make.task()

    retention.purge(timezone.now().isoformat(), ["failed"])

    assert not LogLine.objects.exists()
    assert Task.objects.filter(state=State.COMPLETED).count() == 5
    retention.retire()
    assert list(Task.objects.all()) == [left]


def test_what_is_kept_stays_and_holds_up_nothing() -> None:
    kept = ended(State.COMPLETED, lines=1)
    Task.objects.filter(pk=kept.pk).update(is_kept=True)
    for _ in range(3):
        ended(State.COMPLETED)

    retention.retire()

    assert list(Task.objects.all()) == [kept]
    assert LogLine.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
def test_the_oldest_are_read_from_an_index_step_by_step() -> None:
    plan = retention._first(retention._ended(LONG_AGO, [State.COMPLETED]), 2).explain()

    assert "USING INDEX task_ended" in plan
    assert "TEMP B-TREE" not in plan


def test_groups_go_when_they_have_no_tasks_any_more() -> None:
    for name in ("old", "older", "empty"):
        group = TaskGroup.objects.create(description=name, created_at=LONG_AGO)
        if name != "empty":
            Task.objects.filter(pk=ended(State.COMPLETED).pk).update(task_group=group)
    in_use = TaskGroup.objects.create(created_at=LONG_AGO)
    make.task(group=in_use)
    new = TaskGroup.objects.create()

    retention.retire()

    assert set(TaskGroup.objects.all()) == {in_use, new}
