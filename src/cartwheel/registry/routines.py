"""What a hub does by itself, day after day: its stock schedules."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cartwheel.engine.models import Schedule

DAILY = timedelta(days=1)
STOCK = {  # name -> task function
    "Clean up stale content periodically": "pulpcore.app.tasks.orphan.orphan_cleanup",
    "Forget old tasks": "cartwheel.engine.retention.retire",
}


def ensure_stock() -> None:
    """Make the schedules that a new hub has."""
    for name, task_name in STOCK.items():
        Schedule.objects.get_or_create(
            name=name,
            defaults={"task_name": task_name, "interval": DAILY, "next_dispatch": timezone.now() + DAILY},
        )
