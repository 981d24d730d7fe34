"""What charts and counts are made of. Run on PostgreSQL too: each database has expressions of its own here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.registry.models import User
from cartwheel.web.figures import ended, summed

pytestmark = pytest.mark.django_db


def test_what_ended_is_counted_with_how_long_it_waited(client: Client, admin: User) -> None:
    now = timezone.now()
    times = {"created_at": now - timedelta(seconds=40), "started_at": now - timedelta(seconds=30)}
    for state in ("completed", "failed"):
        Task.objects.create(state=state, name="x", finished_at=now, **times)

    found = ended(now, slots=24, seconds=3600)

    assert summed(found).total == 2
    assert found[-1].failed == 1
    assert found[-1].waited == pytest.approx(10, abs=0.01)
    client.force_login(admin)
    assert [client.get(path).status_code for path in ("/", "/overview/")] == [200, 200]
