"""What a person is told across pages."""

from __future__ import annotations

import make
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from small_collections import collection

from cartwheel.engine.models import Schedule, Task
from cartwheel.registry.contents import Modification, modify
from cartwheel.registry.imports import import_to_staging
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


def test_the_notice_of_an_approval_leads_to_the_collection_once_it_is_there(
    client: Client, admin: User
) -> None:
    client.force_login(admin)
    staging = make.served("staging", labels={"pipeline": "staging"})
    published = make.served("published", labels={"pipeline": "approved"})
    version = make.placed(staging, number="1.0.0+x")
    chosen = {"act": "approve", "chosen": f"{staging.pk}/{version.pk}"}
    client.post("/approval/", chosen)
    task = Task.objects.get(name="pulp_ansible.app.tasks.copy.move_collection")
    link = '<a href="/collections/published/acme/tools/?version=1.0.0%2Bx">See it in published</a>'

    def told() -> str:
        return client.get(f"/notices/?id={task.pk}", headers=PART).content.decode()

    assert link not in told()
    make.perform(task)
    Task.objects.update(state="completed")
    assert link in told()
    make.perform(modify(published, Modification(remove=[version.pk]), by=admin))
    assert link not in told()


def test_the_notice_of_an_import_leads_to_the_collection_or_to_what_its_import_logged(
    client: Client, admin: User
) -> None:
    client.force_login(admin)
    make.namespace("acme")
    staging = make.served("staging", labels={"pipeline": "staging"})
    client.post("/upload/", {"file": ContentFile(collection(), name="acme-tools-1.0.0.tar.gz")})
    task = Task.objects.get(name=import_to_staging.name)
    collection_link = '<a href="/collections/staging/acme/tools/?version=1.0.0">See it in staging</a>'
    log_link = f'<a href="/imports/{task.pk}/">See its import log</a>'

    def told() -> tuple[bool, bool]:
        page = client.get(f"/notices/?id={task.pk}", headers=PART).content.decode()
        return collection_link in page, log_link in page

    assert told() == (False, False)
    make.placed(staging, "acme.tools", "1.0.0")
    Task.objects.update(state="completed")
    assert told() == (True, False)
    Task.objects.update(state="failed", error={"description": "MANIFEST.json is missing."})
    assert told() == (False, True)
