"""The overview: what runs, what waits, what failed, and figures that a table says too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from cartwheel.engine.models import Pause, Task
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


def read(client: Client, path: str = "/overview/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_shows_what_runs_what_waits_and_what_failed(client: Client, admin: User) -> None:
    client.force_login(admin)
    now = timezone.now()
    Task.objects.create(name="x", title="Sync community", state="running", started_at=now)
    Task.objects.create(name="x", title="Import acme.tools", state="waiting")
    Task.objects.create(
        name="x", title="Sync broken", state="failed", started_at=now, finished_at=now,
        error={"description": "The server said 503."},
    )  # fmt: skip

    page = read(client)

    for words in ("Sync community", "Import acme.tools", "Sync broken", "The server said 503."):
        assert words in page


def test_a_chart_has_a_table_behind_it(client: Client, admin: User) -> None:
    client.force_login(admin)
    now = timezone.now()
    for state in ("completed", "completed", "failed"):
        Task.objects.create(name="x", state=state, created_at=now, started_at=now, finished_at=now)

    page = read(client)

    assert f'data-clock="day">{now:%a %H}:00</time></th><td>2</td><td>1</td><td>0</td>' in page
    assert (
        f'<title data-begin="{now:%Y-%m-%dT%H}:00:00.000Z">{now:%H}:00 UTC: 3 ended, 1 failed</title>' in page
    )


def test_a_start_before_the_request_by_another_clock_breaks_nothing(client: Client, admin: User) -> None:
    client.force_login(admin)
    now = timezone.now()
    began = now - timedelta(seconds=1)
    Task.objects.create(name="x", state="completed", created_at=now, started_at=began, finished_at=now)

    assert "1</b> ended, 0 failed" in read(client)


def test_the_page_of_an_idle_hub_says_so(client: Client, admin: User) -> None:
    client.force_login(admin)

    page = read(client)

    for words in (
        "Nothing runs at present.",
        "Nothing waits.",
        "Nothing failed.",
        "Nothing ended.",
        "Nothing began.",
    ):
        assert words in page


def test_a_pause_is_told_on_every_page(client: Client, alice: User) -> None:
    client.force_login(alice)
    Pause.objects.create(scope="hub", reason="The disk is being moved.")

    for path in ("/", "/overview/", "/schedules/", "/collections/"):
        page = read(client, path)
        assert "The hub is paused." in page, path
        assert "The disk is being moved." in page, path


def test_without_tasks_there_are_no_charts(client: Client, admin: User) -> None:
    client.force_login(admin)

    page = read(client)

    assert '<svg class="chart' not in page
    assert "in the slowest hour" not in page


def test_how_long_tasks_waited_is_told_of_the_slowest_hour(client: Client, admin: User) -> None:
    client.force_login(admin)
    now = timezone.now()
    began = now - timedelta(seconds=1)
    for waited, ended in ((30.5, now), (12, now - timedelta(hours=2))):
        Task.objects.create(
            name="x", state="completed", started_at=began, created_at=began - timedelta(seconds=waited), finished_at=ended
        )  # fmt: skip

    assert "<b>30 s</b> on average in the slowest hour" in read(client)


def test_what_one_may_not_know_of_is_not_counted(
    client: Client, alice: User, bob: User, settings: Settings
) -> None:
    settings.CONFIG = replace(settings.CONFIG, tasks_visible_to="owners")
    now = timezone.now()
    for who in (alice, bob, bob):
        Task.objects.create(name="x", state="waiting", created_by=who)
        Task.objects.create(name="x", state="failed", created_by=who, started_at=now, finished_at=now)

    client.force_login(alice)
    hers = read(client)
    client.force_login(bob)
    his = read(client)

    assert "<b>1</b> ended, 1 failed" in hers
    assert "<dt>for resources</dt><dd>1</dd>" in hers
    assert "<b>2</b> ended, 2 failed" in his
    assert "Last hour: 2 ended, 2 failed" in read(client, "/")
