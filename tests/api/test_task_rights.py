"""What the API tells of tasks, and lets be done with them, depending on who asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import make
import pytest
from django.utils import timezone
from pytest_django import Settings

from cartwheel.engine.models import LogLine, Task, TaskGroup
from cartwheel.registry.models import CollectionImport, User

P = "/api/automation-hub/"
TASKS = f"{P}pulp/api/v3/tasks/"
ERROR = {"description": "It broke.", "traceback": "line 1"}
STOP = {"state": "canceled"}

pytestmark = pytest.mark.django_db


def task(by: User | None = None, **details: Any) -> Task:
    return Task.objects.create(name="some.task", created_by=by, **details)


def failed(by: User | None = None, **details: Any) -> Task:
    return task(by, state="failed", error=ERROR, **details)


@pytest.fixture
def operator(db: None) -> User:
    made = make.user("operator")
    make.grant(made, "core.change_task")
    return made


@pytest.fixture
def only_owners(settings: Settings) -> None:
    settings.CONFIG = replace(settings.CONFIG, tasks_visible_to="owners")


def test_the_traceback_is_told_to_who_asked_and_to_operators(
    alice: User, bob: User, operator: User, admin: User
) -> None:
    broken = failed(alice)

    told = [
        [
            make.api(each).get(f"{TASKS}{broken.pk}/").json()["error"]["traceback"],
            make.api(each).get(f"{P}v3/tasks/{broken.pk}/").json()["error"]["traceback"],
            make.api(each).get(TASKS).json()["results"][0]["error"]["traceback"],
        ]
        for each in (alice, bob, operator, admin)
    ]

    assert told == [["line 1"] * 3, [None] * 3, ["line 1"] * 3, ["line 1"] * 3]


def test_a_page_of_failed_tasks_costs_no_more_than_one(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    make.grant(alice, "galaxy.change_namespace")
    for _ in range(30):
        failed()

    with django_assert_max_num_queries(10):
        page = make.api(alice).get(f"{TASKS}?limit=30").json()

    assert {each["error"]["traceback"] for each in page["results"]} == {None}


def test_the_log_is_told_to_who_asked_and_to_operators(
    alice: User, bob: User, operator: User, admin: User
) -> None:
    mine = task(alice)
    LogLine.objects.create(task=mine, time=timezone.now(), level="INFO", message="Done.")

    statuses = [
        make.api(each).get(f"{TASKS}{mine.pk}/log/").status_code for each in (alice, bob, operator, admin)
    ]

    assert statuses == [200, 403, 200, 200]


def test_who_asked_for_a_task_may_stop_it_and_others_may_not(alice: User, bob: User, operator: User) -> None:
    first, second = task(alice), task(alice)

    assert make.api(bob).patch(f"{TASKS}{first.pk}/", STOP, format="json").status_code == 403
    assert make.api(alice).patch(f"{TASKS}{first.pk}/", STOP, format="json").status_code == 200
    assert make.api(operator).patch(f"{TASKS}{second.pk}/", STOP, format="json").status_code == 200


def test_one_is_told_of_rights_on_just_the_task(alice: User, bob: User, admin: User, operator: User) -> None:
    mine = task(alice)
    make.grant(bob, "core.view_task", on=mine)

    everybody = (alice, bob, admin, operator)
    told = [make.api(each).get(f"{TASKS}{mine.pk}/my_permissions/").json() for each in everybody]

    assert told == [
        {"permissions": ["core.add_task", "core.change_task"]},
        {"permissions": ["core.view_task"]},
        {"permissions": []},
        {"permissions": []},
    ]


def test_deleting_a_task_needs_a_role_even_from_who_asked_for_it(alice: User) -> None:
    assert make.api(alice).delete(f"{TASKS}{failed(alice).pk}/").status_code == 403


def test_a_group_is_stopped_by_who_may_stop_all_of_it(alice: User, bob: User) -> None:
    group = TaskGroup.objects.create()
    task(alice, task_group=group)
    address = f"{P}pulp/api/v3/task-groups/{group.pk}/"

    assert make.api(bob).patch(address, STOP, format="json").status_code == 403
    assert make.api(alice).patch(f"{address}?fields=failed", STOP, format="json").json() == {"failed": 0}


@pytest.mark.usefixtures("only_owners")
@pytest.mark.parametrize(
    "path",
    [
        "pulp/api/v3/tasks/{}/",
        "pulp/api/v3/tasks/{}/my_permissions/",
        "pulp/api/v3/tasks/{}/list_roles/",
        "pulp/api/v3/tasks/{}/blockers/",
        "pulp/api/v3/tasks/{}/log/",
        "v3/tasks/{}/",
        "v3/plugin/ansible/imports/collections/{}/",
        "_ui/v1/imports/collections/{}/",
    ],
)
def test_what_is_hidden_is_not_there(path: str, alice: User, bob: User) -> None:
    mine = task(alice)
    CollectionImport.objects.create(task=mine, namespace="acme", name="tools", version="1.0.0")
    address = P + path.format(mine.pk)

    assert make.api(bob).get(address).status_code == 404
    assert make.api(alice).get(address).status_code != 404


@pytest.mark.usefixtures("only_owners")
def test_what_is_hidden_cannot_be_stopped(alice: User, bob: User) -> None:
    address = f"{TASKS}{task(alice).pk}/"

    assert make.api(bob).patch(address, STOP, format="json").status_code == 404
    assert make.api(bob).delete(address).status_code == 404
    assert make.api(bob).post(f"{address}run-again/").status_code == 404


@pytest.mark.usefixtures("only_owners")
def test_lists_show_what_one_may_know_of(alice: User, bob: User, admin: User) -> None:
    group = TaskGroup.objects.create()
    mine = task(alice, task_group=group)
    task(bob, task_group=group)
    CollectionImport.objects.create(task=mine, namespace="acme", name="tools", version="1.0.0")

    def counts(user: User) -> list[int]:
        client = make.api(user)
        groups = client.get(f"{P}pulp/api/v3/task-groups/").json()["results"]
        return [
            client.get(TASKS).json()["count"],
            client.get(f"{P}v3/tasks/").json()["meta"]["count"],
            client.get(f"{P}_ui/v1/imports/collections/").json()["meta"]["count"],
            *(len(each["tasks"]) for each in groups),
        ]

    assert [counts(each) for each in (alice, bob, admin)] == [[1, 1, 1, 1], [1, 1, 0, 1], [2, 2, 1, 2]]


@pytest.mark.usefixtures("only_owners")
def test_the_stream_of_events_is_told_whose_tasks_it_may_tell_of(alice: User, operator: User) -> None:
    limited, all_of_them = (make.api(each).get(f"{P}events/").headers for each in (alice, operator))

    assert limited["Cartwheel-Reader"] == str(alice.pk)
    assert "Cartwheel-Reader" not in all_of_them


def test_the_stream_of_events_is_not_limited_otherwise(alice: User) -> None:
    assert "Cartwheel-Reader" not in make.api(alice).get(f"{P}events/").headers
