"""Fills a hub with rows by the thousand, as they are after years: for measuring, and for looking at plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import make
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from semantic_version import Version

from cartwheel.engine.models import CreatedResource, ProgressReport, Reservation, Task, TaskGroup
from cartwheel.kit.ids import uuid7
from cartwheel.kit.versions import sort_key
from cartwheel.registry.leftovers import MADE
from cartwheel.registry.models import (
    Artifact,
    Collection,
    CollectionImport,
    CollectionRemote,
    CollectionVersion,
    Deprecation,
    Distribution,
    Mark,
    Namespace,
    Repository,
    RepositoryContent,
    RepositoryVersion,
    Role,
    User,
)

BATCH = 2000
STATES = ["completed"] * 96 + ["failed"] * 2 + ["canceled", "waiting"]
WORDS = [
    "cloud",
    "network",
    "linux",
    "windows",
    "database",
    "storage",
    "security",
    "monitoring",
    "backup",
    "container",
]
CONTENTS = [{"name": f"module_{number}", "content_type": "module", "description": "x"} for number in range(8)]
NAMESPACES = 1000


def fill(count: int) -> None:
    """So many tasks, collections and results of a search; of all else, the fraction that is usual."""
    admin = make.user("admin", is_superuser=True)
    with transaction.atomic():
        _people(count)
        _tasks(count, admin)
        _collections(count)


def _bulk(model: type[Model], rows: Iterable[Any]) -> None:
    model._default_manager.bulk_create(rows, batch_size=BATCH)


def _people(count: int) -> None:
    _bulk(User, [User(username=f"user{number}") for number in range(count // 10)])
    _bulk(Group, [Group(name=f"group{number}") for number in range(count // 50)])
    _bulk(Role, [Role(name=f"role.{number}", permissions=["galaxy.change_namespace"])
                 for number in range(count // 50)])  # fmt: skip
    remotes = [
        CollectionRemote(name=f"remote{number}", url="https://example.com/") for number in range(count // 50)
    ]
    _bulk(CollectionRemote, remotes)
    rows = [Namespace(name=f"ns{number}", company=f"Company {number}") for number in range(NAMESPACES)]
    _bulk(Namespace, rows[: max(count // 10, 1)])


def _tasks(count: int, admin: User) -> None:
    now = timezone.now()
    groups = TaskGroup.objects.bulk_create(
        [TaskGroup(description=f"group {number}") for number in range(count // 100)]
    )
    made = [_task(number, now - timedelta(seconds=count - number), admin) for number in range(count)]
    for number, group in enumerate(groups):
        made[number].task_group = group
    for parent, child in zip(made[::10], made[1::10], strict=False):
        child.parent_task = parent
    _bulk(Task, made)
    _bulk(Reservation, [Reservation(task=each, resource=f"prn:r{number % 50}", exclusive=True, hold=2)
                        for number, each in enumerate(made)])  # fmt: skip
    _bulk(CreatedResource, [CreatedResource(task=each, path=f"{MADE}{uuid7()}/") for each in made[::2]])
    _bulk(ProgressReport, [ProgressReport(task=each, message="Read", code="read") for each in made[::10]])
    _bulk(CollectionImport, [CollectionImport(task=each, namespace=f"ns{number % NAMESPACES}",
                                              name=f"c{number}", version="1.0.0")
                             for number, each in enumerate(made[::4])])  # fmt: skip


def _task(number: int, made_at: Any, admin: User) -> Task:
    state, ended_at = STATES[number % 100], made_at + timedelta(seconds=3)
    is_waiting = state == "waiting"
    unblocked_at = (
        made_at + timedelta(seconds=number % 7, microseconds=number) if number % 5 == 0 else made_at
    )
    return Task(
        id=uuid7(),
        name=f"app.tasks.t{number % 20}",
        title=f"Do the work number {number}",
        state=state,
        created_by=admin if number % 3 else None,
        logging_cid=f"{number:032x}",
        created_at=made_at,
        started_at=None if is_waiting else made_at,
        unblocked_at=None if is_waiting else unblocked_at,
        finished_at=None if is_waiting else ended_at,
        pending=int(is_waiting),
        reserved_resources_record=[f"prn:r{number % 50}"],
    )


def _collections(count: int) -> None:
    published, validated = make.served("published"), make.served("validated")
    make.served("rejected", labels={"pipeline": "rejected", "hide_from_search": ""})
    make.served("staging", labels={"pipeline": "staging", "hide_from_search": ""})
    for repository in (published, validated):
        _versions_of(repository, count // 500 or 1)
    for number in range(20):
        make.served(f"team{number}")
    made = [Collection(namespace=f"ns{number % NAMESPACES}", name=f"c{number}") for number in range(count)]
    _bulk(Collection, made)
    artifacts = [Artifact(sha256=f"{number:064x}", size=1000) for number in range(count)]
    _bulk(Artifact, artifacts)
    versions = [_version(number, *pair) for number, pair in enumerate(zip(made, artifacts, strict=True))]
    _bulk(CollectionVersion, versions)
    for repository, some in ((published, versions), (validated, versions[::20])):
        _bulk(RepositoryContent, _placements(repository, some))
    then = published.versions.get(number=older(published))
    Distribution.objects.create(name="then", base_path="then", repository_version=then)
    _bulk(Deprecation, [Deprecation(repository=published, collection=each) for each in made[::50]])
    _bulk(
        Mark, [Mark(repository=published, collection_version=each, value="good") for each in versions[::100]]
    )


def _versions_of(repository: Repository, count: int) -> None:
    rows = [RepositoryVersion(repository=repository, number=number + 1) for number in range(count)]
    _bulk(RepositoryVersion, rows)
    Repository.objects.filter(pk=repository.pk).update(latest_number=count, next_number=count + 1)
    repository.refresh_from_db()


def older(repository: Repository) -> int:
    """The number of a version that has three quarters of what is there now."""
    return max(repository.latest_number * 3 // 4, 1)


def _version(number: int, collection: Collection, artifact: Artifact) -> CollectionVersion:
    words = [WORDS[(number * step) % 10] for step in (1, 3, 7)]
    return CollectionVersion(
        collection=collection,
        namespace=collection.namespace,
        name=collection.name,
        version="1.0.0",
        version_key=sort_key(Version("1.0.0")),
        artifact=artifact,
        description=f"A collection for {words[0]} and {words[1]}, made by people who like {words[2]}.",
        tags=[words[0], "tools"] if number % 10 == 0 else [words[1]],
        dependencies={f"ns0.c{number // 1000}": "*"} if number % 20 == 0 else {},
        contents=CONTENTS,
        manifest={"a": "x" * 400},
        files={"f": "y" * 600},
        docs_blob={"d": "z" * 1000},
    )


def _placements(repository: Repository, versions: Iterable[CollectionVersion]) -> Iterator[RepositoryContent]:
    for number, each in enumerate(versions):
        yield RepositoryContent(
            repository=repository,
            collection_version=each,
            collection_id=each.collection_id,
            version_key=each.version_key,
            namespace=each.namespace,
            name=each.name,
            is_highest=True,
            is_deprecated=repository.name == "published" and number % 50 == 0,
            added=1 + number // 500,
        )
