"""How many tasks ended when: the same on SQLite and on PostgreSQL, whose clocks are asked in words of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.registry.models import User
from cartwheel.web.figures import causes, ended, summed

pytestmark = pytest.mark.django_db

ANYBODY = User(username="anybody")
NOW = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


def row(at: datetime, *, state: str = "completed", waited: float | None = 1.0) -> None:
    """A task that ended then, a second after it began."""
    started = None if waited is None else at - timedelta(seconds=1)
    created = at if started is None else started - timedelta(seconds=waited or 0)
    Task.objects.create(name="x", state=state, created_at=created, started_at=started, finished_at=at)


def test_each_task_is_counted_in_the_hour_in_which_it_ended() -> None:
    row(NOON)
    row(NOON - timedelta(seconds=1), state="failed")
    row(NOON + timedelta(minutes=20), state="canceled", waited=None)

    hours = ended(NOW, slots=3, seconds=3600, user=ANYBODY)

    assert [each.begin for each in hours] == [NOON - timedelta(hours=2), NOON - timedelta(hours=1), NOON]
    assert [(each.completed, each.failed, each.others) for each in hours] == [(0, 0, 0), (0, 1, 0), (1, 0, 1)]
    assert summed(hours).total == 3


def test_what_ended_before_is_not_counted() -> None:
    row(NOON - timedelta(hours=1, seconds=1))

    assert summed(ended(NOW, slots=2, seconds=3600, user=ANYBODY)).total == 0


def test_waiting_is_measured_from_the_request_to_the_start() -> None:
    row(NOON, waited=1.5)
    row(NOON, waited=4.5)
    row(NOON, state="failed", waited=6.0)

    (hour,) = ended(NOW, slots=1, seconds=3600, user=ANYBODY)

    assert hour.waited == pytest.approx(4.0, abs=0.01)
    assert hour.waited_most == pytest.approx(6.0, abs=0.01)


def test_a_start_before_the_request_by_another_clock_is_no_waiting() -> None:
    row(NOON, waited=-0.5)

    (hour,) = ended(NOW, slots=1, seconds=3600, user=ANYBODY)

    assert (hour.waited, hour.waited_most) == (0.0, 0.0)


def test_an_hour_in_which_nothing_ended_has_no_waiting() -> None:
    (hour,) = ended(NOW, slots=1, seconds=3600, user=ANYBODY)

    assert (hour.total, hour.waited, hour.waited_most) == (0, None, None)


def test_what_waits_is_counted_by_its_cause() -> None:
    Task.objects.create(name="x", state="waiting")

    found = causes(ANYBODY)

    assert (found.resources, found.worker, found.time) == (1, 0, 0)


def test_what_ended_is_counted_with_how_long_it_waited(client: Client, admin: User) -> None:
    now = timezone.now()
    times = {"created_at": now - timedelta(seconds=40), "started_at": now - timedelta(seconds=30)}
    for state in ("completed", "failed"):
        Task.objects.create(state=state, name="x", finished_at=now, **times)

    found = ended(now, slots=24, seconds=3600, user=ANYBODY)

    assert summed(found).total == 2
    assert found[-1].failed == 1
    assert found[-1].waited == pytest.approx(10, abs=0.01)
    client.force_login(admin)
    assert [client.get(path).status_code for path in ("/", "/overview/")] == [200, 200]
