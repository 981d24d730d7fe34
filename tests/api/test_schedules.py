"""Schedules and pauses over the API: how they are set, what is refused, who sees them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import make
import pytest

from cartwheel.engine.models import Pause, Schedule
from cartwheel.engine.pausing import pause
from cartwheel.registry.models import Role, RoleGrant, User

pytestmark = pytest.mark.django_db

ROOT = "/api/automation-hub/pulp/api/v3/"
DUMMY = "pulpcore.app.tasks.test.dummy_task"


def test_a_schedule_is_made_changed_and_deleted(admin: User) -> None:
    client = make.api(admin)
    given = {"name": "nightly", "task_name": DUMMY, "cron": "0 3 * * *", "time_zone": "Europe/Berlin"}

    made = client.post(f"{ROOT}schedules/", given, format="json")
    assert made.status_code == 201
    href = made.json()["pulp_href"]
    assert made.json()["next_dispatch"] is not None

    changed = client.patch(href, {"cron": "", "interval": 3600}, format="json")
    assert changed.json()["interval"] == 3600
    again = client.patch(href, {"dispatch_interval": changed.json()["dispatch_interval"]}, format="json")
    assert again.json()["interval"] == 3600

    off = client.patch(href, {"enabled": False}, format="json")
    assert off.json()["next_dispatch"] is None

    assert client.delete(href).status_code == 204
    assert not Schedule.objects.filter(name="nightly").exists()


def test_an_operator_runs_and_switches_what_only_a_superuser_may_have_done(bob: User) -> None:
    make.grant(bob, "core.change_task")
    made = Schedule.objects.create(name="nightly", task_name=DUMMY, interval=timedelta(hours=1))
    client, href = make.api(bob), f"{ROOT}schedules/{made.pk}/"
    other = {"name": "mine", "task_name": "pulpcore.app.tasks.base.general_update", "interval": 60}

    refused = [
        client.post(f"{ROOT}schedules/", other, format="json").status_code,
        client.patch(href, {"enabled": True, "args": ["x"]}, format="json").status_code,
    ]
    allowed = [
        client.patch(href, {"enabled": False}, format="json").status_code,
        client.post(f"{href}run/").status_code,
        client.delete(href).status_code,
    ]

    assert refused == [403, 403]
    assert allowed == [200, 202, 204]


@pytest.mark.parametrize("path", ["schedules/", "task-schedules/"])
def test_of_schedules_only_the_fields_that_are_asked_for_are_shown(admin: User, path: str) -> None:
    Schedule.objects.create(name="nightly", task_name=DUMMY, interval=timedelta(hours=1))

    shown = make.api(admin).get(f"{ROOT}{path}?fields=name,last_task").json()["results"]

    assert {"name": "nightly", "last_task": None} in shown


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"task_name": "os.system", "interval": 60}, "not a task function"),
        ({"task_name": DUMMY}, "interval or a cron"),
        ({"task_name": DUMMY, "interval": 60, "cron": "* * * * *"}, "interval or a cron"),
        ({"task_name": DUMMY, "cron": "every tuesday"}, "no cron expression"),
        ({"task_name": DUMMY, "cron": "0 0 31 2 *"}, "no cron expression"),
        ({"task_name": DUMMY, "cron": "* * * * *", "time_zone": "Mars/Olympus"}, "no time zone"),
        ({"task_name": DUMMY, "interval": 0.1}, "too short"),
    ],
)
def test_a_schedule_that_could_never_fire_is_refused(admin: User, given: dict[str, Any], word: str) -> None:
    answer = make.api(admin).post(f"{ROOT}schedules/", {"name": "odd"} | given, format="json")

    assert answer.status_code == 400
    assert word in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("args", [["\0"]]), ("args", ["\ud800"]), ("kwargs", {"\0": 1}), ("kwargs", {"a": [{"b": "\0"}]})],
)
def test_arguments_that_not_every_database_keeps_are_refused(admin: User, field: str, value: Any) -> None:
    given = {"name": "odd", "task_name": DUMMY, "interval": 60, field: value}

    answer = make.api(admin).generic("POST", f"{ROOT}schedules/", json.dumps(given), "application/json")

    assert (answer.status_code, answer.json()) == (400, {field: ["Not a valid string."]})


def test_a_pause_is_seen_by_all_and_set_by_operators(admin: User, bob: User) -> None:
    given = {"scope": "hub", "reason": "moving house"}

    assert make.api(bob).post(f"{ROOT}pauses/", given, format="json").status_code == 403
    assert make.api(admin).post(f"{ROOT}pauses/", given, format="json").status_code == 201
    shown = make.api(bob).get(f"{ROOT}pauses/").json()["results"]
    assert [(each["scope"], each["reason"], each["by"]) for each in shown] == [
        ("hub", "moving house", "admin")
    ]
    assert make.api(admin).delete(f"{ROOT}pauses/", {"scope": "hub"}, format="json").status_code == 204
    assert not Pause.objects.exists()


@pytest.mark.parametrize(
    ("path", "given", "field"),
    [
        ("pauses/", {"scope": "function", "target": "no.such"}, "target"),
        ("pauses/", {"scope": "worker", "target": "4711"}, "target"),
        ("pauses/", {}, "scope"),
        ("schedules/", {"name": "odd", "task_name": "no.such", "interval": 60}, "task_name"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(
    admin: User, path: str, given: dict[str, Any], field: str
) -> None:
    answer = make.api(admin).post(f"{ROOT}{path}", given, format="json")

    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_pause_ends_without_a_body_too(admin: User) -> None:
    pause(Pause.Scope.FUNCTION, DUMMY)

    answer = make.api(admin).delete(f"{ROOT}pauses/?scope=function&target={DUMMY}")

    assert answer.status_code == 204
    assert not Pause.objects.exists()


def test_a_schedule_as_pulp_shows_it_is_for_those_who_were_given_that(bob: User, admin: User) -> None:
    made = Schedule.objects.create(name="s", task_name=DUMMY, interval=timedelta(hours=1))
    address = f"{ROOT}task-schedules/{made.pk}/"

    assert make.api(bob).get(address).status_code == 403
    assert make.api(bob).get(f"{ROOT}task-schedules/{uuid4()}/").status_code == 404
    assert make.api(admin).get(address).json()["name"] == "s"

    role = {"name": "watchers", "permissions": ["core.view_taskschedule"]}
    answer = make.api(admin).post(f"{ROOT}roles/", role, format="json")
    RoleGrant.objects.create(role=Role.objects.get(name="watchers"), user=bob)
    assert answer.status_code == 201
    assert make.api(bob).get(address).status_code == 200
