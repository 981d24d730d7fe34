"""What a page asks the database does not grow with what there is to show."""

from __future__ import annotations

from datetime import timedelta

import make
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cartwheel.engine.models import Schedule, Task, Worker
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db

LIMITS = {"/overview/": 20, "/workers/": 8, "/schedules/": 8, "/started/": 5}  # statements


def fill(number: int, by: User) -> None:
    """One more of everything."""
    now = timezone.now()
    worker = Worker.objects.create(name=f"{number}@h{number}", pid=number, machine="m", last_heartbeat=now)
    last = Task.objects.create(name="x", state="running", started_at=now, worker=worker, created_by=by)
    Task.objects.create(name="x", state="failed", created_at=now, started_at=now, finished_at=now)
    make.task(exclusive=["lamp"], by=by)
    Schedule.objects.create(name=f"s{number}", task_name="x", interval=timedelta(hours=1), last_task=last)


@pytest.mark.parametrize("path", LIMITS)
def test_more_of_everything_costs_no_more_statements(client: Client, admin: User, path: str) -> None:
    client.force_login(admin)

    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    for number in range(2):
        fill(number, admin)
    few = statements()
    for number in range(2, 20):
        fill(number, admin)

    assert statements() <= few <= LIMITS[path]


def test_more_repositories_to_copy_to_cost_no_more_statements(client: Client, bob: User) -> None:
    client.force_login(bob)
    make.placed(make.repository("one"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert b"Copy" in client.get("/repositories/one/content/").content
        return len(captured)

    make.grant(bob, "ansible.modify_ansible_repo_content", on=make.repository("two"))
    few = statements()
    for number in range(20):
        make.repository(f"r{number}")

    assert statements() <= few
