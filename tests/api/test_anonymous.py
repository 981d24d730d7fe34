"""What the hub shows to whoever is not signed in, as its operator wants it."""

from __future__ import annotations

import make
import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from cartwheel.engine.models import Task
from cartwheel.registry.models import Repository, User

API = "/api/automation-hub/"
PULP = f"{API}pulp/api/v3/"
CONTENT = f"{API}v3/plugin/ansible/content/"
TOOLS = f"{CONTENT}published/collections/index/acme/tools/"
ARTIFACT = f"{CONTENT}published/collections/artifacts/acme-tools-1.0.0.tar.gz"
READ = (
    f"{CONTENT}published/collections/",
    f"{CONTENT}published/collections/index/",
    TOOLS,
    f"{TOOLS}versions/",
    f"{TOOLS}versions/1.0.0/",
    f"{TOOLS}versions/1.0.0/docs-blob/",
    f"{API}content/published/v3/plugin/ansible/content/published/collections/index/",
    f"{API}v3/plugin/ansible/search/collection-versions/",
    f"{API}v3/plugin/ansible/client-configuration/",
    f"{API}v3/namespaces/",
    f"{API}v3/namespaces/acme/",
    f"{API}_ui/v1/namespaces/acme/",
    f"{API}_ui/v1/repo/published/",
    f"{API}_ui/v1/repo/published/acme/tools/",
    f"{API}_ui/v1/collection-versions/",
    f"{API}_ui/v1/collection-versions/acme/tools/1.0.0/",
    f"{API}_ui/v1/tags/",
    f"{API}_ui/v1/me/",
    f"{API}v3/namespaces/?include_related=my_permissions",
    f"{API}_ui/v1/namespaces/acme/?include_related=my_permissions",
    f"{PULP}repositories/ansible/ansible/",
    f"{PULP}distributions/ansible/ansible/",
    f"{PULP}content/ansible/collection_versions/",
)
NEVER = (
    f"{API}v3/tasks/",
    f"{PULP}tasks/",
    f"{PULP}repositories/",
    f"{PULP}repository_versions/",
    f"{PULP}remotes/ansible/collection/",
    f"{PULP}distributions/",
    f"{PULP}content/",
    f"{PULP}artifacts/",
    f"{API}_ui/v1/users/",
    f"{API}_ui/v1/my-namespaces/",
    f"{API}_ui/v1/imports/collections/",
)


@pytest.fixture(params=["nothing", "read", "download"])
def access(request: pytest.FixtureRequest, settings: Settings, group: Group) -> str:
    settings.CONFIG = make.config(anonymous_access=request.param)
    return str(request.param)


@pytest.fixture
def group(db: None) -> Group:
    """The owners of a namespace, whose collections are in published and in a private repository."""
    made = make.group("the-crew")
    make.grant(made, "galaxy.change_namespace", on=make.namespace("acme"))
    make.placed(make.served(), tags=["seen"])
    make.placed(make.served("secret", private=True), "acme.cloaked", tags=["unseen"])
    return made


def test_whoever_is_not_signed_in_reads_what_they_may_and_nothing_else(access: str) -> None:
    client = make.api()

    read = {path: client.get(path).status_code for path in READ}
    download = client.get(ARTIFACT).status_code
    never = {path: client.get(path).status_code for path in NEVER}
    hidden = client.get(f"{CONTENT}secret/collections/index/").status_code

    assert set(read.values()) == {401 if access == "nothing" else 200}, read
    assert download == (302 if access == "download" else 401)
    assert set(never.values()) == {401}, never
    assert hidden == (401 if access == "nothing" else 403)


def test_nobody_changes_anything_without_signing_in(access: str) -> None:
    client = make.api()
    writes = [
        client.patch(TOOLS, {"deprecated": True}, format="json"),
        client.delete(TOOLS),
        client.delete(f"{TOOLS}versions/1.0.0/"),
        client.post(f"{API}v3/namespaces/", {"name": "mine"}, format="json"),
        client.put(f"{API}v3/namespaces/acme/", {"name": "acme"}, format="json"),
        client.delete(f"{API}v3/namespaces/acme/"),
        client.post(f"{API}v3/plugin/ansible/search/collection-versions/"),
        client.put(f"{API}_ui/v1/me/", {"username": "me"}, format="json"),
        client.post(f"{PULP}repositories/ansible/ansible/", {"name": "mine"}, format="json"),
        client.post(
            f"{PULP}distributions/ansible/ansible/", {"name": "mine", "base_path": "m"}, format="json"
        ),
        client.post(f"{PULP}content/ansible/collection_versions/", {}, format="json"),
    ]

    assert {each.status_code for each in writes} == {401}


def test_what_is_private_and_who_owns_what_is_not_told(settings: Settings, group: Group) -> None:
    settings.CONFIG = make.config(anonymous_access="download")
    client = make.api()

    told = " ".join(client.get(path).content.decode() for path in READ)

    assert "seen" in told
    assert "cloaked" not in told
    assert "secret" not in told
    assert "unseen" not in told
    assert "the-crew" not in told


def test_the_web_ui_is_told_that_nobody_is_signed_in(settings: Settings, group: Group) -> None:
    settings.CONFIG = make.config(anonymous_access="read")
    client = make.api()

    myself, about = client.get(f"{API}_ui/v1/me/").json(), client.get(f"{API}_ui/v1/settings/").json()

    assert (myself["is_anonymous"], myself["id"], myself["username"]) == (True, None, "")
    assert not any(each["has_model_permission"] for each in myself["model_permissions"].values())
    assert about["GALAXY_ENABLE_UNAUTHENTICATED_COLLECTION_ACCESS"] is True
    assert about["GALAXY_ENABLE_UNAUTHENTICATED_COLLECTION_DOWNLOAD"] is False


def test_the_web_ui_shows_a_repository_to_whoever_is_not_signed_in(
    settings: Settings, group: Group, admin: User
) -> None:
    settings.CONFIG = make.config(anonymous_access="read")
    failed = Task.objects.create(name="sync", state="failed", error={"description": "Why it failed."})
    Repository.objects.update(last_sync_task=failed)
    client, root = make.api(), f"{PULP}repositories/ansible/ansible/"
    open_one, hidden_one = (Repository.objects.get(name=each) for each in ("published", "secret"))

    shown = client.get(f"{root}{open_one.pk}/").json()
    statuses = {
        (name, path): client.get(f"{root}{each.pk}/{path}").status_code
        for name, each in (("open", open_one), ("hidden", hidden_one))
        for path in ("", "versions/", "versions/1/")
    }

    assert (shown["name"], shown["last_sync_task"]) == ("published", None)
    assert client.get(f"{root}?name=published").json()["results"] == [shown]
    assert make.api(admin).get(f"{root}{open_one.pk}/").json()["last_sync_task"]["state"] == "failed"
    assert {(name, status) for (name, _), status in statuses.items()} == {("open", 200), ("hidden", 404)}
    assert client.delete(f"{root}{open_one.pk}/").status_code == 401
    assert client.delete(f"{root}{open_one.pk}/versions/1/").status_code == 401
