"""Imports as lists show them: what was uploaded, how it went, and where it is now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from cartwheel.engine.models import Task
from cartwheel.engine.states import FINAL, State
from cartwheel.registry.models import CollectionImport, CollectionVersion, Repository, User
from cartwheel.registry.plans import are_many, unindexed
from cartwheel.registry.shelves import where_they_are
from cartwheel.registry.task_rights import visible_imports
from cartwheel.web import moments

PROBLEM_LIMIT = 300  # characters of an error in a list


@dataclass(frozen=True)
class ImportRow:
    """One import. `places` are the repositories that hold what came of it."""

    id: UUID
    namespace: str
    name: str
    version: str
    state: State
    who: str
    created: Any
    lasted: str
    problem: str
    places: tuple[Repository, ...]

    @property
    def title(self) -> str:
        return f"{self.namespace}.{self.name} {self.version}"

    @property
    def waits_for_approval(self) -> bool:
        return any(each.pipeline == "staging" for each in self.places)

    @property
    def what_now(self) -> str:
        """Approval in words, where that is what it waits for."""
        if self.waits_for_approval:
            return gettext("waits for approval")
        return (
            gettext("rejected")
            if self.places and all(each.pipeline == "rejected" for each in self.places)
            else ""
        )


def imports_of(user: User) -> QuerySet[CollectionImport]:
    """The imports that somebody asked for, the newest first."""
    # Of many tasks, those of the newest imports are soon found in the order of these.
    is_many = are_many(Task.objects.filter(created_by=user))
    theirs = Q(task__created_by=user)
    return newest_first(visible_imports(user).filter(unindexed(theirs) if is_many else theirs))


def newest_first(imports: QuerySet[CollectionImport]) -> QuerySet[CollectionImport]:
    return imports.order_by("-pk")  # ids of tasks grow with time


def import_rows(imports: QuerySet[CollectionImport], user: User) -> list[ImportRow]:
    """Four statements, however many there are. Ask for a page of them."""
    found: list[Any] = list(
        imports.annotate(
            state=F("task__state"),
            who=F("task__created_by__username"),
            created=F("task__created_at"),
            started=F("task__started_at"),
            finished=F("task__finished_at"),
            problem=Coalesce(
                KeyTextTransform("description", "task__error"),
                KeyTextTransform("reason", "task__error"),
                output_field=CharField(),
            ),
        ).values(
            "task_id",
            "namespace",
            "name",
            "version",
            "state",
            "who",
            "created",
            "started",
            "finished",
            "problem",
        )
    )
    places = _places(found, user)
    return [_row(each, places.get(_key(each), ())) for each in found]


def _key(row: Any) -> tuple[str, str, str]:
    return row["namespace"], row["name"], row["version"]


def _places(rows: Iterable[Any], user: User) -> dict[tuple[str, str, str], tuple[Repository, ...]]:
    wanted = {_key(each) for each in rows}
    versions = CollectionVersion.objects.filter(
        namespace__in={key[0] for key in wanted},
        name__in={key[1] for key in wanted},
        version__in={key[2] for key in wanted},
    )
    ids = {_key(each): each["pk"] for each in versions.values("pk", "namespace", "name", "version")}
    named = where_they_are([pk for key, pk in ids.items() if key in wanted], to=user)
    repositories = {each.name: each for each in Repository.objects.filter(name__in=_all(named))}
    return {key: tuple(repositories[name] for name in named.get(pk, ())) for key, pk in ids.items()}


def _all(named: dict[UUID, list[str]]) -> set[str]:
    return {name for names in named.values() for name in names}


def _row(row: Any, places: tuple[Repository, ...]) -> ImportRow:
    state = State(row["state"])
    end = row["finished"] if state in FINAL else timezone.now()
    seconds = (end - row["started"]).total_seconds() if row["started"] and end else None
    return ImportRow(
        id=row["task_id"],
        namespace=row["namespace"],
        name=row["name"],
        version=row["version"],
        state=state,
        who=row["who"] or "",
        created=row["created"],
        lasted="" if seconds is None else moments.lasted(seconds),
        problem=" ".join((row["problem"] or "")[:PROBLEM_LIMIT].split()) if state == State.FAILED else "",
        places=places if state == State.COMPLETED else (),
    )
