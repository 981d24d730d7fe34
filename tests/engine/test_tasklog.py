"""How much of a task's log is kept, and that none of it is lost on the way."""

from __future__ import annotations

import time

import make
import pytest

from cartwheel.engine.models import Event, LogLine
from cartwheel.engine.tasklog import CHARACTERS, CUT, HELD_SECONDS, LINES, Allowance, TaskLog
from cartwheel.kit.ids import uuid7


def kept(lines: list[str]) -> list[tuple[str, str]]:
    allowance = Allowance()
    return [each for text in lines if (each := allowance.allowed("INFO", text))]


def test_the_last_line_that_is_kept_says_that_there_were_more() -> None:
    assert kept(["a"] * (LINES + 5)) == [("INFO", "a")] * (LINES - 1) + [("WARNING", CUT)]


def test_a_few_long_lines_use_it_up_as_well() -> None:
    assert kept(["a" * CHARACTERS, "b", "c"]) == [("INFO", "a" * CHARACTERS), ("WARNING", CUT)]


def test_one_that_is_not_cut_is_kept_as_it_is() -> None:
    assert kept(["a", "", "b"]) == [("INFO", "a"), ("INFO", ""), ("INFO", "b")]


@pytest.mark.django_db
def test_lines_are_written_together_and_told_of_but_for_those_of_tasks_that_are_gone() -> None:
    task, log = make.task(), TaskLog()
    before = Event.objects.filter(kind=Event.Kind.LOG).count()
    for text in ("one", "two"):
        log.keep(task.pk, Allowance(), 0.5, "INFO", text)
        log.keep(uuid7(), Allowance(), 0.5, "INFO", "of nobody")

    assert log.due <= time.monotonic() + HELD_SECONDS
    log.write()

    lines = LogLine.objects.order_by("pk")
    assert [(line.task_id, line.message) for line in lines] == [(task.pk, "one"), (task.pk, "two")]
    assert Event.objects.filter(kind=Event.Kind.LOG).count() == before + 1
    assert log.due == float("inf")
    log.write()
    assert LogLine.objects.count() == 2
