"""Orphans: collection versions that are in no version of any repository, files that nobody refers to, old uploads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from cartwheel.engine.functions import Call, Options, task
from cartwheel.engine.gate import HUB_ID
from cartwheel.engine.models import CreatedResource, Task
from cartwheel.engine.states import INCOMPLETE
from cartwheel.registry.artifacts import delete_forgotten
from cartwheel.registry.deletion import delete_artifacts, delete_records
from cartwheel.registry.leftovers import MADE
from cartwheel.registry.many import many
from cartwheel.registry.models import CollectionVersion, User
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.repositories import changing
from cartwheel.registry.sparing import IS_NOWHERE, needed_since
from cartwheel.registry.touching import lock_collections
from cartwheel.registry.unrecorded import delete_unrecorded

PROTECTION_MINUTES = 1440  # so long an orphan is kept if nothing else is said


def clean_up(*, protection_minutes: int | None = None, only: Iterable[UUID] | None = None, by: User) -> Task:
    """Delete orphans that have not changed for so long, as a task. Superusers only.

    `only` names the collection versions that may go; by default all that are orphans.
    """
    require_superuser(by)
    ids = None if only is None else [str(each) for each in only]
    call = Call(exclusive=[f"pdrn:{HUB_ID}:orphans"], by=by)
    return orphan_cleanup.dispatch(ids, protection_minutes, call=call)


@task(
    "pulpcore.app.tasks.orphan.orphan_cleanup",
    title="Clean up what is in no repository",
    options=Options(repeatable=True),
)
def orphan_cleanup(content_pks: list[str] | None = None, orphan_protection_time: int | None = None) -> None:
    """`orphan_protection_time` are minutes, PROTECTION_MINUTES if it is None. What a sync may need is spared."""
    minutes = PROTECTION_MINUTES if orphan_protection_time is None else orphan_protection_time
    before = timezone.now() - timedelta(minutes=minutes)
    with changing():
        locked = lock_collections(_due(content_pks, before).values("collection"))
        # Asked for again: as they are now that nobody imports them.
        found = _due(content_pks, before).filter(collection__in=many(locked))
        versions = list(found.only("namespace", "name", "version", "collection_id", "artifact_id"))
        delete_records(versions)
    delete_artifacts(versions, before=before)
    delete_forgotten()
    if content_pks is None:
        delete_unrecorded(before)


def _due(only: list[str] | None, before: datetime) -> QuerySet[CollectionVersion]:
    needed = needed_since()
    found = orphans().filter(updated_at__lte=min(before, needed) if needed else before)
    return found if only is None else found.filter(pk__in=only)


def orphans() -> QuerySet[CollectionVersion]:
    """Versions in no version of any repository, but for those that a task is about to put there."""
    awaited = CreatedResource.objects.filter(path__startswith=MADE, task__state__in=INCOMPLETE)
    ids = {UUID(path.removeprefix(MADE).rstrip("/")) for path in awaited.values_list("path", flat=True)}
    return CollectionVersion.objects.filter(IS_NOWHERE).exclude(pk__in=many(ids))
