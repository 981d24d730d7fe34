"""pulp-cli, unmodified: it reads the hub's own description of the API and refuses what is not in there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import small_collections
from clients import Clients
from hub import Hub
from patience import eventually

STATES = ["waiting", "skipped", "running", "completed", "failed", "canceling", "canceled"]
ROW = 'Task.objects.create(state="running", name="{}")'


def href(task: str) -> str:
    return f"/api/automation-hub/pulp/api/v3/tasks/{task}/"


def test_the_status_is_read_without_credentials(clients: Clients) -> None:
    versions = {each["component"]: each["version"] for each in clients.pulp_json("status")["versions"]}

    assert {"core", "ansible"} <= set(versions)


def test_tasks_are_listed_by_everything_that_can_be_asked_for(clients: Clients, hub: Hub) -> None:
    task = hub.dispatch(ROW.format("iamlisted"))
    asked_for = [
        "--name",
        "iamlisted",
        "--name-contains",
        "amlist",
        "--state",
        "running",
        "--state-in",
        "running",
    ]
    asked_for += ["--started-before", "2100-01-01", "--reserved-resource-in", "x", "--ordering", "-name"]

    by_name = clients.pulp_json(
        "task", "list", "--name", "iamlisted", "--field", "name", "--field", "pulp_href"
    )
    none = clients.pulp_json("task", "list", *asked_for)

    assert by_name == [{"name": "iamlisted", "pulp_href": href(task)}]
    assert none == []


def test_a_task_is_shown_and_canceled(clients: Clients, hub: Hub) -> None:
    task = hub.dispatch(ROW.format("iamshown"))

    shown = clients.pulp_json("task", "show", "--uuid", task)
    clients.pulp("task", "cancel", "--href", href(task))
    again = clients.pulp("task", "cancel", "--uuid", task, expect=1)

    assert (shown["state"], hub.task(task)["state"]) == ("running", "canceled")
    assert "canceled" in again.stderr


def test_all_tasks_are_canceled(clients: Clients, hub: Hub) -> None:
    task = hub.dispatch(ROW.format("iamone"))

    clients.pulp("task", "cancel", "--all")

    assert hub.task(task)["state"] == "canceled"


def test_tasks_are_counted_purged_and_destroyed(clients: Clients, hub: Hub) -> None:
    task = hub.dispatch('Task.objects.create(state="completed", name="iamdone")')

    assert list(clients.pulp_json("task", "summary")) == STATES
    clients.pulp("task", "purge", "--finished-before", "2020-01-01", "--state", "completed")
    clients.pulp("task", "destroy", "--uuid", task)
    assert hub.request("GET", f"pulp/api/v3/tasks/{task}/").status_code == 404


def test_groups_of_tasks_are_listed_and_waited_for(clients: Clients, hub: Hub) -> None:
    group = hub.console(
        "print(TaskGroup.objects.create(description='ours', all_tasks_dispatched=True).pk)"
    ).split()[-1]

    listed = clients.pulp_json("task-group", "list")
    clients.pulp("task-group", "show", "--wait", "--uuid", group)
    shown = clients.pulp_json("task-group", "show", "--uuid", group)

    assert "ours" in [each["description"] for each in listed]
    assert shown["description"] == "ours"


def test_workers_are_listed(clients: Clients) -> None:
    def listed(which: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = clients.pulp_json("worker", "list", which, "--limit", "100")
        return found

    # A hub that has been kept from working is missing until it works.
    online = eventually(lambda: listed("--online"), what="workers")
    eventually(lambda: listed("--missing") == [], what="the presence of all")
    shown = clients.pulp_json("worker", "show", "--href", online[0]["pulp_href"])

    assert shown["name"] == online[0]["name"]


@pytest.mark.parametrize("cid", ["5d1e0f6a2b7c4938a1e0d4c3b2f19876", "8a2f6c1e-90b4-4d57-b3a8-6e5d1c0f7a42"])
def test_a_correlation_id_is_kept_to_the_letter(clients: Clients, hub: Hub, cid: str) -> None:
    name = f"r{cid[:8]}{len(cid)}"
    clients.pulp("--cid", cid, "ansible", "repository", "create", "--name", name)
    clients.pulp("--cid", cid, "ansible", "repository", "destroy", "--name", name)

    page = hub.get(f"pulp/api/v3/tasks/?logging_cid={cid}")
    assert page["count"] == 1


def test_a_repository_is_made_synced_and_destroyed(clients: Clients, hub: Hub, tmp_path: Path) -> None:
    tarball = tmp_path / "synced-tools-1.0.0.tar.gz"
    tarball.write_bytes(small_collections.collection(namespace="synced", name="tools", version="1.0.0"))
    clients.place(tarball)
    url = f"{hub.api}content/published/"
    login = ("--username", "admin", "--password", hub.password)

    clients.pulp("ansible", "remote", "create", "--name", "upstream", "--url", url, *login)
    clients.pulp("ansible", "remote", "update", "--name", "upstream", "--rate-limit", "5")
    clients.pulp("ansible", "repository", "create", "--name", "mirror", "--remote", "upstream")
    clients.pulp("ansible", "repository", "update", "--name", "mirror", "--description", "A copy.")
    clients.pulp(
        "ansible", "repository", "label", "set", "--repository", "mirror", "--key", "a", "--value", "b"
    )
    clients.pulp("ansible", "repository", "sync", "--name", "mirror")
    shown = clients.pulp_json("ansible", "repository", "show", "--name", "mirror")
    content = clients.pulp_json("ansible", "repository", "content", "list", "--repository", "mirror")
    version = clients.pulp_json(
        "ansible", "repository", "version", "show", "--repository", "mirror", "--version", "1"
    )
    tasks = clients.pulp_json("ansible", "repository", "task", "list", "--repository", "mirror")

    assert (shown["description"], shown["pulp_labels"]) == ("A copy.", {"a": "b"})
    assert ["synced", "tools"] in [[each["namespace"], each["name"]] for each in content]
    assert version["number"] == 1
    assert any("sync" in each["name"] for each in tasks)

    clients.pulp("ansible", "repository", "destroy", "--name", "mirror")
    clients.pulp("ansible", "remote", "destroy", "--name", "upstream")
    assert clients.pulp_json("ansible", "remote", "list", "--name", "upstream") == []


def test_a_repository_is_made_like_another(clients: Clients, tmp_path: Path) -> None:
    tarball = tmp_path / "likened-tools-1.0.0.tar.gz"
    tarball.write_bytes(small_collections.collection(namespace="likened", name="tools", version="1.0.0"))
    clients.place(tarball)
    clients.pulp("ansible", "repository", "create", "--name", "likened")
    content = ("ansible", "repository", "content")

    clients.pulp(*content, "modify", "--repository", "likened", "--base-repository", "published")

    listed = clients.pulp_json(*content, "list", "--repository", "likened")
    assert ("likened", "tools") in [(each["namespace"], each["name"]) for each in listed]


def test_a_distribution_is_made_changed_and_destroyed(clients: Clients) -> None:
    act = ("ansible", "distribution")
    clients.pulp("ansible", "repository", "create", "--name", "served")

    made = clients.pulp_json(
        *act, "create", "--name", "paths", "--base-path", "here", "--repository", "served"
    )
    clients.pulp(*act, "update", "--name", "paths", "--base-path", "there")
    clients.pulp(*act, "label", "set", "--distribution", "paths", "--key", "a", "--value", "b")
    shown = clients.pulp_json(*act, "show", "--name", "paths")
    clients.pulp(*act, "destroy", "--name", "paths")

    assert (made["base_path"], shown["base_path"], shown["pulp_labels"]) == ("here", "there", {"a": "b"})
    assert clients.pulp_json(*act, "list", "--name", "paths") == []


def test_a_failed_task_is_told_with_its_reason(clients: Clients, hub: Hub) -> None:
    url = f"{hub.api}content/nowhere/"
    clients.pulp("ansible", "remote", "create", "--name", "wrong", "--url", url)
    clients.pulp("ansible", "repository", "create", "--name", "failing", "--remote", "wrong")

    done = clients.pulp("ansible", "repository", "sync", "--name", "failing", expect=1)

    assert "failed" in done.stderr


def test_orphans_are_cleaned_up(clients: Clients) -> None:
    assert "Done." in clients.pulp("orphan", "cleanup", "--protection-time", "0").stderr


def test_people_are_managed(clients: Clients) -> None:
    clients.pulp("user", "create", "--username", "carol", "--password", "Long-enough-1")
    clients.pulp("user", "update", "--username", "carol", "--email", "carol@example.com")
    clients.pulp("group", "create", "--name", "makers")
    clients.pulp("group", "user", "add", "--group", "makers", "--username", "carol")
    clients.pulp("role", "create", "--name", "ours.watcher", "--permission", "core.view_task")
    clients.pulp("role", "update", "--name", "ours.watcher", "--description", "Watches.")
    given = ("--role", "ours.watcher", "--object", "")
    clients.pulp("group", "role-assignment", "add", "--group", "makers", *given)
    clients.pulp("user", "role-assignment", "add", "--username", "carol", *given)

    held = clients.pulp_json("group", "role-assignment", "list", "--group", "makers")
    members = clients.pulp_json("group", "user", "list", "--group", "makers")

    assert [each["role"] for each in held] == ["ours.watcher"]
    assert [each["username"] for each in members] == ["carol"]
    clients.pulp("group", "role-assignment", "remove", "--group", "makers", *given)
    clients.pulp("user", "role-assignment", "remove", "--username", "carol", *given)
    clients.pulp("group", "user", "remove", "--group", "makers", "--username", "carol")
    clients.pulp("role", "destroy", "--name", "ours.watcher")
    clients.pulp("group", "destroy", "--name", "makers")
    clients.pulp("user", "destroy", "--username", "carol")


def test_the_rules_are_listed(clients: Clients) -> None:
    listed = json.loads(clients.pulp("access-policy", "list").stdout)
    shown = json.loads(clients.pulp("access-policy", "show", "--viewset-name", "tasks").stdout)

    assert shown in listed
    assert {"action": ["list", "retrieve", "my_permissions"]}.items() <= shown["statements"][0].items()


def test_what_is_empty_is_listed_as_empty(clients: Clients) -> None:
    lists = (
        ("signing-service",),
        ("ansible", "remote", "-t", "role"),
        ("ansible", "remote", "-t", "git"),
        ("ansible", "content", "-t", "signature"),
        ("content-guard", "rbac"),
        ("file", "repository"),
    )

    assert [json.loads(clients.pulp(*each, "list").stdout) for each in lists] == [[]] * len(lists)
    roles = ("ansible", "repository", "content", "-t", "role", "list", "--repository", "published")
    assert clients.pulp_json(*roles) == []


def test_a_file_is_stored_once(clients: Clients) -> None:
    (clients.folder / "notes.txt").write_text("notes")

    clients.pulp("artifact", "upload", "--file", "notes.txt")
    again = clients.pulp("artifact", "upload", "--file", "notes.txt")
    shown = clients.pulp_json("artifact", "show", "--sha256", hashlib.sha256(b"notes").hexdigest())

    assert "Artifact already exists." in again.stderr
    assert shown["size"] == 5


def test_a_large_file_is_sent_in_chunks(clients: Clients) -> None:
    content = bytes(range(256)) * 10
    (clients.folder / "large.bin").write_bytes(content)

    clients.pulp("artifact", "upload", "--file", "large.bin", "--chunk-size", "1000")

    shown = clients.pulp_json("artifact", "show", "--sha256", hashlib.sha256(content).hexdigest())
    assert shown["size"] == len(content)
    assert clients.pulp_json("upload", "list") == []


def test_a_large_collection_is_sent_in_chunks(clients: Clients, hub: Hub) -> None:
    hub.request("POST", "v3/namespaces/", json={"name": "chunked", "groups": []})
    packed = small_collections.collection(namespace="chunked", name="tools", version="1.0.0")
    (clients.folder / "large.tar.gz").write_bytes(packed)
    clients.pulp("ansible", "repository", "create", "--name", "large")
    into = ("--repository", "large")

    clients.pulp("ansible", "content", "upload", "--file", "large.tar.gz", "--chunk-size", "1000", *into)

    listed = clients.pulp_json("ansible", "repository", "content", "list", *into)
    assert [(each["namespace"], each["name"], each["version"]) for each in listed] == [
        ("chunked", "tools", "1.0.0")
    ]


def test_an_upload_is_listed_shown_and_destroyed(clients: Clients, hub: Hub) -> None:
    href = hub.request("POST", "pulp/api/v3/uploads/", json={"size": 10}).json()["pulp_href"]

    listed = clients.pulp_json("upload", "list")
    shown = clients.pulp_json("upload", "show", "--href", href)
    clients.pulp("upload", "destroy", "--href", href)

    assert [each["pulp_href"] for each in listed] == [shown["pulp_href"]] == [href]
    assert clients.pulp_json("upload", "list") == []


def test_space_is_given_back_and_versions_of_all_repositories_are_listed(clients: Clients) -> None:
    clients.pulp("ansible", "repository", "create", "--name", "kept")  # that of others may have gone

    reclaimed = clients.pulp("repository", "reclaim", "--all", "--keep-version", "ansible:ansible:kept", "0")
    versions = clients.pulp_json("repository", "version", "list", "--limit", "100")

    assert "Done." in reclaimed.stderr
    assert 0 in [each["number"] for each in versions]


def test_content_is_found_by_its_tags(clients: Clients, tmp_path: Path) -> None:
    tarball = tmp_path / "marked-tools-1.0.0.tar.gz"
    packed = small_collections.collection(namespace="marked", name="tools", tags=["cloud", "storage"])
    tarball.write_bytes(packed)
    clients.place(tarball)
    listed = ("ansible", "content", "list", "--namespace", "marked", "--field", "name", "--tags")

    assert clients.pulp_json(*listed, "cloud,storage") == [{"name": "tools"}]
    assert clients.pulp_json(*listed, "cloud,other") == []


def test_labels_of_content_are_refused_with_what_to_do(clients: Clients, tmp_path: Path) -> None:
    tarball = tmp_path / "labelled-tools-1.0.0.tar.gz"
    tarball.write_bytes(small_collections.collection(namespace="labelled", name="tools", version="1.0.0"))
    clients.place(tarball)
    one = ("--namespace", "labelled", "--name", "tools", "--version", "1.0.0")

    for act in (("set", "--key", "a", "--value", "b"), ("unset", "--key", "a")):
        refused = clients.pulp("ansible", "content", "label", act[0], *one, *act[1:], expect=1)

        assert "Label a repository that holds them." in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "act",
    [
        ("access-policy", "reset", "--viewset-name", "tasks"),
        ("ansible", "remote", "-t", "git", "create", "--name", "x", "--url", "https://example.org/x.git"),
        ("content-guard", "rbac", "create", "--name", "x"),
        ("group", "role", "list", "--name", "crew"),
    ],
    ids=lambda act: " ".join(act[:3]),
)
def test_what_cannot_be_done_here_is_refused_in_one_line(clients: Clients, act: tuple[str, ...]) -> None:
    if act[0] == "group":
        clients.pulp("group", "create", "--name", "crew")

    refused = clients.pulp(*act, expect=1)

    assert "Traceback" not in refused.stderr
    assert "Error: " in refused.stderr
