"""What a person is told across pages."""

from __future__ import annotations

import make
import pytest
from django.test import Client

from cartwheel.engine.models import Schedule
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db

PART = {"HX-Request": "true"}


def test_a_part_of_a_page_takes_no_notice_away(client: Client, admin: User) -> None:
    client.force_login(admin)
    name = make.task(by=admin).name
    schedule = Schedule.objects.create(name="nightly", task_name=name, cron="0 3 * * *")
    client.post(f"/schedules/{schedule.pk}/deletion/")

    part = client.get("/schedules/", headers=PART).content.decode()
    page = client.get("/schedules/").content.decode()
    once_more = client.get("/schedules/").content.decode()

    words = "The schedule nightly is deleted."
    assert words not in part
    assert words in page
    assert words not in once_more


def test_all_notices_are_dismissed_at_once_those_too_that_are_not_shown(client: Client, admin: User) -> None:
    client.force_login(admin)
    name = make.task(by=admin).name
    for number in range(6):
        schedule = Schedule.objects.create(name=f"nightly {number}", task_name=name, cron="0 3 * * *")
        client.post(f"/schedules/{schedule.pk}/deletion/")

    client.post("/notices/all/dismissal/")

    assert "is deleted." not in client.get("/schedules/").content.decode()
