"""What is ours beyond Pulp's tasks: why one waits, its log, once more, purge, metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import make
import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from cartwheel.api.held import PENDING
from cartwheel.engine.endings import error_of
from cartwheel.engine.functions import Options, task
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import LogLine, Pause, Schedule, Task
from cartwheel.engine.pausing import pause, resume
from cartwheel.engine.states import State
from cartwheel.registry import counting
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db

API = "/api/automation-hub/"
ROOT = f"{API}pulp/api/v3/"
DUMMY = "pulpcore.app.tasks.test.dummy_task"


@task("test.queue.once", options=Options(again=False))
def once() -> None: ...


def ended(state: State = State.COMPLETED, **details: Any) -> Task:
    return Task.objects.create(name=DUMMY, state=state, finished_at=timezone.now(), **details)


def test_a_task_that_waits_for_a_resource_says_who_has_it(admin: User) -> None:
    holder = make.claimed(exclusive=["r"])
    waiting = make.task(exclusive=["r"])

    told = make.api(admin).get(f"{ROOT}tasks/{waiting.pk}/blockers/").json()

    assert told["cause"] == "resources"
    (blocker,) = told["resources"]
    assert blocker["resource"] == "r"
    assert blocker["ahead"] == 1
    assert blocker["holders"][0]["pulp_href"].endswith(f"tasks/{holder.task_id}/")


def test_the_long_form_says_in_short_what_a_task_waits_for(admin: User) -> None:
    make.task(exclusive=["r"])
    waiting = make.task(exclusive=["r"])

    shown = make.api(admin).get(f"{ROOT}tasks/{waiting.pk}/").json()

    assert shown["waiting_for"] == {"cause": "resources", "resources": ["r"], "not_before": None}


def cause(user: User, task: Task) -> str:
    told: str = make.api(user).get(f"{ROOT}tasks/{task.pk}/").json()["waiting_for"]["cause"]
    return told


def test_the_long_form_tells_a_pause_and_the_hub_from_a_worker(admin: User) -> None:
    before = make.task()
    assert cause(admin, before) == "worker"

    pause(Pause.Scope.FUNCTION, before.name)
    assert cause(admin, before) == "paused"

    resume(Pause.Scope.FUNCTION, before.name)
    make.task(exclusive=[HUB])
    after = make.task()
    assert [cause(admin, each) for each in (before, after)] == ["worker", "hub"]


def test_the_long_form_says_when_the_time_of_a_task_comes(admin: User) -> None:
    later = timezone.now() + timedelta(hours=1)
    waiting = make.task(not_before=later)

    shown = make.api(admin).get(f"{ROOT}tasks/{waiting.pk}/").json()

    assert shown["waiting_for"]["cause"] == "time"
    assert datetime.fromisoformat(shown["waiting_for"]["not_before"]) == later


def test_a_task_that_does_not_wait_says_so(admin: User) -> None:
    told = make.api(admin).get(f"{ROOT}tasks/{ended().pk}/blockers/").json()

    assert told == {"cause": None, "resources": []}


def test_the_log_is_read_from_where_one_left_off(admin: User) -> None:
    done = ended()
    lines = [
        LogLine.objects.create(task=done, time=timezone.now(), level="INFO", message=f"line {number}")
        for number in range(3)
    ]

    first = make.api(admin).get(f"{ROOT}tasks/{done.pk}/log/").json()
    later = make.api(admin).get(f"{ROOT}tasks/{done.pk}/log/?after={lines[1].pk}").json()

    assert [line["message"] for line in first["results"]] == ["line 0", "line 1", "line 2"]
    assert [line["message"] for line in later["results"]] == ["line 2"]
    assert later["next_after"] == lines[2].pk
    assert later["more"] is False


def test_a_stranger_does_not_read_the_log(bob: User) -> None:
    assert make.api(bob).get(f"{ROOT}tasks/{ended().pk}/log/").status_code == 403


def test_whoever_asked_for_a_task_reads_its_log(alice: User) -> None:
    assert make.api(alice).get(f"{ROOT}tasks/{ended(created_by=alice).pk}/log/").status_code == 200


def test_an_ended_task_is_run_again_with_the_same_arguments(admin: User) -> None:
    first = make.task("pulpcore.app.tasks.test.sleep", args=(0.1,), exclusive=["r"], shared=["s"])
    Task.objects.filter(pk=first.pk).update(state=State.FAILED, error=error_of("no"))

    answer = make.api(admin).post(f"{ROOT}tasks/{first.pk}/run-again/")

    assert answer.status_code == 202
    again = Task.objects.get(again_of=first)
    assert answer.json()["task"].endswith(f"{again.pk}/")
    assert (again.name, again.args, again.created_by) == (first.name, [0.1], admin)
    assert again.reserved_resources_record == first.reserved_resources_record


def test_a_task_that_has_not_ended_is_not_run_again(admin: User) -> None:
    answer = make.api(admin).post(f"{ROOT}tasks/{make.task().pk}/run-again/")

    assert answer.status_code == 409
    assert "is still waiting" in answer.json()["detail"]


def test_what_once_is_enough_for_is_not_run_again(admin: User) -> None:
    done = Task.objects.create(name="test.queue.once", state=State.FAILED)

    assert make.api(admin).post(f"{ROOT}tasks/{done.pk}/run-again/").status_code == 409


def test_stopping_with_cascade_stops_the_children_too(admin: User) -> None:
    parent = make.task()
    child = Task.objects.create(name=DUMMY, parent_task=parent)

    answer = make.api(admin).patch(
        f"{ROOT}tasks/{parent.pk}/", {"state": "canceled", "cascade": True}, format="json"
    )

    assert answer.status_code == 200
    child.refresh_from_db()
    assert child.state == "canceled"


# -- purge ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"finished_before": "2024-01-31"}, {"states": ["failed"]}])
def test_a_purge_is_a_task(admin: User, given: dict[str, Any]) -> None:
    answer = make.api(admin).post(f"{ROOT}tasks/purge/", given, format="json")

    assert answer.status_code == 202
    assert Task.objects.get().name == "pulpcore.app.tasks.purge.purge"


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        (
            {"finished_before": "yesterday"},
            "finished_before",
            "Datetime has wrong format. Use one of these formats instead: "
            "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
        ),
        ({"states": "failed"}, "states", 'Expected a list of items but got type "str".'),
    ],
)
def test_a_purge_that_is_not_understood_is_refused(
    admin: User, given: dict[str, Any], field: str, message: str
) -> None:
    answer = make.api(admin).post(f"{ROOT}tasks/purge/", given, format="json")

    assert answer.status_code == 400
    assert answer.json() == {field: [message]}


def test_a_purge_deletes_what_ended_before_and_nothing_else() -> None:
    old, new = ended(), ended()
    kept = ended(is_kept=True)
    Task.objects.filter(pk__in=[old.pk, kept.pk]).update(finished_at=timezone.now() - timedelta(days=40))
    failed = ended(State.FAILED)
    Task.objects.filter(pk=failed.pk).update(finished_at=timezone.now() - timedelta(days=40))

    purge = make.perform(
        make.task(
            "pulpcore.app.tasks.purge.purge",
            args=((timezone.now() - timedelta(days=30)).isoformat(), ["completed"]),
        )
    )

    assert set(Task.objects.values_list("pk", flat=True)) == {new.pk, kept.pk, failed.pk, purge.pk}
    totals = {report.code: report.total for report in purge.progress_reports.all()}
    assert totals["purge.tasks.total"] == 1


def test_metrics_tell_how_many_tasks_wait_and_why(client: Client) -> None:
    make.task(exclusive=["r"])
    make.task(exclusive=["r"])

    text = client.get("/metrics").content.decode()

    assert 'cartwheel_tasks_waiting{cause="lock"} 1.0' in text
    assert 'cartwheel_tasks_waiting{cause="worker"} 1.0' in text


# -- rights -----------------------------------------------------------------------------------------

WRITES = [
    ("post", "tasks/{task}/run-again/", {}),
    ("post", "tasks/purge/", {}),
    ("post", "schedules/", {"name": "n", "task_name": DUMMY, "interval": 60}),
    ("patch", "schedules/{schedule}/", {"name": "m"}),
    ("delete", "schedules/{schedule}/", {}),
    ("post", "schedules/{schedule}/run/", {}),
    ("post", "pauses/", {"scope": "hub"}),
    ("delete", "pauses/", {"scope": "hub"}),
]
READS = ["tasks/{task}/blockers/", "schedules/", "schedules/{schedule}/", "task-schedules/", "pauses/"]


def place(path: str) -> str:
    schedule = Schedule.objects.create(name="s", task_name=DUMMY, interval=timedelta(hours=1))
    return ROOT + path.format(task=ended().pk, schedule=schedule.pk)


@pytest.mark.parametrize(("method", "path", "given"), WRITES)
def test_only_operators_change_the_queue(
    method: str, path: str, given: dict[str, Any], bob: User, admin: User
) -> None:
    address = place(path)

    assert getattr(make.api(None), method)(address, given, format="json").status_code == 401
    assert getattr(make.api(bob), method)(address, given, format="json").status_code == 403
    assert getattr(make.api(admin), method)(address, given, format="json").status_code < 300


@pytest.mark.parametrize("path", READS)
def test_everybody_who_is_signed_in_may_look(path: str, bob: User) -> None:
    address = place(path)

    assert make.api(None).get(address).status_code == 401
    assert make.api(bob).get(address).status_code == 200


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("2026-01-01T00:00:00-21:20", 200),
        ("0001-01-01T00:00:00+23:59", 400),
        ("9999-12-31T23:59:59-23:59", 400),
    ],
)
def test_times_of_the_ends_of_the_world_are_no_crash(admin: User, text: str, status: int) -> None:
    client = APIClient()
    client.force_login(admin)
    pages = ({"since": text}, {"until": text}, {"after": f"ended~{text}~{uuid4()}"})

    lists = [
        client.get(f"{API}{path}", {"started_at__gt": text}) for path in ("pulp/api/v3/tasks/", "v3/tasks/")
    ]
    purge = client.post(f"{ROOT}tasks/purge/", {"finished_before": text}, format="json")

    assert [each.status_code for each in lists] == [status] * 2
    assert purge.status_code == (202 if status == 200 else 400)
    assert [client.get("/", page).status_code for page in pages] == [200] * 3


@pytest.mark.parametrize("address", [f"{ROOT}tasks/", f"{API}v3/tasks/"])
def test_who_waits_for_the_end_of_many_tasks_is_never_told_of_those_of_a_second_ago(
    admin: User, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(counting, "LONG", 0)
    make.task()
    before = make.api(admin).get(f"{address}?state__in=waiting,running,canceling", HTTP_PREFER="wait=60")

    Task.objects.update(state=State.COMPLETED, finished_at=timezone.now())
    after = make.api(admin).get(f"{address}?state__in=waiting,running,canceling", HTTP_PREFER="wait=60")

    assert before[PENDING] == "1"  # to end
    assert PENDING not in after


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nowhere", "URI couldn't be resolved: nowhere"),
        (f"{ROOT}nowhere/", f"URI couldn't be resolved: {ROOT}nowhere/"),
        (f"{ROOT}workers/", f"URI/PRN is not a valid href for parent_task model: {ROOT}workers/"),
        (f"{ROOT}tasks/x/", "UUID invalid: x"),
        ("prn:core.task:x", "UUID invalid: x"),
    ],
)
@pytest.mark.parametrize("root", [f"{ROOT}tasks/", f"{API}v3/tasks/"])
def test_a_reference_that_leads_to_no_task_is_refused(
    admin: User, root: str, reference: str, message: str
) -> None:
    answer = make.api(admin).get(root, {"parent_task": reference})

    told = answer.json()
    assert answer.status_code == 400
    assert (told if isinstance(told, list) else [told["errors"][0]["detail"]]) == [message]
