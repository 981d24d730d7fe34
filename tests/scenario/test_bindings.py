"""The generated bindings, unmodified. They send everything to /pulp/api/v3/, wherever hrefs point."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import small_collections
from clients import Clients
from hub import Hub
from patience import eventually

TASKS = "/api/automation-hub/pulp/api/v3/tasks/"

# Imported by the process that runs this file. It takes seconds, and every process collects every file.
pulpcore: Any = None
pulp_ansible: Any = None


@pytest.fixture(scope="module", autouse=True)
def bindings() -> None:
    global pulpcore, pulp_ansible
    pulpcore = import_module("pulpcore.client.pulpcore")
    pulp_ansible = import_module("pulpcore.client.pulp_ansible")


@pytest.fixture
def core(hub: Hub) -> Iterator[Any]:
    at = pulpcore.Configuration(host=hub.url.rstrip("/"), username="admin", password=hub.password)
    with pulpcore.ApiClient(at) as client:
        yield client


@pytest.fixture
def ansible(hub: Hub) -> Iterator[Any]:
    at = pulp_ansible.Configuration(host=hub.url.rstrip("/"), username="admin", password=hub.password)
    with pulp_ansible.ApiClient(at) as client:
        yield client


def ended(core: Any, href: str) -> Any:
    """The task once it has ended, which must be well."""

    def look() -> Any:
        task = pulpcore.TasksApi(core).read(href)
        return task if task.state in ("completed", "failed", "canceled") else None

    task = eventually(look, what=href)
    assert task.state == "completed", task.error
    return task


def test_a_remote_and_a_repository_are_made_synced_and_listed(
    core: Any, ansible: Any, clients: Clients, hub: Hub, tmp_path: Path
) -> None:
    tarball = tmp_path / "bound-tools-1.0.0.tar.gz"
    tarball.write_bytes(small_collections.collection(namespace="bound", name="tools", version="1.0.0"))
    clients.place(tarball)
    remotes, repositories = (
        pulp_ansible.RemotesCollectionApi(ansible),
        pulp_ansible.RepositoriesAnsibleApi(ansible),
    )
    upstream = pulp_ansible.AnsibleCollectionRemote(
        name="upstream", url=f"{hub.api}content/published/", username="admin", password=hub.password
    )

    remote: Any = remotes.create(upstream)
    made = pulp_ansible.AnsibleAnsibleRepository(name="mirror", remote=remote.pulp_href)
    repository: Any = repositories.create(made)
    sync = pulp_ansible.AnsibleRepositorySyncURL(mirror=True)
    task = ended(core, repositories.sync(repository.pulp_href, sync).task)

    versions = pulp_ansible.ContentCollectionVersionsApi(ansible).list(
        repository_version=task.created_resources[0]
    )
    assert [(each.namespace, each.name) for each in versions.results] == [("bound", "tools")]
    assert repositories.read(repository.pulp_href).latest_version_href == task.created_resources[0]
    # The bindings take a remote's last_sync_task for a text, which it never was: not on Pulp either.
    listed = remotes.list(name="upstream", exclude_fields=["last_sync_task"])
    assert [each.name for each in listed.results] == ["upstream"]
    assert [each.name for each in repositories.list(name="mirror").results] == ["mirror"]

    tasks = pulpcore.TasksApi(core).list(reserved_resources=repository.pulp_href, ordering=["-pulp_created"])
    assert task.pulp_href in [each.pulp_href for each in tasks.results]
    ended(core, repositories.delete(repository.pulp_href).task)
    ended(core, remotes.delete(remote.pulp_href).task)


def test_a_collection_is_uploaded(core: Any, ansible: Any, hub: Hub, tmp_path: Path) -> None:
    hub.request("POST", "v3/namespaces/", json={"name": "bound", "groups": []})
    tarball = tmp_path / "bound-upload-1.0.0.tar.gz"
    tarball.write_bytes(small_collections.collection(namespace="bound", name="upload", version="1.0.0"))

    with pytest.warns(DeprecationWarning, match="POST /ansible/collections/"):
        made = pulp_ansible.AnsibleCollectionsApi(ansible).upload_collection(
            str(tarball), expected_name="upload"
        )

    (version,) = ended(core, made.task).created_resources
    assert pulp_ansible.ContentCollectionVersionsApi(ansible).read(version).name == "upload"


def test_a_file_comes_in_chunks_and_becomes_a_collection(core: Any, ansible: Any, hub: Hub) -> None:
    hub.request("POST", "v3/namespaces/", json={"name": "bound", "groups": []})
    packed = small_collections.collection(namespace="bound", name="chunks", version="1.0.0")
    uploads = pulpcore.UploadsApi(core)

    upload = uploads.create(pulpcore.Upload(size=len(packed)))
    half = len(packed) // 2
    for start, chunk in ((0, packed[:half]), (half, packed[half:])):
        end = start + len(chunk) - 1
        uploads.update(f"bytes {start}-{end}/{len(packed)}", upload.pulp_href, ("chunk", chunk))
    assert len(uploads.read(upload.pulp_href).chunks) == uploads.list(size=len(packed)).count + 1 == 2
    committed = pulpcore.UploadCommit(sha256=hashlib.sha256(packed).hexdigest())
    (artifact,) = ended(core, uploads.commit(upload.pulp_href, committed).task).created_resources
    made = pulp_ansible.ContentCollectionVersionsApi(ansible).create(artifact=artifact)

    (version,) = ended(core, made.task).created_resources
    assert pulp_ansible.ContentCollectionVersionsApi(ansible).read(version).artifact == artifact


def test_a_distribution_is_made_and_taken_away(core: Any, ansible: Any) -> None:
    distributions = pulp_ansible.DistributionsAnsibleApi(ansible)

    made = distributions.create(pulp_ansible.AnsibleAnsibleDistribution(name="paths", base_path="paths"))
    href = ended(core, made.task).created_resources[0]
    assert distributions.read(href).base_path == "paths"
    ended(core, distributions.delete(href).task)

    assert distributions.list(name="paths").count == 0


def test_tasks_are_listed_canceled_and_purged(core: Any, hub: Hub) -> None:
    tasks = pulpcore.TasksApi(core)
    made = hub.dispatch('Task.objects.create(state="running", name="bound")')

    listed = tasks.list(
        name="bound",
        state__in=["running", "waiting"],
        ordering=["-pulp_created", "name"],
        fields=["pulp_href", "name", "logging_cid"],
    )
    canceled = tasks.tasks_cancel(f"{TASKS}{made}/", pulpcore.PatchedTaskCancel(state="canceled"))
    ended(core, tasks.purge(pulpcore.Purge(states=[pulpcore.StatesEnum.SKIPPED])).task)

    assert [each.pulp_href for each in listed.results] == [f"{TASKS}{made}/"]
    assert canceled.state == "canceled"


def test_what_the_hub_is_made_of_is_read(core: Any) -> None:
    eventually(lambda: pulpcore.StatusApi(core).status_read().online_workers, what="workers")
    eventually(lambda: pulpcore.WorkersApi(core).list(online=True).count >= 1, what="workers")
    assert pulpcore.UsersApi(core).list(username="admin").count == 1
    assert pulpcore.LoginApi(core).login_read().username == "admin"
    assert pulpcore.RolesApi(core).list(locked=True, limit=1).count > 1
    assert pulpcore.TaskGroupsApi(core).list().count >= 0
    assert pulpcore.TaskSchedulesApi(core).list().count >= 0
    ended(core, pulpcore.OrphansCleanupApi(core).cleanup(pulpcore.OrphansCleanup()).task)


NOT_A_HUBS = (  # what Pulp without a hub serves elsewhere, and guards that came later than the hub's Pulp
    "ContentguardsEnvvarHeaderApi",
    "RepositoryVersionsApi",
    "PulpAnsibleTagsApi",
)


def lists(library: Any) -> list[str]:
    """The names of all that has a list which is asked for without naming anything."""
    names = [
        each for each in dir(library) if each.endswith("Api") and not each.startswith("PulpAnsibleDefault")
    ]
    found = [
        (name, getattr(getattr(library, name), "list", None)) for name in names if name not in NOT_A_HUBS
    ]
    return [name for name, act in found if act and not _needed(act)]


def _needed(act: Any) -> list[str]:
    parameters = inspect.signature(act).parameters.values()
    return [each.name for each in parameters if each.default is each.empty and each.name not in ("self", "_")]


@pytest.fixture(scope="module")
def furnished(hub: Hub) -> None:
    """One of most things. The remote was never synced: the bindings cannot read what was (see above)."""
    hub.request("POST", "v3/namespaces/", json={"name": "bound", "groups": []})
    tarball = small_collections.collection(namespace="bound", name="kit", version="1.0.0")
    hub.request(
        "POST",
        "v3/artifacts/collections/",
        files={"file": ("bound-kit-1.0.0.tar.gz", tarball)},
        headers={"Prefer": "wait=60"},
    )
    url = f"{hub.api}content/published/"
    hub.request("POST", "pulp/api/v3/remotes/ansible/collection/", json={"name": "bound", "url": url})
    (staging,) = hub.get("pulp/api/v3/repositories/ansible/ansible/?name=staging")["results"]
    hub.request("POST", f"{staging['pulp_href']}mark/", json={"content_units": ["*"], "value": "x"})
    hub.request("POST", "_ui/v1/groups/", json={"name": "bound"})


@pytest.mark.usefixtures("furnished")
def test_every_list_is_read_and_each_thing_in_it(core: Any, ansible: Any) -> None:
    names = [(pulpcore, core, name) for name in lists(pulpcore)]
    names += [(pulp_ansible, ansible, name) for name in lists(pulp_ansible)]
    faults = []
    for library, client, name in names:
        try:
            read_all(getattr(library, name)(client))
        except Exception as fault:  # noqa: BLE001, all that a list does wrong, and then the next
            faults.append(f"{name}: {fault!r}")

    assert len(names) > 30
    assert faults == []
    collections: Any = pulp_ansible.AnsibleCollectionsApi(ansible).list(namespace="bound", name="kit")
    assert [each.name for each in collections.results] == ["kit"]


def read_all(api: Any) -> None:
    page = api.list(limit=3)
    assert page.count >= len(page.results)
    for each in page.results:
        if hasattr(api, "read") and hasattr(each, "pulp_href"):  # a collection is only named
            assert api.read(each.pulp_href).pulp_href == each.pulp_href


@pytest.mark.usefixtures("furnished")
def test_what_is_below_something_is_read_too(core: Any, ansible: Any) -> None:
    repository: Any = pulp_ansible.RepositoriesAnsibleApi(ansible).list(name="staging").results[0]
    admin: Any = pulpcore.UsersApi(core).list(username="admin").results[0]
    group: Any = pulpcore.GroupsApi(core).list(name="bound").results[0]
    versions: Any = pulp_ansible.RepositoriesAnsibleVersionsApi(ansible)
    task: Any = pulpcore.TasksApi(core).list(limit=1).results[0]
    grant: Any

    assert versions.read(versions.list(repository.pulp_href).results[0].pulp_href).number >= 0
    (grant,) = pulpcore.UsersRolesApi(core).list(admin.pulp_href).results
    assert pulpcore.UsersRolesApi(core).read(grant.pulp_href).role == "galaxy.collection_remote_owner"
    assert pulpcore.GroupsRolesApi(core).list(group.pulp_href).count == 0
    assert pulpcore.GroupsUsersApi(core).list(group.pulp_href).count == 0
    assert pulp_ansible.RepositoriesAnsibleApi(ansible).my_permissions(repository.pulp_href).permissions == []
    assert pulp_ansible.RepositoriesAnsibleApi(ansible).list_roles(repository.pulp_href).roles == []
    assert "core.change_task" in pulpcore.TasksApi(core).my_permissions(task.pulp_href).permissions
