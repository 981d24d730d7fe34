"""The page of workers: who is there and at what, and holding tasks back."""

from __future__ import annotations

from datetime import timedelta

import make
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cartwheel.engine.models import Pause, Task, Worker
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db


def read(client: Client) -> str:
    return " ".join(client.get("/workers/").content.decode().split())


def test_workers_stand_below_their_host_each_with_its_task(client: Client, admin: User) -> None:
    client.force_login(admin)
    busy = Worker.objects.create(name="1@north")
    Worker.objects.create(name="2@north")
    Worker.objects.create(name="1@south", last_heartbeat=timezone.now() - timedelta(hours=1))
    Task.objects.create(
        name="x", title="Sync community", state="running", worker=busy, started_at=timezone.now()
    )

    page = read(client)

    assert page.index("2 workers, 1 busy") < page.index("Sync community") < page.index("1 worker, 0 busy")
    assert page.index('data-hand="idle"') < page.index('data-hand="missing"')


def test_a_host_that_vanished_is_told_of_for_an_hour_or_until_it_is_back(client: Client, admin: User) -> None:
    client.force_login(admin)
    now = timezone.now()

    def ended(name: str, silent_for: int, ago: int) -> None:
        stopped = now - timedelta(seconds=ago)
        Worker.objects.create(
            name=name, stopped_at=stopped, last_heartbeat=stopped - timedelta(seconds=silent_for)
        )

    ended("1@vanished", silent_for=11, ago=60)
    ended("2@long-ago", silent_for=11, ago=3700)
    ended("3@in-order", silent_for=2, ago=60)
    ended("4@back", silent_for=11, ago=60)
    Worker.objects.create(name="5@back")

    page = read(client)

    assert "1@vanished" in page
    assert page.count('data-hand="missing"') == 1
    assert "5@back" in page
    assert "Pause 1@vanished" not in page


def test_a_script_is_given_the_part_that_the_page_shows(
    client: Client, admin: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(admin)

    with django_assert_max_num_queries(5):  # each open page asks for it every few seconds
        part = client.get("/workers/", headers={"HX-Request": "true"}).content.decode().strip()

    assert part.startswith('<div id="crew"')
    assert part in client.get("/workers/").content.decode()


def test_without_a_worker_it_says_how_to_start_one(client: Client, admin: User) -> None:
    client.force_login(admin)

    assert "Start some with <code>cartwheel worker</code>" in read(client)


def test_the_hub_a_worker_and_a_function_are_paused_and_resumed(client: Client, admin: User) -> None:
    client.force_login(admin)
    worker = make.worker()
    name = make.task().name

    for scope, target in (("hub", ""), ("worker", str(worker.pk)), ("function", name)):
        wanted = {"scope": scope, "target": target}
        answer = client.post("/workers/pauses/", {**wanted, "reason": "Later."})
        assert (answer.status_code, answer["Location"]) == (302, "/workers/")
        pause = Pause.objects.get()
        assert (pause.scope, pause.target, pause.reason, pause.created_by) == (scope, target, "Later.", admin)
        assert "“Later.”" in read(client)
        client.post("/workers/pauses/end/", wanted)
        assert not Pause.objects.exists()


@pytest.mark.parametrize("wanted", [{}, {"scope": "moon"}, {"scope": "worker", "target": "1"},
                                    {"scope": "function", "target": "no.such"}])  # fmt: skip
def test_what_is_not_there_cannot_be_paused(client: Client, admin: User, wanted: dict[str, str]) -> None:
    client.force_login(admin)

    assert client.post("/workers/pauses/", wanted).status_code == 400
    assert not Pause.objects.exists()


def test_a_stranger_pauses_nothing(client: Client, bob: User) -> None:
    client.force_login(bob)

    assert client.get("/workers/").status_code == 403
    assert client.post("/workers/pauses/", {"scope": "hub"}).status_code == 403
    assert not Pause.objects.exists()
