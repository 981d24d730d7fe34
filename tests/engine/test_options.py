"""What a function, a call or an operator may ask for beside running a task: again, later, once, not now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import make
import pytest
from django.utils import timezone

from cartwheel.engine import clock, schedules
from cartwheel.engine.caretaking import forget_old_workers
from cartwheel.engine.claims import bring_scheduled, claim
from cartwheel.engine.endings import Outcome, error_of, finish, settle
from cartwheel.engine.functions import Call
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Pause, Schedule, Task
from cartwheel.engine.pausing import pause, resume
from cartwheel.engine.retention import retire
from cartwheel.engine.states import State
from cartwheel.engine.stopping import cancel
from cartwheel.kit.errors import Invalid
from cartwheel.kit.ids import uuid7

HOUR = timedelta(hours=1)

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


def test_one_that_waits_to_be_tried_again_is_stopped_at_once_and_for_good() -> None:
    got = make.claimed(exclusive=["a"])
    finish([Outcome(got.task_id, got.claim, State.FAILED, error=error_of("away"), retry_seconds=60)])

    assert cancel(Task.objects.get(pk=got.task_id)).state == "canceled"

    assert Task.objects.scheduled().count() == 0
    assert make.task(exclusive=["a"]).unblocked_at is not None


def test_one_that_is_asked_to_stop_is_not_tried_again() -> None:
    got = make.claimed()
    cancel(Task.objects.get(pk=got.task_id))

    finish([Outcome(got.task_id, got.claim, State.FAILED, error=error_of("away"), retry_seconds=60)])

    assert Task.objects.get(pk=got.task_id).state == "canceled"


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


def test_what_waits_for_its_time_does_not_wait_for_resources() -> None:
    for_later = make.task(exclusive=["a"], not_before=timezone.now() + HOUR)
    got = make.claimed(exclusive=["b"])
    finish([Outcome(got.task_id, got.claim, State.FAILED, error=error_of("away"), retry_seconds=3600)])
    Task.objects.update(created_at=timezone.now() - HOUR, not_before=timezone.now() - timedelta(seconds=1))
    bring_scheduled()

    begun = claim({make.worker().pk: 2})

    assert {each.task_id for each in begun} == {for_later.pk, got.task_id}
    assert all(each.waited_for_lock < 600 for each in begun)


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


@pytest.mark.parametrize(("late", "next_firing"), [(0.9, 2), (2, 4), (7, 8)])  # minutes
def test_an_interval_is_kept_however_late_a_firing_is(late: float, next_firing: int) -> None:
    made = schedule(interval=timedelta(minutes=2))
    planned = clock.now() - timedelta(minutes=late)
    Schedule.objects.filter(pk=made.pk).update(next_dispatch=planned)

    schedules.fire_due()

    made.refresh_from_db()
    assert made.next_dispatch == planned + timedelta(minutes=next_firing)


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


def firings(cron: str, begin: datetime, hours: int) -> int:
    """In Berlin, from the night on."""
    made = Schedule(name="nightly", task_name=DUMMY, cron=cron, time_zone="Europe/Berlin")
    count, now = 0, begin
    while (now := schedules.next_time(made, now)) <= begin + timedelta(hours=hours):
        count += 1
    return count


@pytest.mark.parametrize(
    ("cron", "times"),
    [("30 2 * * *", 1), ("0 3 * * *", 1), ("59 1 * * *", 1), ("0 * * * *", 25), ("*/15 * * * *", 100)],
)
def test_when_clocks_are_set_back_what_is_daily_fires_once(cron: str, times: int) -> None:
    assert firings(cron, datetime(2026, 10, 24, 22, 1, tzinfo=UTC), 25) == times


@pytest.mark.parametrize(
    ("cron", "times"),
    [("30 2 * * *", 1), ("0 3 * * *", 1), ("59 1 * * *", 1), ("0 * * * *", 23), ("*/15 * * * *", 92)],
)
def test_when_clocks_are_set_forward_nothing_is_left_out(cron: str, times: int) -> None:
    assert firings(cron, datetime(2027, 3, 27, 23, 1, tzinfo=UTC), 23) == times


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("column", ["args", "exclusive"])
def test_one_that_nobody_could_have_kept_is_switched_off_and_harms_no_other(column: str) -> None:
    made = schedule()
    overdue(made)
    Schedule.objects.filter(pk=made.pk).update(**{column: 5})
    other = schedules.save(Schedule(name="other", task_name=DUMMY, interval=timedelta(hours=1)))
    overdue(other)

    assert len(schedules.fire_due()) == 1

    made.refresh_from_db()
    assert not made.is_enabled


def test_each_firing_has_a_correlation_id_of_its_own() -> None:
    made = schedule()
    seen = set()
    for _ in range(2):
        overdue(made)
        (task,) = schedules.fire_due()
        Task.objects.filter(pk=task.pk).update(state=State.COMPLETED)
        seen.add(task.logging_cid)

    assert len(seen) == 2


# -- once -------------------------------------------------------------------------------------------


def test_a_waiting_task_of_a_coalescing_function_stands_for_both() -> None:
    assert retire.dispatch() == retire.dispatch()
    assert Task.objects.count() == 1


def test_one_that_is_for_later_does_not() -> None:
    later = retire.dispatch(call=Call(not_before=timezone.now() + timedelta(hours=1)))

    assert retire.dispatch() != later


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


def test_a_worker_that_is_paused_gets_none_and_others_do() -> None:
    made = make.task()
    paused, other = make.worker().pk, make.worker().pk
    pause(Pause.Scope.WORKER, str(paused))

    assert claim({paused: 1}) == []
    assert [(each.task_id, each.worker_id) for each in claim({paused: 1, other: 1})] == [(made.pk, other)]


@pytest.mark.parametrize(
    ("scope", "target"),
    [(Pause.Scope.FUNCTION, "no.such"), (Pause.Scope.WORKER, "4711"), (Pause.Scope.WORKER, str(uuid7()))],
    ids=["function", "no id", "id"],
)
def test_what_is_not_there_is_not_paused(scope: Pause.Scope, target: str) -> None:
    with pytest.raises(Invalid) as refused:
        pause(scope, target)

    assert refused.value.field == "target"
    assert not Pause.objects.exists()


def test_a_pause_goes_with_its_worker() -> None:
    gone, left = make.worker(stopped_at=timezone.now() - timedelta(days=2)), make.worker()
    for each in (gone, left):
        pause(Pause.Scope.WORKER, str(each.pk).upper())

    forget_old_workers()

    assert Pause.objects.get().target == str(left.pk)


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
