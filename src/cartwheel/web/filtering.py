"""Which tasks a search finds, as conditions on rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from cartwheel.engine.models import Reservation, Task
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.causes import told_causes
from cartwheel.registry.models import User
from cartwheel.web.search import Search
from cartwheel.web.things import resources_called

NOBODY = UUID(int=0)  # the id of no task
PROBLEM = Coalesce(KT("error__description"), KT("error__reason"), output_field=CharField())


def matching(
    tasks: QuerySet[Task], search: Search, user: User, since: datetime | None, now: datetime
) -> QuerySet[Task]:
    """Those of the tasks that a search of theirs finds, whatever the state. Older ones than `since` are passed over."""
    if search.task_id:
        return tasks.filter(pk=search.task_id)
    if search.text:
        tasks = tasks.filter(_about(search.text, user))
    for name, text in search.words.items():
        tasks = CONDITIONS[name](tasks, text, user)
    bounds = {
        "created_at__gte": max((each for each in (since, search.begins(now)) if each), default=None),
        "created_at__lte": search.until,
    }
    return tasks.filter(**{name: moment for name, moment in bounds.items() if moment})


def _about(text: str, user: User) -> Q:
    """The text is in the title or name, names a resource, or is who asked for it."""
    found = Q(title__icontains=text) | Q(name__icontains=text) | Q(created_by__username__iexact=text)
    return found | _holding(text, user)


def _holding(text: str, user: User) -> Q:
    """The task has, had or wants a resource that is called that."""
    places = Reservation.objects.filter(task=OuterRef("pk"), resource__in=resources_called(text, user))
    return Q(Exists(places))


def _in_error(tasks: QuerySet[Task], text: str, user: User) -> QuerySet[Task]:
    return tasks.filter(told_causes(user)).annotate(described=PROBLEM).filter(described__icontains=text)


def _in_group(tasks: QuerySet[Task], text: str, _: User) -> QuerySet[Task]:
    """By the id of the group, or words of its description."""
    return tasks.filter(
        **{"task_group": text} if is_uuid(text) else {"task_group__description__icontains": text}
    )


def _below(tasks: QuerySet[Task], text: str, _: User) -> QuerySet[Task]:
    """By the id only: what the parent is called may be nothing for the user to know."""
    return tasks.filter(parent_task=UUID(text) if is_uuid(text) else NOBODY)


CONDITIONS: dict[str, Any] = {
    "name": lambda tasks, text, _: tasks.filter(name__icontains=text),
    "person": lambda tasks, text, _: tasks.filter(created_by__username__iexact=text),
    "resource": lambda tasks, text, user: tasks.filter(_holding(text, user)),
    "worker": lambda tasks, text, _: tasks.filter(worker__name__iexact=text),
    "error": _in_error,
    "group": _in_group,
    "parent": _below,
}

ORDERS: dict[str, tuple[Any, ...]] = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "ended": (F("finished_at").desc(nulls_last=True), "-id"),
    "longest": (F("took").desc(nulls_last=True), "-id"),
    "title": ("title", "name", "-created_at", "-id"),
}
