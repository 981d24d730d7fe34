"""What the clean-up of orphans spares: versions that are in no repository yet, any more, or at the moment."""

from __future__ import annotations

from collections.abc import Collection as Several
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.registry.many import many
from cartwheel.registry.models import CollectionVersion, RepositoryContent
from cartwheel.registry.touching import lock_collections

SYNC = "pulp_ansible.app.tasks.collections.sync"  # finds and imports for hours what it places at its end
CLOCKS = timedelta(hours=1)  # that the clocks of hosts may differ by

IS_NOWHERE = ~Q(Exists(RepositoryContent.objects.filter(collection_version=OuterRef("pk"))))


def spare(versions: QuerySet[CollectionVersion]) -> None:
    """Keep those that are nowhere for as long as what is made just now. Those that are found then may be used."""
    lost = versions.filter(IS_NOWHERE)
    if lost.exists():
        with transaction.atomic():
            lock_collections(lost.values("collection"))
            lost.update(updated_at=timezone.now())


def note_leaving(ids: Several[UUID]) -> None:
    """Of versions that left a repository: from now on count for how long they have been nowhere, if they are.

    Joins the caller's transaction.
    """
    CollectionVersion.objects.filter(IS_NOWHERE, pk__in=many(ids)).update(updated_at=timezone.now())


def needed_since() -> datetime | None:
    """All that was made, spared or left a repository since then may be what a sync is about to place."""
    syncs = Task.objects.under_way().filter(name=SYNC)
    began: datetime | None = syncs.aggregate(began=Min("started_at"))["began"]
    return began - CLOCKS if began else None
