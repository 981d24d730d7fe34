"""How far a task says it is."""

from __future__ import annotations

import make
import pytest
from patience import eventually

from cartwheel.engine import context, progress
from cartwheel.engine.endings import settle
from cartwheel.engine.models import ProgressReport, Task

pytestmark = pytest.mark.django_db


def test_a_worker_that_lost_its_task_reports_nothing_any_more() -> None:
    got = make.claimed()
    with (
        context.running(Task.objects.get(pk=got.task_id)),
        progress.progress("Counting", code="count", total=3) as report,
    ):
        settle([got.worker_id], "Worker has gone missing.")
        report.done = 2

    told = ProgressReport.objects.get()
    assert (told.state, told.done) == ("failed", 0)


@pytest.mark.parametrize(("done", "told"), [(-1, 0), (10**30, 2**63 - 1)])
def test_a_report_of_a_figure_that_cannot_be_is_none_of_a_failure(done: int, told: int) -> None:
    got = make.claimed()

    with (
        context.running(Task.objects.get(pk=got.task_id)),
        progress.progress("a\0b", code="count", total=done) as report,
    ):
        report.done = done

    row = ProgressReport.objects.get()
    assert (row.message, row.total, row.done, row.state) == ("a?b", told, told, "completed")


@pytest.mark.django_db(transaction=True)
def test_a_task_that_is_busy_for_long_has_told_its_last_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LATE_SECONDS", 0.5)
    got = make.claimed()

    with (
        context.running(Task.objects.get(pk=got.task_id)),
        progress.progress("Counting", code="count", total=3) as report,
    ):
        report.increase()
        told = eventually(lambda: ProgressReport.objects.get().done)

    assert told == 1
