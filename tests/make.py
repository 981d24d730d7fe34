"""Makes what tests need; a test names only what it is about."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any
from uuid import uuid4

import storages
from django.contrib.auth.models import Group
from django.db.models import F, Model
from rest_framework.test import APIClient
from semantic_version import Version

from cartwheel.config import Config, current
from cartwheel.engine.claims import Claimed, claim
from cartwheel.engine.context import running
from cartwheel.engine.dispatch import dispatch
from cartwheel.engine.endings import Outcome, finish
from cartwheel.engine.functions import Call, find
from cartwheel.engine.models import Task, Worker
from cartwheel.engine.states import State
from cartwheel.kit.versions import sort_key
from cartwheel.registry.models import (
    Artifact,
    Collection,
    CollectionVersion,
    Distribution,
    Namespace,
    Repository,
    Role,
    RoleGrant,
    User,
)
from cartwheel.registry.permissions import object_type
from cartwheel.registry.repositories import change_contents

PASSWORD = "correct-horse-battery"


def user(name: str, **details: Any) -> User:
    """A user who can sign in with PASSWORD, hashed cheaply."""
    made = User(username=name, **details)
    made.password = f"md5$salt${hashlib.md5(f'salt{PASSWORD}'.encode(), usedforsecurity=False).hexdigest()}"
    made.save()
    return made


def repository(name: str = "published", **details: Any) -> Repository:
    return Repository.objects.get_or_create(name=name, defaults=details)[0]


def version(name: str = "acme.tools", number: str = "1.0.0", **details: Any) -> CollectionVersion:
    """A collection version whose artifact is only a row."""
    namespace, _, short = name.partition(".")
    collection, _ = Collection.objects.get_or_create(namespace=namespace, name=short)
    digest = hashlib.sha256(f"{name}-{number}".encode()).hexdigest()
    artifact, _ = Artifact.objects.get_or_create(sha256=digest, defaults={"size": 1000})
    return CollectionVersion.objects.create(
        collection=collection,
        namespace=namespace,
        name=short,
        version=number,
        version_key=sort_key(Version(number)),
        is_prerelease=bool(Version(number).prerelease),
        artifact=artifact,
        **details,
    )


def served(name: str = "published", **details: Any) -> Repository:
    """A repository that is served under its own name."""
    made = repository(name, **details)
    Distribution.objects.get_or_create(base_path=name, defaults={"name": name, "repository": made})
    return made


def placed(
    where: Repository, name: str = "acme.tools", number: str = "1.0.0", **details: Any
) -> CollectionVersion:
    """A collection version that is in a repository."""
    made = version(name, number, **details)
    change_contents(where, add=[made])
    return made


def grant(to: User | Group, *permissions: str, on: Model | None = None) -> None:
    """Let a user or a group do something, everywhere or with one object."""
    role = Role.objects.create(name=f"role {uuid4().hex}", permissions=sorted(permissions))
    where = {"object_type": object_type(on), "object_id": str(on.pk)} if on else {}
    whom = {"user": to} if isinstance(to, User) else {"group": to}
    RoleGrant.objects.create(role=role, **whom, **where)


def api(user: User | None = None) -> APIClient:
    """A client of the API, signed in as that user or as nobody."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


def perform(task: Task) -> Task:
    """Run a task's function here, as its worker would."""
    Task.objects.filter(pk=task.pk).update(state=State.RUNNING, claim=F("claim") + 1)
    task.refresh_from_db()
    with running(task):
        find(task.name)(*task.args, **task.kwargs)
    return task


def task(name: str = "pulpcore.app.tasks.test.dummy_task", **call: Any) -> Task:
    """A dispatched task. `call` is what goes with it: exclusive, shared, by, group."""
    return dispatch(name, call.pop("args", ()), call.pop("kwargs", {}), call=Call(**call))


def worker(**details: Any) -> Worker:
    return Worker.objects.create(name="1@test", **details)


def claimed(**call: Any) -> Claimed:
    """A task that a worker has. No other may be ready."""
    made = task(**call)
    (got,) = claim({worker().pk: 1})
    assert got.task_id == made.pk
    return got


def end(got: Claimed, state: State = State.COMPLETED, **details: Any) -> None:
    """Let a claimed task end."""
    finish([Outcome(got.task_id, got.claim, state, **details)])


def perform_without_claim(task: Task) -> None:
    """Run a task's function here, as a worker from which the task was taken away."""
    Task.objects.filter(pk=task.pk).update(state=State.RUNNING, claim=F("claim") + 1)
    with running(task):
        find(task.name)(*task.args, **task.kwargs)


def config(**changes: Any) -> Config:
    """The hub's settings with some of them changed. With a data directory, it has storage of its own."""
    if "data" in changes and storages.is_remote():
        changes.setdefault("storage_url", storages.new_storage(redirect="false"))
    return replace(current(), **changes)


def group(name: str, *members: User) -> Group:
    made = Group.objects.create(name=name)
    for each in members:
        each.groups.add(made)
    return made


def namespace(name: str = "acme", **details: Any) -> Namespace:
    return Namespace.objects.create(name=name, **details)
