"""What is counted for monitoring."""

from __future__ import annotations

import pytest

from cartwheel.engine.metrics import Tally, exposition
from cartwheel.engine.models import Statistic

pytestmark = pytest.mark.django_db


def test_names_that_are_not_known_count_as_one_however_many_they_are() -> None:
    tally = Tally()
    for number in range(3):
        tally.outcome(f"made.by.hand.{number}", "failed")
        tally.took(f"made.by.hand.{number}", "ran", 0.1)
    tally.outcome("os.getpid", "completed")

    tally.write()

    assert set(Statistic.objects.values_list("function", flat=True)) == {"unknown", "os.getpid"}
    told = exposition().decode()
    assert 'cartwheel_tasks_ended_total{function="unknown",outcome="failed"} 3.0' in told
    assert 'cartwheel_task_ran_seconds_count{function="unknown"} 3.0' in told
