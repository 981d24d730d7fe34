"""The scenario that the project exists for, as galaxykit plays it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from clients import Clients, Done
from hub import Hub

TASK = re.compile(r"/api/automation-hub/pulp/api/v3/tasks/([0-9a-f-]{36})/")
THREE = ("collection1", "collection2", "collection3")


def names(hub: Hub, repository: str) -> list[str]:
    page = hub.get(f"v3/plugin/ansible/content/{repository}/collections/index/?limit=100")
    return sorted(f"{each['namespace']}.{each['name']}" for each in page["data"])


def test_collections_are_uploaded_waited_for_moved_and_deleted(clients: Clients, hub: Hub) -> None:
    clients.galaxykit("namespace", "create", "namespace1")
    clients.galaxykit("task", "wait", "all")
    for name in THREE:
        made = clients.galaxykit_json("collection", "upload", "namespace1", name)
        assert made == {"namespace": "namespace1", "name": name, "version": "1.0.0", "published": False}
    clients.galaxykit("task", "wait", "all")

    listed = clients.galaxykit_json("collection", "list")
    assert sorted(each["name"] for each in listed["data"]) == list(THREE)
    assert names(hub, "staging") == [f"namespace1.{name}" for name in THREE]

    newest, *_ = clients.galaxykit("task", "list").stdout.splitlines()
    assert "state=completed" in newest
    address = TASK.search(newest)
    assert address
    clients.galaxykit("task", "wait", address[1])
    clients.galaxykit("task", "wait", address[0])

    for name in THREE:
        clients.galaxykit("collection", "move", "namespace1", name)
    assert names(hub, "published") == [f"namespace1.{name}" for name in THREE]
    assert names(hub, "staging") == []

    clients.galaxykit("collection", "delete", "namespace1", "collection1")
    assert names(hub, "published") == ["namespace1.collection2", "namespace1.collection3"]
    told = clients.ansible_galaxy("install", "namespace1.collection1", expect=1)
    assert "Failed to resolve" in told.stdout + told.stderr


def test_a_collection_is_found_by_its_name_and_shown(clients: Clients) -> None:
    clients.galaxykit("namespace", "create", "shown")
    clients.galaxykit("collection", "upload", "shown", "tools", "2.1.0")
    clients.galaxykit("collection", "move", "shown", "tools", "2.1.0")

    found = clients.galaxykit("collection", "search", "tools").stdout
    shown = clients.galaxykit_json("collection", "info", "published", "shown", "tools", "2.1.0")
    of_namespace = clients.galaxykit_json("namespace", "list-collections", "shown")

    assert "'version': '2.1.0'" in found
    assert (shown["namespace"]["name"], shown["name"], shown["version"]) == ("shown", "tools", "2.1.0")
    assert [each["name"] for each in of_namespace["data"]] == ["tools"]


def test_namespaces_are_made_shown_listed_and_deleted(clients: Clients) -> None:
    clients.galaxykit("namespace", "create", "short_lived")
    clients.galaxykit("namespace", "create", "short_lived")  # galaxykit does not mind that it is there

    shown = clients.galaxykit_json("namespace", "get", "short_lived")
    listed = clients.galaxykit_json("namespace", "list")
    clients.galaxykit("namespace", "delete", "short_lived")

    assert shown["name"] == "short_lived"
    assert "short_lived" in [each["name"] for each in listed["data"]]
    assert "short_lived" not in clients.galaxykit("namespace", "list").stdout
    clients.galaxykit("namespace", "get", "short_lived", expect=1)


def test_a_namespace_that_holds_collections_is_not_deleted(clients: Clients) -> None:
    clients.galaxykit("namespace", "create", "full")
    clients.galaxykit("collection", "upload", "full", "tools")

    refused = clients.galaxykit("namespace", "delete", "full", expect=1)

    assert refused.stderr.endswith("GalaxyClientError: 400\n")
    assert clients.galaxykit_json("namespace", "get", "full")["name"] == "full"


def test_waiting_for_a_task_that_failed_or_is_not_there_is_an_error(clients: Clients, hub: Hub) -> None:
    failed = hub.dispatch('dispatch("pulpcore.app.tasks.test.sleep", args=("notanumber",))')
    hub.wait(failed, "failed")

    told = clients.galaxykit("task", "wait", failed, expect=1).stderr

    assert "cannot be interpreted as an integer" in told
    clients.galaxykit("task", "wait", "018a41d4-161c-7edf-bcaa-6246188c9a7f", expect=1)


def test_only_the_running_tasks_are_listed_on_request(clients: Clients, hub: Hub) -> None:
    running = hub.dispatch('Task.objects.create(state="running", name="iamrunning")')
    ended = hub.dispatch('Task.objects.create(state="completed", name="iamcompleted")')

    listed = clients.galaxykit("task", "list", "--only_running").stdout

    assert running in listed
    assert ended not in listed
    hub.request("PATCH", f"pulp/api/v3/tasks/{running}/", json={"state": "canceled"})


@pytest.mark.parametrize("credentials", [("-u", "admin", "-p", "wrong"), ("-t", "0" * 40)])
def test_who_is_not_known_gets_nowhere(clients: Clients, hub: Hub, credentials: tuple[str, ...]) -> None:
    clients.run("galaxykit", "-s", hub.api, *credentials, "namespace", "create", "stolen", expect=1)

    assert hub.request("GET", "v3/namespaces/stolen/").status_code == 404


def test_repositories_remotes_and_distributions_are_made_listed_and_deleted(
    clients: Clients, hub: Hub
) -> None:
    clients.galaxykit("remote", "create", "kit", "https://far.example.org/api/")
    clients.galaxykit("repository", "create", "kit", "--pipeline", "approved", "--remote", "kit")
    clients.galaxykit("distribution", "create", "kit")
    listed = clients.galaxykit("repository", "list").stdout
    (served,) = hub.get("pulp/api/v3/distributions/ansible/ansible/?name=kit")["results"]

    at_once = with_one_token(  # galaxykit looks at the task of a deletion every five seconds, and once more
        clients,
        ("remote", "list"),  # which lists repositories
        ("distribution", "list"),
        ("repository", "collections", "kit"),
        ("remote", "delete", "kit"),
        ("distribution", "delete", "kit"),
        ("repository", "delete", "kit"),
    )

    assert "pulp_labels={'pipeline': 'approved'}" in listed
    assert served["base_path"] == "kit"
    assert [each.returncode for each in at_once] == [0] * 6
    assert at_once[2].stdout == "[]\n"
    for kind in (
        "remotes/ansible/collection",
        "repositories/ansible/ansible",
        "distributions/ansible/ansible",
    ):
        assert hub.get(f"pulp/api/v3/{kind}/?name=kit")["count"] == 0


FAILING = {  # what galaxykit is asked for -> its exit code, and what it ends with
    ("remote", "create", "community", "https://x.example.org/"): (1, "GalaxyClientError: 400"),
    ("remote", "delete", "nothere"): (2, "No remote 'nothere' found."),
    ("repository", "create", "kit2", "--remote", "nothere"): (2, "No remote 'nothere' found."),
    ("collection", "move", "acme", "nothere"): (1, "'detail': 'Collection acme-nothere-1.0.0 not found'}"),
    ("collection", "delete", "acme", "nothere"): (1, "'title': 'Not found.'}"),
    ("collection", "sign", "published", "acme", "nothere", "1.0.0"): (1, "Failed to parse JSON response from API"),
    ("collection", "download"): (1, "NotImplementedError"),
    ("user", "create", "mini", "short"): (1, "'source': {'parameter': 'password'}}"),
    ("group", "delete", "nothere"): (2, "No group 'nothere' found."),
    ("role", "perm", "list", "nothere"): (0, ""),  # which galaxykit itself passes over
    ("-i", "remote", "delete", "nothere"): (0, ""),
    ("greet", "hello"): (0, "hello"),
}  # fmt: skip


def test_what_cannot_be_is_told_as_galaxykit_expects_it(clients: Clients) -> None:
    told = with_one_token(clients, *FAILING)

    ends = [(each.returncode, (each.stdout + each.stderr).strip()) for each in told]
    for words, (code, text), (expected, end) in zip(FAILING, ends, FAILING.values(), strict=True):
        assert (code, text.endswith(end)) == (expected, True), (words, text)


def with_one_token(clients: Clients, *commands: tuple[str, ...]) -> list[Done]:
    """Run some at once: with a password, each would end the token of the others."""
    token = clients.hub.request("POST", "v3/auth/token/").json()["token"]

    def run(words: tuple[str, ...]) -> Done:
        options, words = (words[:1], words[1:]) if words[0] == "-i" else ((), words)
        return clients.start("galaxykit", "-s", clients.hub.api, "-t", token, *options, *words)

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(run, commands))
