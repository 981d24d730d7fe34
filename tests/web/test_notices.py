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
