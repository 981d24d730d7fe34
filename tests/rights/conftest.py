"""One thing of each kind, Alice's where it can be somebody's, and five people who ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import make
import pytest
from endpoints import PEOPLE

from cartwheel.engine.models import Schedule, TaskGroup
from cartwheel.registry.models import (
    ChunkedUpload,
    CollectionImport,
    CollectionRemote,
    Distribution,
    Namespace,
    Repository,
    Role,
    RoleGrant,
    User,
)
from cartwheel.registry.roles import make_locked, missing_locked
from cartwheel.web.models import SavedView


@pytest.fixture
def people(alice: User, bob: User, admin: User) -> dict[str, User | None]:
    make_locked(missing_locked())
    operator = make.user("operator")
    RoleGrant.objects.create(role=Role.objects.get(name="galaxy.task_admin"), user=operator)
    return dict(zip(PEOPLE, (None, bob, alice, operator, admin), strict=True))


@pytest.fixture
def fill(people: dict[str, User | None], alice: User) -> Callable[[str], str]:
    """Puts what is there into a path of the resolver."""
    acme = make.namespace("acme")
    make.served("published")
    make.served("staging", labels={"pipeline": "staging"})
    tools = make.served("tools", private=True)
    version = make.placed(tools)
    remote = CollectionRemote.objects.create(name="far", url="https://far.example.org/api/")
    _owned_by(alice, acme, "galaxy.collection_namespace_owner")
    _owned_by(alice, tools, "galaxy.ansible_repository_owner")
    _owned_by(alice, remote, "galaxy.collection_remote_owner")
    carol = make.user("carol")
    group = make.group("crew", carol)
    role = Role.objects.create(name="mine", permissions=["galaxy.view_user"])
    task_group = TaskGroup.objects.create()
    task = make.task(by=alice, group=task_group)
    CollectionImport.objects.create(task=task, namespace="acme", name="tools", version="1.0.0")
    schedule = Schedule.objects.create(name="nightly", task_name=task.name, cron="0 3 * * *")
    ids: dict[str, Any] = {
        "tasks": task.pk,
        "task-groups": task_group.pk,
        "collections": task.pk,  # imports
        "imports": task.pk,
        "workers": make.worker().pk,
        "schedules": schedule.pk,
        "task-schedules": schedule.pk,
        "collection_versions": version.pk,
        "artifacts": version.artifact_id,
        "uploads": ChunkedUpload.objects.create(user=alice, size=10).pk,
        "collection": remote.pk,
        "remotes": remote.pk,
        "ansible": tools.pk,
        "distributions": Distribution.objects.get(repository=tools).pk,
        "users": carol.pk,
        "groups": group.pk,
        "roles": role.pk,
        "namespaces": acme.pk,
        "versions": 1,
        "views": SavedView.objects.create(user=alice, name="mine", query="?state=failed").pk,
    }
    named = {
        "path": "tools",
        "distro": "tools",
        "distribution": "tools",
        "repository": "tools",
        "namespace": "acme",
        "name": "tools",
        "version": "1.0.0",
        "filename": "acme-tools-1.0.0.tar.gz",
        "source": "tools",
        "destination": "published",
        "foreign": "publications",
        "kind": "module",
        "item": "ping",
    }
    grants = {
        "groups": RoleGrant.objects.create(role=role, group=group).pk,
        "users": RoleGrant.objects.create(role=role, user=carol).pk,
    }

    def one(segments: list[str], at: int, name: str) -> str:
        before = segments[at - 1]
        if before == "roles" and at > 2 and segments[at - 3] in grants:
            return str(grants[segments[at - 3]])
        if before.endswith("namespaces") and name == "name":
            return "acme"
        if before == "ansible" and "distributions" in segments:
            return str(ids["distributions"])
        return str(named.get(name) or ids.get(before) or uuid4())

    def filled(path: str) -> str:
        segments = path.split("/")
        for at, segment in enumerate(segments):
            if found := re.search(r"<(?:\w+:)?(\w+)>", segment):
                segments[at] = segment.replace(found[0], one(segments, at, found[1]))
        return "/".join(segments)

    return filled


def _owned_by(who: User, target: Namespace | Repository | CollectionRemote, role: str) -> None:
    kind = str(target._meta.model_name)
    RoleGrant.objects.create(
        role=Role.objects.get(name=role), user=who, object_type=kind, object_id=str(target.pk)
    )
