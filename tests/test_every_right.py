"""Every endpoint and every page, by anonymous, stranger, owner, operator, admin.

`rights.txt` is the table: a method, a path as the URL resolver has it, and what each of the five is answered
to a request with an empty body (or the one in BODIES). A path that has no row fails, and so does a row that has
no path. Rows are written by hand, by somebody who thought about who may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings
from rest_framework.test import APIClient

from cartwheel.engine.models import Schedule, Task, TaskGroup, Worker
from cartwheel.registry.models import (
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

TABLE = Path(__file__).with_name("rights.txt")
METHODS = ("get", "post", "put", "patch", "delete")
PEOPLE = ("anonymous", "stranger", "owner", "operator", "admin")
API = "/api/automation-hub/"
LEFT_OUT = ("/api/galaxy/", "/favicon.ico", "/pulp/api/<path:rest>")  # the same again, and two redirects
PULP = f"{API}pulp/api/v3/"
STOP, HUB = {"state": "canceled"}, {"scope": "hub"}
BODIES: dict[tuple[str, str], Any] = {  # where the form of what is sent is looked at before who sends it
    ("patch", f"{PULP}tasks/<str:identifier>/"): STOP,
    ("patch", f"{PULP}task-groups/<str:identifier>/"): STOP,
    ("post", f"{PULP}pauses/"): HUB,
    ("delete", f"{PULP}pauses/"): HUB,
    ("post", f"{PULP}distributions/ansible/ansible/"): {
        "name": "shown",
        "base_path": "shown",
        "repository": f"{PULP}repositories/ansible/ansible/<str:identifier>/",
    },
}
UPLOADS = ("/artifacts/collections/", "/collections/artifacts/", "/content/ansible/collection_versions/")

Row = tuple[str, str]  # a method, and a path as the resolver has it


# -- what there is ----------------------------------------------------------------------------------


@cache
def endpoints() -> list[Row]:
    return [
        (method, path)
        for path, pattern in _patterns(get_resolver().url_patterns, "/")
        if not path.startswith(LEFT_OUT)
        for method in _methods(pattern)
    ]


def _patterns(found: list[Any], before: str) -> Iterator[tuple[str, URLPattern]]:
    for each in found:
        path = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, path)
        else:
            yield path, each


def _methods(pattern: URLPattern) -> list[str]:
    view = getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", None))
    return [each for each in METHODS if hasattr(view, each)] if view else ["get"]


@cache
def table() -> dict[Row, list[int]]:
    rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {(method, path): [int(each) for each in told] for method, path, *told in rows}


# -- one thing of each kind, Alice's where it can be somebody's --------------------------------------


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
    ids: dict[str, Any] = {
        "tasks": task.pk,
        "task-groups": task_group.pk,
        "collections": task.pk,  # imports
        "imports": task.pk,
        "workers": make.worker().pk,
        "schedules": Schedule.objects.create(name="nightly", task_name=task.name, cron="0 3 * * *").pk,
        "collection_versions": version.pk,
        "artifacts": version.artifact_id,
        "collection": remote.pk,
        "remotes": remote.pk,
        "ansible": tools.pk,
        "distributions": Distribution.objects.get(repository=tools).pk,
        "users": carol.pk,
        "groups": group.pk,
        "roles": role.pk,
        "namespaces": acme.pk,
        "versions": 1,
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


# -- what each is answered ----------------------------------------------------------------------------


def answers(row: Row, people: dict[str, User | None], fill: Callable[[str], str]) -> dict[str, int]:
    """The status that each person gets; what one changes is undone before the next asks."""
    method, path = row
    told = {}
    for name, user in people.items():
        client = APIClient()
        if user is not None:
            client.force_login(user)
        with transaction.atomic():
            answer = getattr(client, method)(fill(path), **_body(row, fill))
            transaction.set_rollback(True)
        told[name] = answer.status_code
    return told


def _body(row: Row, fill: Callable[[str], str]) -> dict[str, Any]:
    method, path = row
    if method == "get":
        return {}
    if method == "post" and path.endswith(UPLOADS):
        return {"data": {"file": SimpleUploadedFile("acme-tools-1.0.0.tar.gz", b"bytes")}}
    data = {key: fill(value) for key, value in BODIES.get(row, {}).items()}
    return {"data": data, "format": "json" if path.startswith(API) else "multipart"}


@pytest.mark.parametrize("row", endpoints(), ids=" ".join)
def test_each_is_answered_what_the_table_says(
    row: Row, people: dict[str, User | None], fill: Callable[[str], str]
) -> None:
    assert row in table(), f"Say in {TABLE.name} who may do that."

    told = answers(row, people, fill)

    assert told == dict(zip(PEOPLE, table()[row], strict=True))


def test_the_table_has_no_row_for_what_is_not_there() -> None:
    assert set(table()) - set(endpoints()) == set()


# -- tasks that are for their owners only -----------------------------------------------------------------


HIDDEN = "Nobody else's business"


@pytest.fixture
def hidden(fill: Callable[[str], str], alice: User, settings: Settings) -> Task:
    """A task of Alice's, named wherever one can be; Bob sees the repository and the remote that it is about."""
    settings.CONFIG = replace(settings.CONFIG, tasks_visible_to="owners")
    Repository.objects.update(private=False, remote=CollectionRemote.objects.get())
    make.grant(User.objects.get(username="bob"), "ansible.view_collectionremote")
    task = Task.objects.get(created_by=alice)
    Task.objects.filter(pk=task.pk).update(title=HIDDEN, state="running", worker=Worker.objects.get())
    for model in (Repository, CollectionRemote):
        model.objects.update(last_sync_task=task)
    Schedule.objects.update(last_task=task)
    return task


@pytest.mark.parametrize("row", [each for each in endpoints() if each[0] == "get"], ids=" ".join)
def test_a_hidden_task_is_named_nowhere(
    row: Row, fill: Callable[[str], str], bob: User, hidden: Task
) -> None:
    client = APIClient()
    client.force_login(bob)
    address = fill(row[1])

    answer = client.get(address)

    told = b"".join(answer) if answer.streaming else answer.content
    assert HIDDEN not in told.decode()
    assert str(hidden.pk) not in told.decode().replace(address, "")


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("field", ["parent_task", "again_of", "child_tasks"])
def test_a_task_that_one_may_know_of_does_not_name_its_hidden_kin(
    field: str, bob: User, hidden: Task
) -> None:
    mine = make.task(by=bob)
    if field == "child_tasks":
        Task.objects.filter(pk=hidden.pk).update(parent_task=mine)
    else:
        Task.objects.filter(pk=mine.pk).update(**{field: hidden})

    page = APIClient()
    page.force_login(bob)
    answers = [
        make.api(bob).get(f"{PULP}tasks/{mine.pk}/"),
        make.api(bob).get(f"{PULP}tasks/"),
        make.api(bob).get(f"{API}v3/tasks/{mine.pk}/"),
        page.get(f"/tasks/{mine.pk}/"),
    ]

    assert [str(hidden.pk) in each.content.decode() for each in answers] == [False] * 4
