"""What a function, a call or an operator may ask for beside running a task: again, later, once, not now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import make
import pytest
from django.utils import timezone

from cartwheel.engine import schedules
from cartwheel.engine.claims import bring_scheduled, claim
from cartwheel.engine.endings import Outcome, error_of, finish, settle
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Pause, Schedule, Task
from cartwheel.engine.pausing import pause, resume
from cartwheel.engine.retention import retire
from cartwheel.engine.states import State

pytestmark = pytest.mark.django_db

DUMMY = "pulpcore.app.tasks.test.dummy_task"
REPEATABLE = "pulpcore.app.tasks.purge.purge"


def claimable() -> list[Any]:
    return [each.task_id for each in claim({make.worker().pk: 1})]


def end(task: Task) -> None:
    finish([Outcome(task.pk, now(task).claim, State.COMPLETED)])


def now(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


# -- again ------------------------------------------------------------------------------------------


def test_a_task_that_is_tried_again_waits_for_its_time_and_lets_others_before_it() -> None:
    got = make.claimed(exclusive=["a"])
    other = make.task(exclusive=["a"])

    finish([Outcome(got.task_id, got.claim, State.FAILED, error=error_of("away"), retry_seconds=60)])

    first = Task.objects.get(pk=got.task_id)
    assert (first.state, first.attempt) == ("waiting", 2)
    assert claimable() == [other.pk]


def test_a_repeatable_task_runs_again_when_its_worker_is_lost() -> None:
    made = make.task(REPEATABLE, args=(timezone.now().isoformat(), ["completed"]))
    worker = make.worker()
    claim({worker.pk: 1})

    settle([worker.pk], "the host vanished")

    assert (now(made).state, now(made).attempt) == ("waiting", 2)


def test_another_fails_and_says_why() -> None:
    made = make.task()
    worker = make.worker()
    claim({worker.pk: 1})

    settle([worker.pk], "the host vanished")

    error = now(made).error
    assert now(made).state == "failed"
    assert error is not None
    assert "the host vanished" in error["description"]


# -- later ------------------------------------------------------------------------------------------


def test_a_task_for_later_is_not_claimed_before_its_time() -> None:
    made = make.task(not_before=timezone.now() + timedelta(hours=1))
    assert claimable() == []

    Task.objects.filter(pk=made.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    bring_scheduled()

    assert claimable() == [made.pk]


def schedule(**details: Any) -> Schedule:
    return schedules.save(
        Schedule(name="each hour", task_name=DUMMY, **{"interval": timedelta(hours=1)} | details)
    )


def overdue(made: Schedule) -> None:
    Schedule.objects.filter(pk=made.pk).update(next_dispatch=timezone.now() - timedelta(days=2))


def test_a_schedule_makes_up_once_for_what_was_missed() -> None:
    overdue(schedule())

    assert len(schedules.fire_due()) == 1
    assert schedules.fire_due() == []


def test_a_schedule_does_not_fire_while_its_last_task_is_at_it() -> None:
    made = schedule()
    overdue(made)
    schedules.fire_due()
    overdue(made)

    assert schedules.fire_due() == []
    assert Task.objects.count() == 1


def test_a_schedule_that_can_no_longer_be_followed_is_switched_off() -> None:
    made = schedule(interval=None, cron="0 3 * * *", time_zone="Europe/Berlin")
    Schedule.objects.filter(pk=made.pk).update(time_zone="Europe/Nowhere")
    overdue(made)

    schedules.fire_due()

    made.refresh_from_db()
    assert not made.is_enabled


# -- once -------------------------------------------------------------------------------------------


def test_a_waiting_task_of_a_coalescing_function_stands_for_both() -> None:
    assert retire.dispatch() == retire.dispatch()
    assert Task.objects.count() == 1


def test_one_that_has_begun_does_not() -> None:
    first = retire.dispatch()
    claim({make.worker().pk: 1})

    assert retire.dispatch() != first


# -- not now ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scope", "target"), [(Pause.Scope.HUB, ""), (Pause.Scope.FUNCTION, DUMMY)])
def test_what_is_paused_is_not_claimed_until_it_is_resumed(scope: Pause.Scope, target: str) -> None:
    made = make.task()

    pause(scope, target)
    assert claimable() == []

    resume(scope, target)
    assert claimable() == [made.pk]


def test_a_pause_of_a_function_holds_no_others_back() -> None:
    make.task()
    other = retire.dispatch()

    pause(Pause.Scope.FUNCTION, DUMMY)

    assert claimable() == [other.pk]


def test_who_needs_the_hub_alone_waits_for_all_before_it_and_holds_back_all_after_it() -> None:
    before = make.task()
    alone = make.task(exclusive=[HUB])
    after = make.task()

    assert claimable() == [before.pk]
    assert claimable() == []
    end(before)
    assert claimable() == [alone.pk]
    assert claimable() == []
    end(alone)
    assert claimable() == [after.pk]
