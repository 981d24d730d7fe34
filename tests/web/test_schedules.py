"""The page of schedules and their form: what is typed is kept, and what is wrong is said beside the field."""

from __future__ import annotations

from datetime import timedelta

import make
import pytest
from django.test import Client

from cartwheel.engine.models import Schedule, Task
from cartwheel.registry.models import User
from cartwheel.web.schedule_rows import every_words

pytestmark = pytest.mark.django_db

SLEEP = "pulpcore.app.tasks.test.sleep"
TYPED = {
    "name": "Nap",
    "task_name": SLEEP,
    "plan": "interval",
    "every": "15",
    "unit": "minutes",
    "args": "[0]",
}


def test_a_schedule_is_made_changed_and_deleted(client: Client, admin: User) -> None:
    client.force_login(admin)

    client.post("/schedules/new/", TYPED)
    made = Schedule.objects.get(name="Nap")
    first = (made.interval, made.cron, made.args, made.created_by)
    typed = {**TYPED, "plan": "cron", "cron": "0 3 * * *", "time_zone": "Europe/Berlin", "shared": "a\n\n b "}
    client.post(f"/schedules/{made.pk}/", typed)
    made.refresh_from_db()
    page = client.get("/schedules/").content.decode()
    client.post(f"/schedules/{made.pk}/deletion/")

    assert first == (timedelta(minutes=15), "", [0], admin)
    assert (made.interval, made.cron, made.shared) == (None, "0 3 * * *", ["a", "b"])
    assert "0 3 * * * (Europe/Berlin)" in page
    assert not Schedule.objects.filter(name="Nap").exists()


def test_many_schedules_are_shown_page_by_page(client: Client, admin: User) -> None:
    client.force_login(admin)
    rows = [Schedule(name=f"nap {number:03}", task_name=SLEEP, cron="0 3 * * *") for number in range(60)]
    Schedule.objects.bulk_create(rows)

    first = client.get("/schedules/").content.decode()
    second = client.get("/schedules/?page=2").content.decode()

    assert ("nap 049" in first, "nap 050" in first) == (True, False)
    assert ("nap 049" in second, "nap 050" in second) == (False, True)
    assert '<a class="button" rel="next" href="?page=2">' in first
    assert 'hx-get="/schedules/?page=2"' in second  # what is read again while one looks


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Say something here."),
        ({"name": "n" * 256}, "Use at most 255 characters."),
        ({"task_name": "no.such"}, "No module named"),
        ({"every": "-1"}, "Use a whole number"),
        ({"every": "9" * 5000}, "Use a whole number"),
        ({"plan": "cron", "cron": "at noon"}, "is no cron expression"),
        ({"plan": "cron", "cron": "0 3 * * *", "time_zone": "Mars"}, "is no time zone"),
        ({"args": "{}"}, "Write JSON such as"),
        ({"kwargs": "[" * 9000}, "Write JSON such as"),
        ({"args": "[NaN]"}, "Write JSON such as"),
        ({"args": '["\\u0000"]'}, "Write JSON such as"),
        ({"exclusive": "r" * 5000}, "is no resource"),
        ({"shared": "r" * 5000}, "is no resource"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Client, admin: User, changed: dict[str, str], words: str
) -> None:
    client.force_login(admin)
    before = Schedule.objects.count()

    answer = client.post("/schedules/new/", {**TYPED, **changed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page[page.index('class="wrong"') :]
    assert f'value="{SLEEP}"' in page or "task_name" in changed
    assert Schedule.objects.count() == before


def test_a_name_is_given_once(client: Client, admin: User) -> None:
    client.force_login(admin)
    client.post("/schedules/new/", TYPED)

    answer = client.post("/schedules/new/", TYPED)

    assert "There is a schedule of that name already." in answer.content.decode()
    assert Schedule.objects.filter(name="Nap").count() == 1


def test_it_runs_now_and_is_switched_off_and_on(client: Client, admin: User) -> None:
    client.force_login(admin)
    client.post("/schedules/new/", TYPED)
    made = Schedule.objects.get(name="Nap")

    client.post(f"/schedules/{made.pk}/run/")
    client.post(f"/schedules/{made.pk}/switch/", {"enabled": "false"})
    off = client.get("/schedules/").content.decode()
    client.post(f"/schedules/{made.pk}/switch/", {"enabled": "true"})

    assert Task.objects.filter(name=SLEEP).count() == 1
    assert "switched off" in off
    assert Schedule.objects.get(name="Nap").is_enabled


def test_one_that_can_no_longer_be_followed_is_switched_off(client: Client, admin: User) -> None:
    client.force_login(admin)
    made = Schedule.objects.create(name="Old", task_name="no.longer.there", interval=timedelta(hours=1))

    page = client.get("/schedules/").content.decode()
    client.post(f"/schedules/{made.pk}/switch/", {"enabled": "false"})
    refused = client.post(f"/schedules/{made.pk}/switch/", {"enabled": "true"})

    made.refresh_from_db()
    assert "no.longer.there" in page.replace("<wbr>", "")
    assert (made.is_enabled, made.next_dispatch) == (False, None)
    assert refused.status_code == 400


def test_everybody_reads_and_no_stranger_changes(client: Client, admin: User, bob: User) -> None:
    made = Schedule.objects.create(name="Nap", task_name=SLEEP, interval=timedelta(hours=1), args=[0])
    client.force_login(bob)

    page = client.get("/schedules/").content.decode()
    refused = [
        client.post(f"/schedules/{made.pk}/{act}").status_code for act in ("", "run/", "switch/", "deletion/")
    ]

    assert "every hour" in page
    assert "Run now" not in page
    assert refused == [403] * 4
    assert Schedule.objects.filter(name="Nap").exists()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(60, "every minute"), (3600, "every hour"), (86_400, "every day"), (900, "every 15 min"),
     (5400, "every 1 h 30 min"), (604_800, "every 7 d")],
)  # fmt: skip
def test_an_interval_in_words(seconds: int, words: str) -> None:
    assert every_words(timedelta(seconds=seconds)) == words


def test_what_was_typed_goes_through_signing_in(client: Client, admin: User) -> None:
    asked = client.post("/schedules/new/", TYPED)
    draft = {"next": asked.context["next"], "draft": asked.context["draft"]}
    client.post("/login/", {"username": "admin", "password": make.PASSWORD, **draft})

    form, later = client.get("/schedules/new/"), client.get("/schedules/new/")

    assert form.context["form"].typed.items() >= TYPED.items()
    assert form.context["is_restored"]
    assert not later.context["is_restored"]
    assert later.context["form"].typed["name"] == ""
