"""Rows of collections, that several tasks at once may change: each locks them in the same order."""

from __future__ import annotations

from collections.abc import Collection as Several
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cartwheel.registry.many import many
from cartwheel.registry.models import Collection


def lock_collections(ids: Several[UUID] | QuerySet[Any, Any]) -> list[UUID]:
    """Let nobody import into these collections until the transaction ends; gives those that are there.

    Whoever deletes versions does it first, and looks then whether any version is left.
    """
    rows = Collection.objects.select_for_update(no_key=True).filter(pk__in=many(ids)).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def touch(ids: Several[UUID] | QuerySet[Any, Any]) -> None:
    """Note that something about these collections has changed, so that clients forget what they had cached."""
    with transaction.atomic():
        locked = lock_collections(ids)
        Collection.objects.filter(pk__in=many(locked)).update(updated_at=timezone.now())
