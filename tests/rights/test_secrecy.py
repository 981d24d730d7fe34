"""What is told to its owners only, and what to nobody, wherever one asks."""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from uuid import UUID

import make
import pytest
from django.db import transaction
from django.utils import timezone
from endpoints import API, PULP, endpoints, signed_in
from pytest_django import Settings
from rest_framework.test import APIClient
from small_collections import collection

from cartwheel.engine.models import LogLine, Schedule, Task, Worker
from cartwheel.registry.credentials import renew_token
from cartwheel.registry.models import CollectionRemote, Distribution, Repository, User
from cartwheel.registry.remotes import change_remote

HIDDEN = "Nobody else's business"
LOGGED, TRACED, MADE = "a line of the log", "a line of the code", "what came of it"


@pytest.fixture
def hidden(fill: Callable[[str], str], alice: User, settings: Settings) -> Task:
    """A task of Alice's, named wherever one can be; Bob sees the repository and the remote that it is about."""
    settings.CONFIG = replace(settings.CONFIG, tasks_visible_to="owners")
    Repository.objects.update(private=False, remote=CollectionRemote.objects.get())
    User.objects.filter(username="bob").update(is_staff=True)  # sees workers
    make.grant(User.objects.get(username="bob"), "ansible.view_collectionremote")
    task = Task.objects.get(created_by=alice)
    Task.objects.filter(pk=task.pk).update(title=HIDDEN, state="running", worker=Worker.objects.get())
    for model in (Repository, CollectionRemote):
        model.objects.update(last_sync_task=task)
    Schedule.objects.update(last_task=task)
    return task


def test_a_hidden_task_is_named_nowhere(fill: Callable[[str], str], bob: User, hidden: Task) -> None:
    told = _told(fill, bob)

    assert where(HIDDEN, told) == []
    without_addresses = {address: text.replace(address, "") for address, text in told.items()}
    assert where(str(hidden.pk), without_addresses) == []


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


def test_log_traceback_and_result_are_nobody_elses_business(
    fill: Callable[[str], str], alice: User, bob: User
) -> None:
    Repository.objects.update(private=False)
    task = Task.objects.get(created_by=alice)
    error = {"description": "It broke.", "traceback": TRACED}
    Task.objects.filter(pk=task.pk).update(state="failed", error=error, result={"headers": MADE})
    LogLine.objects.create(task=task, time=timezone.now(), level="INFO", message=LOGGED)
    for model in (Repository, CollectionRemote):
        model.objects.update(last_sync_task=task)
    make.grant(bob, "ansible.view_collectionremote", "core.view_task")

    told = _told(fill, bob)

    assert [where(words, told) for words in (LOGGED, TRACED, MADE)] == [[], [], []]


def test_secrets_are_told_to_nobody(fill: Callable[[str], str], admin: User) -> None:
    secret = "correct-horse-battery-staple"
    remote = CollectionRemote.objects.get()
    task = change_remote(remote, dict.fromkeys(("token", "password", "client_key"), secret), by=admin)
    assert task is not None
    if not task.is_final:
        make.perform(task)
    token = renew_token(admin)

    told = _told(fill, admin)

    assert secret not in str(Task.objects.values_list("args", "kwargs", "result"))
    assert [where(words, told) for words in (secret, token, admin.password)] == [[], [], []]


def _told(fill: Callable[[str], str], to: User) -> dict[str, str]:
    """Address -> what somebody reads there, wherever there is something to read."""
    cookies = signed_in(to)
    addresses = [fill(path) for how, path in endpoints() if how == "get"]
    return {address: _read(address, cookies) for address in addresses}


def _read(address: str, cookies: SimpleCookie) -> str:
    """What somebody reads there. What changes by that is undone."""
    client = APIClient()
    client.cookies = deepcopy(cookies)
    with transaction.atomic():
        answer = client.get(address)
        text: bytes = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return text.decode()


def where(words: str, told: dict[str, str]) -> list[str]:
    return [address for address, text in told.items() if words in text]


def test_a_private_repository_is_named_nowhere_whatever_is_done_to_it(
    fill: Callable[[str], str], admin: User, bob: User, settings: Settings, tmp_path: Path
) -> None:
    settings.CONFIG = make.config(data=tmp_path)
    remote = CollectionRemote.objects.get()
    secret = make.served("hush-hush", private=True, remote=remote, description="covert")
    make.grant(bob, "ansible.view_collectionremote", on=remote)
    version = make.placed(secret, "covert.affairs")
    published = make.repository("published")
    copies = {
        "collection_versions": [f"{PULP}content/ansible/collection_versions/{version.pk}/"],
        "destination_repositories": [f"{PULP}repositories/ansible/ansible/{published.pk}/"],
    }
    at, index = f"{PULP}repositories/ansible/ansible/{secret.pk}/", "covert/affairs"
    in_index = f"{API}v3/plugin/ansible/content/hush-hush/collections/index/{index}/"
    route = f"{API}v3/collections/{index}/versions/1.0.0/%s/hush-hush/published/"
    client, acts = make.api(admin), 0
    _serve_elsewhere(client, at)
    imported = _upload_to("hush-hush", client)
    for method, address, body in (
        ("post", f"{at}modify/", {"add_content_units": []}),
        ("post", f"{at}mark/", {"content_units": ["*"], "value": "x"}),
        ("post", f"{at}unmark/", {"content_units": ["*"], "value": "x"}),
        ("post", f"{at}sync/", {"remote": f"{PULP}remotes/ansible/collection/{remote.pk}/"}),
        ("post", f"{at}rebuild_metadata/", {}),
        ("post", f"{at}versions/1/repair/", {}),
        ("post", f"{at}copy_collection_version/", copies),
        ("post", f"{at}move_collection_version/", copies),
        ("post", route % "copy", {}),
        ("post", route % "move", {}),
        ("patch", in_index, {"deprecated": True}),
        ("patch", in_index, {"deprecated": False}),
        ("delete", f"{in_index}versions/1.0.0/", None),
        ("delete", in_index, None),
        ("delete", f"{at}versions/1/", None),
        ("patch", at, {"description": "covert still"}),
        ("delete", at, None),
    ):
        answer = getattr(client, method)(address, body, format="json")
        assert answer.status_code == 202, (method, address, answer.content)
        acts += 1
    failed = [imported.pk, *Task.objects.order_by("-created_at")[:acts].values_list("pk", flat=True)]
    _fail(failed, "The covert affair is off.")
    CollectionRemote.objects.update(last_sync_task=Task.objects.get(name__endswith="collections.sync"))

    told = _told(fill, bob)
    assert [where(words, told) for words in ("hush-hush", "covert")] == [[], []]
    found = [_read("/?error=affair", signed_in(each)) for each in (bob, admin)]
    assert [sum(f"/tasks/{pk}/" in page for pk in failed) for page in found] == [0, len(failed)]
    reader = make.user("reader")
    make.grant(reader, "ansible.view_ansiblerepository", on=secret)
    for one in (f"{API}v3/tasks/{failed[1]}/", f"/tasks/{failed[1]}/", "/"):
        assert "The covert affair is off." in _read(one, signed_in(reader)), one
    for page in ("/imports/?whose=all", f"/tasks/{imported.pk}/", f"/imports/{imported.pk}/"):
        seen, to_admin = (_read(page, signed_in(each)) for each in (bob, admin))
        assert ("covert" in seen, "covert" in to_admin) == (False, True), page
    for task in Task.objects.order_by("-created_at")[:acts]:
        address = f"/tasks/{task.pk}/"
        seen = _read(address, signed_in(bob))
        assert "a private repository" in seen
        assert "hush-hush" not in seen
        assert "hush-hush" in _read(address, signed_in(admin))


def _fail(task_ids: list[UUID], why: str) -> None:
    error = {"description": why, "reason": why, "traceback": None}
    Task.objects.filter(pk__in=task_ids).update(state="failed", error=error, finished_at=timezone.now())


def _upload_to(base_path: str, client: APIClient) -> Task:
    file = io.BytesIO(collection(name="covert"))
    file.name = "acme-covert-1.0.0.tar.gz"
    address = f"{API}v3/plugin/ansible/content/{base_path}/collections/artifacts/"
    answer = client.post(address, {"file": file}, format="multipart")
    assert answer.status_code == 202, answer.content
    return Task.objects.get(title__startswith="Import into")


def _serve_elsewhere(client: APIClient, repository: str) -> None:
    """Serve it at another path, at yet another, and no longer."""
    paths = f"{PULP}distributions/ansible/ansible/"
    given = {"name": "hush-hush-2", "base_path": "hush-hush-2", "repository": repository}
    assert client.post(paths, given, format="json").status_code == 202
    one = f"{paths}{Distribution.objects.get(name='hush-hush-2').pk}/"
    assert client.patch(one, {"base_path": "hush-hush-3"}, format="json").status_code == 202
    assert client.delete(one).status_code == 202
