"""What is counted for monitoring."""

from __future__ import annotations

from uuid import UUID

import make
import pytest

from cartwheel.engine.metrics import Tally, exposition
from cartwheel.engine.models import Pause, Statistic
from cartwheel.engine.pausing import pause
from cartwheel.engine.retention import purge
from cartwheel.engine.trials import dummy_task

pytestmark = pytest.mark.django_db

WORKER = "018a41d4-161c-7edf-bcaa-6246188c9a7f"


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


@pytest.mark.parametrize(
    ("scope", "target", "paused"),
    [
        (Pause.Scope.HUB, "", 2),
        (Pause.Scope.FUNCTION, dummy_task.name, 1),
        (Pause.Scope.FUNCTION, purge.name, 0),
        (Pause.Scope.WORKER, WORKER, 0),
    ],
)
def test_what_is_paused_does_not_wait_for_a_worker(scope: Pause.Scope, target: str, paused: int) -> None:
    make.task()
    make.task("os.getpid")
    make.worker(id=UUID(WORKER))
    pause(scope, target)

    told = exposition().decode()

    assert f'cartwheel_tasks_waiting{{cause="pause"}} {paused}.0' in told
    assert f'cartwheel_tasks_waiting{{cause="worker"}} {2 - paused}.0' in told
