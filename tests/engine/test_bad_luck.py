"""Hints that get lost, clocks that are off, a database that goes away, tasks that nobody here knows."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path
from selectors import DefaultSelector
from uuid import UUID, uuid4

import journal
import make
import postgres
import pytest
from django.db import DatabaseError, OperationalError
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from hub import Hub
from own_server import own_server
from patience import eventually
from processes import is_dead
from workshop import workshop

from cartwheel.engine import caretaking, clock, outage, schedules, supervisor
from cartwheel.engine.blockers import why_waiting
from cartwheel.engine.caretaking import dead_workers, every_second
from cartwheel.engine.claims import claim
from cartwheel.engine.crew import Crew
from cartwheel.engine.endings import Outcome, finish, settle
from cartwheel.engine.leases import Leases
from cartwheel.engine.models import MISSING, ONLINE, ONLINE_SECONDS, Schedule, Task, Worker
from cartwheel.engine.states import State
from cartwheel.engine.supervisor import Supervisor
from cartwheel.engine.unwritten import Unwritten
from cartwheel.engine.wakeup import Listener
from cartwheel.kit.processes import machine_id

WITHOUT_HINTS = (
    "from cartwheel.engine import wakeup; wakeup.notify.__code__ = (lambda *topics: None).__code__\n"
)
HOUR = timedelta(hours=1)
LONG_AGO = time.monotonic() - ONLINE_SECONDS - 1


# -- hints ------------------------------------------------------------------------------------------


def test_a_task_that_nobody_was_told_of_is_run(hub: Hub) -> None:
    task = hub.console(f'{WITHOUT_HINTS}print(dispatch("os.getpid").pk)').split()[-1]

    assert hub.wait(task)["state"] == "completed"


def test_a_stop_that_nobody_was_told_of_is_heard(hub: Hub) -> None:
    task = hub.dispatch('dispatch("pulpcore.app.tasks.test.sleep", args=(600,))')
    hub.wait(task, "running")

    hub.console(
        f'{WITHOUT_HINTS}from cartwheel.engine.stopping import cancel; cancel(Task.objects.get(pk="{task}"))'
    )

    assert hub.wait(task)["state"] == "canceled"


def test_a_supervisor_sleeps_for_a_second_at_most() -> None:
    idle = Supervisor(0)
    idle._crew = Crew(idle._id, idle._selector)
    idle._is_due("second", supervisor.LOOK_SECONDS)

    assert 0 < idle._patience() <= 1


# -- clocks -----------------------------------------------------------------------------------------


@pytest.fixture(params=[-HOUR, HOUR], ids=["slow", "fast"])
def wrong_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + request.param)


def beating(seconds_ago: float = 0) -> Worker:
    made = Worker.objects.create(name="1@elsewhere", machine="elsewhere")
    Worker.objects.filter(pk=made.pk).update(last_heartbeat=Now() - timedelta(seconds=seconds_ago))
    return made


@pytest.mark.django_db
@pytest.mark.usefixtures("wrong_clock")
def test_whose_lease_has_ended_is_told_by_the_clock_of_the_database() -> None:
    beating()
    silent = beating(ONLINE_SECONDS + 5)

    assert dead_workers([]) == [silent.pk]


@pytest.mark.django_db
@pytest.mark.usefixtures("wrong_clock")
def test_how_many_workers_are_there_is_told_by_the_clock_of_the_database() -> None:
    task = make.task()
    beating()
    beating(ONLINE_SECONDS + 5)

    wait = why_waiting(task)

    assert wait
    assert wait.workers == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("wrong_clock")
def test_what_a_worker_had_is_found_however_wrong_the_clock_of_the_one_who_buried_it() -> None:
    task = make.task()
    worker = beating()
    settle([worker.pk], "gone")
    Task.objects.filter(pk=task.pk).update(state=State.RUNNING, worker=worker)  # as if committed just before

    Worker.objects.filter(pk=worker.pk).update(stopped_at=F("stopped_at") - timedelta(seconds=15))

    assert dead_workers([]) == [worker.pk]


@pytest.mark.django_db
@pytest.mark.usefixtures("wrong_clock")
@pytest.mark.parametrize(("minutes", "is_due"), [(-1, True), (30, False)])
def test_what_is_due_is_told_by_the_clock_of_the_database(minutes: int, is_due: bool) -> None:
    task = make.task()
    when = Now() + timedelta(minutes=minutes)
    Task.objects.filter(pk=task.pk).update(not_before=when)
    schedule = schedules.save(Schedule(name="often", task_name="os.getpid", interval=HOUR))
    Schedule.objects.filter(pk=schedule.pk).update(next_dispatch=when)

    every_second()

    assert (Task.objects.get(pk=task.pk).not_before is None) == is_due
    schedule.refresh_from_db()
    assert (schedule.last_task is not None) == is_due
    assert schedule.next_dispatch
    assert schedule.next_dispatch > clock.now()
    assert schedule.next_dispatch <= clock.now() + HOUR


@pytest.mark.django_db
@pytest.mark.usefixtures("wrong_clock")
def test_when_a_task_is_tried_again_is_told_by_the_clock_of_the_database() -> None:
    got = make.claimed()

    finish([Outcome(got.task_id, got.claim, State.FAILED, retry_seconds=600)])

    due = Task.objects.get(pk=got.task_id).not_before
    assert due
    assert timedelta(seconds=0) < due - clock.now() <= timedelta(seconds=600)


@pytest.mark.django_db
@pytest.mark.usefixtures("wrong_clock")
@pytest.mark.parametrize(("minutes", "waits"), [(-1, False), (30, True)])
def test_whether_the_time_of_a_new_task_has_come_is_told_by_the_clock_of_the_database(
    minutes: int, waits: bool
) -> None:
    task = make.task(not_before=clock.now() + timedelta(minutes=minutes))

    assert (Task.objects.get(pk=task.pk).not_before is not None) == waits


# -- a database that goes away ----------------------------------------------------------------------


@pytest.mark.django_db
def test_nobody_is_taken_for_dead_by_one_who_has_just_come() -> None:
    beating(ONLINE_SECONDS + 5)

    assert dead_workers([], may_judge_silence=lambda worker: False) == []


@pytest.mark.skipif(not postgres.is_wanted(), reason="SQLite has no server that could go away")
def test_after_an_outage_a_supervisor_first_lets_the_others_come_back() -> None:
    one = Supervisor(0, _leases=Leases(LONG_AGO))
    assert one._leases.may_judge_silence()

    one._begin_anew()

    assert not one._leases.may_judge_silence()


def settled(leases: Leases) -> list[UUID]:
    """Those whom it finds gone."""
    nobody = Crew(uuid4(), DefaultSelector())
    leases.renew(nobody)
    leases.settle_dead_neighbours(nobody, Unwritten())
    return list(Worker.objects.exclude(stopped_at=None).values_list("pk", flat=True))


@pytest.mark.django_db
def test_who_was_kept_from_working_itself_first_lets_the_others_come_back() -> None:
    silent = beating(ONLINE_SECONDS + 5)
    heard = {silent.pk: (silent_since(silent), LONG_AGO)}

    assert settled(Leases(LONG_AGO, renewed_at=LONG_AGO, _heard=heard)) == []
    assert settled(Leases(LONG_AGO, _heard=heard)) == [silent.pk]


@pytest.mark.django_db
def test_nobody_is_taken_for_dead_because_the_clock_of_the_database_was_set_forward() -> None:
    leases = Leases(LONG_AGO)
    other = beating()
    assert settled(leases) == []

    Worker.objects.update(last_heartbeat=Now() - HOUR)  # as it looks from an hour later
    assert settled(leases) == []
    Worker.objects.update(last_heartbeat=Now())
    assert settled(leases) == []
    leases._heard[other.pk] = (silent_since(other), LONG_AGO)
    assert settled(leases) == []


@pytest.mark.django_db
def test_a_host_that_died_before_the_clock_of_the_database_was_set_back_is_found() -> None:
    leases = Leases(LONG_AGO)
    dead = beating(-HOUR.total_seconds())
    assert settled(leases) == []

    leases._heard[dead.pk] = (silent_since(dead), LONG_AGO)

    assert settled(leases) == [dead.pk]
    assert not Worker.objects.filter(ONLINE | MISSING).exists()


@pytest.mark.skipif(postgres.is_wanted(), reason="there may be other hosts")
@pytest.mark.django_db
def test_what_was_left_on_a_hub_of_one_file_is_settled_at_its_start() -> None:
    silent = beating(ONLINE_SECONDS + 5)

    assert settled(Leases()) == [silent.pk]


@pytest.mark.django_db
def test_one_whose_supervisor_hangs_on_this_machine_is_killed_before_others_get_its_task() -> None:
    task = make.claimed(exclusive=["r"])
    with subprocess.Popen(["sleep", "600"], process_group=0) as worker:
        Worker.objects.filter(pk=task.worker_id).update(
            pid=worker.pid,
            supervisor_pid=os.getpid(),
            machine=machine_id(),
            last_heartbeat=Now() - timedelta(seconds=ONLINE_SECONDS + 5),
        )
        silent = Worker.objects.get(pk=task.worker_id)
        try:
            heard = {silent.pk: (silent.last_heartbeat, LONG_AGO)}
            assert settled(Leases(LONG_AGO, _heard=heard)) == [silent.pk]

            assert is_dead(worker.pid)
        finally:
            worker.kill()
    assert Task.objects.get(pk=task.task_id).state == State.FAILED


@pytest.mark.django_db
def test_those_that_do_not_die_keep_nobody_from_saying_that_he_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [Worker.objects.create(name="1@here", machine=machine_id(), supervisor_pid=1) for _ in range(8)]
    passed = [0.0]

    def kill_in_vain(_pid: int, _parent: int, seconds: float) -> bool:
        passed.append(passed[-1] + seconds)
        return False

    monkeypatch.setattr(caretaking, "kill_child", kill_in_vain)
    monkeypatch.setattr(time, "monotonic", lambda: passed[-1])

    assert caretaking.at_rest([each.pk for each in many]) == []
    assert len(passed) == 1 + len(many)
    assert passed[-1] == caretaking.DEATH_SECONDS


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_gets_no_task_any_more() -> None:
    task = make.task()
    worker = make.worker()
    settle([worker.pk], "gone")

    assert claim({worker.pk: 1}) == []
    task.refresh_from_db()
    assert (task.state, task.claim) == ("waiting", 0)
    alive = make.worker()
    assert [each.worker_id for each in claim({worker.pk: 1, alive.pk: 1})] != [worker.pk]


@pytest.mark.django_db
def test_what_was_planned_while_the_clock_was_ahead_is_planned_anew() -> None:
    often = schedules.save(Schedule(name="often", task_name="os.getpid", interval=HOUR))
    daily = schedules.save(Schedule(name="daily", task_name="os.getpid", cron="0 3 * * *"))
    planned = daily.next_dispatch
    Schedule.objects.update(next_dispatch=timezone.now() + timedelta(days=3650))

    schedules.plan_anew()

    often.refresh_from_db()
    daily.refresh_from_db()
    assert daily.next_dispatch == planned
    assert often.next_dispatch
    assert often.next_dispatch <= timezone.now() + HOUR
    schedules.plan_anew()
    before = often.next_dispatch
    often.refresh_from_db()
    assert often.next_dispatch == before


@pytest.mark.skipif(not postgres.is_wanted(), reason="SQLite has no server that could go away")
def test_a_task_that_ends_while_the_database_is_away_has_ended_when_it_is_back(tmp_path: Path) -> None:
    with own_server() as server, workshop(tmp_path / "w", database_url=server.url) as shop:
        shop.start("supervise", 1)
        shop.do("order", "journal.patient", "r")
        shop.do("order", "journal.prompt", "r")
        eventually(lambda: any(story.begun for story in journal.read(shop.folder).values()), what="the begin")

        server.crash()
        (shop.folder / "go-1").touch()
        eventually(lambda: any(story.done for story in journal.read(shop.folder).values()), what="the end")
        eventually(lambda: "trying again" in shop.log(), what="a failure to write it")
        server.start()

        rows = shop.end_of_all()
        assert [(row.state, row.attempt) for row in rows.values()] == [("completed", 1)] * 2
        eventually(lambda: "the database answers again" in shop.log(), what="the end of the outage")
        assert shop.log().count("the database does not answer") == 1


def test_of_a_long_outage_the_log_says_again_and_again_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outage, "TELL_SECONDS", 0)
    lasting = outage.Outage()

    for _ in range(2):
        try:
            raise OperationalError("database or disk is full")
        except OperationalError:
            lasting.goes_on()

    assert caplog.messages[-1].endswith(" s; trying again: database or disk is full")


def silent_since(worker: Worker) -> datetime:
    return Worker.objects.get(pk=worker.pk).last_heartbeat


@pytest.mark.django_db
def test_a_lease_is_renewed_whatever_else_the_database_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError

    monkeypatch.setattr(caretaking, "every_second", refuse)
    one = Supervisor(0)
    one._crew = Crew(one._id, one._selector)
    one._listener = Listener("worker")
    before = one._leases.renewed_at

    with pytest.raises(DatabaseError):
        one._housekeeping()

    assert one._leases.renewed_at > before
    one._listener.close()


# -- what nobody here knows -------------------------------------------------------------------------


def test_a_function_of_a_newer_release_fails_with_a_sentence(hub: Hub) -> None:
    task = hub.wait(hub.dispatch('dispatch("cartwheel.of.tomorrow")'))

    assert task["state"] == "failed"
    assert task["error"]["description"]


def test_arguments_of_a_newer_release_fail_with_a_sentence(hub: Hub) -> None:
    task = hub.wait(hub.dispatch('dispatch("os.getpid", kwargs={"of_tomorrow": 1})'))

    assert (task["state"], task["error"]["description"]) == (
        "failed",
        "posix.getpid() takes no keyword arguments",
    )
