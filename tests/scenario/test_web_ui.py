"""The requests of the original hub's web UI, with the fields that its pages cannot do without.

Each row is a request as the UI sends it, and the places in the answer that must be there and not be null;
[] stands for each element of a list, of which there must be one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import small_collections
from clients import Clients
from hub import Hub

PULP = "pulp/api/v3/"
SEARCH = "v3/plugin/ansible/search/collection-versions/"
REPOSITORIES, REMOTES = f"{PULP}repositories/ansible/ansible/", f"{PULP}remotes/ansible/collection/"
DISTRIBUTIONS = f"{PULP}distributions/ansible/ansible/"
CARD = """
    meta.count data[].repository.name data[].repository.pulp_labels data[].collection_version.namespace
    data[].collection_version.name data[].collection_version.version data[].collection_version.pulp_created
    data[].collection_version.contents[].content_type data[].collection_version.dependencies
    data[].collection_version.tags[].name data[].collection_version.description
"""

# Words in braces are of the hub below: {task}, {failed}, {sync}, {import}, {repository}, {remote}.
REQUESTS = [
    ("_ui/v1/feature-flags/", "execution_environments _messages"),
    ("_ui/v1/me/", "id username groups model_permissions is_superuser is_anonymous"),
    ("_ui/v1/settings/", "GALAXY_FEATURE_FLAGS GALAXY_REQUIRE_CONTENT_APPROVAL"),
    (
        f"{PULP}tasks/?offset=0&limit=10&ordering=-pulp_created",
        "count results[].pulp_href results[].pulp_created results[].state results[].name",
    ),
    (
        f"{PULP}tasks/{{sync}}/",
        "child_tasks reserved_resources_record pulp_href pulp_created state name finished_at"
        " progress_reports[].message progress_reports[].code progress_reports[].state",
    ),
    (f"{PULP}tasks/{{failed}}/", "error.description error.traceback child_tasks progress_reports"),
    (
        f"{REPOSITORIES}?offset=0&limit=10&ordering=-pulp_created",
        "count results[].pulp_href results[].name results[].pulp_created results[].pulp_labels",
    ),
    (
        f"{REPOSITORIES}?name=mirror&offset=0&limit=1",
        "results[].pulp_href results[].name results[].remote results[].last_sync_task.state"
        " results[].last_sync_task.finished_at",
    ),
    (f"{REPOSITORIES}{{repository}}/my_permissions/?offset=0&limit=10", "permissions"),
    (f"{REPOSITORIES}{{repository}}/list_roles/", "roles"),
    (
        f"{REPOSITORIES}{{repository}}/versions/?ordering=-pulp_created",
        "results[].number results[].pulp_created results[].content_summary",
    ),
    (f"{REPOSITORIES}?remote={{remote_href}}&offset=0&limit=10", "results[].name"),
    (f"{REPOSITORIES}?name=staging&pulp_label_select=pipeline%3Dstaging&offset=0&limit=1", "results[].name"),
    (f"{REPOSITORIES}?pulp_label_select=pipeline%3Drejected&offset=0&limit=1", "results[].name"),
    (f"{REPOSITORIES}?pulp_label_select=pipeline%3Dapproved&offset=0&limit=1", "results[].name"),
    (f"{REPOSITORIES}?pulp_label_select=!pipeline&offset=0&limit=1", "results[].name"),
    (
        f"{REMOTES}?offset=0&limit=10&ordering=-pulp_created",
        "count results[].pulp_href results[].name results[].url results[].hidden_fields[].name",
    ),
    (f"{REMOTES}?name=upstream&offset=0&limit=10", "results[].tls_validation results[].hidden_fields[].name"),
    (f"{REMOTES}{{remote}}/", "name url"),
    (f"{REMOTES}{{remote}}/my_permissions/?offset=0&limit=10", "permissions"),
    (f"{DISTRIBUTIONS}?name=published&offset=0&limit=1", "results[].base_path results[].repository"),
    (
        f"{DISTRIBUTIONS}?repository={{published_href}}&offset=0&limit=10&ordering=-pulp_created",
        "count results[].name results[].base_path results[].pulp_created",
    ),
    ("_ui/v1/namespaces/?sort=name&offset=0&limit=20", "meta.count data[].name"),
    (
        "_ui/v1/namespaces/acme/?include_related=my_permissions",
        "name links groups users related_fields.my_permissions pulp_href",
    ),
    ("_ui/v1/my-namespaces/acme/?include_related=my_permissions", "name links related_fields.my_permissions"),
    ("_ui/v1/my-namespaces/?keywords=acme&offset=0&limit=10", "meta.count data[].name"),
    (
        "_ui/v1/imports/collections/?namespace=acme&sort=-created&offset=0&limit=10",
        "meta.count data[].id data[].namespace data[].name data[].version data[].state data[].finished_at",
    ),
    (
        "_ui/v1/imports/collections/?namespace=acme&name=tools&version=1.0.0&sort=-created&offset=0&limit=10",
        "data[].id data[].version",
    ),
    ("_ui/v1/imports/collections/{import}/", "namespace name version messages[].level messages[].message"),
    (
        f"{SEARCH}?is_deprecated=false&repository_label=!hide_from_search&is_highest=true&offset=0&limit=10&order_by=name",
        CARD,
    ),
    (
        f"{SEARCH}?namespace=acme&is_highest=true&repository_label=!hide_from_search&offset=0&limit=10&order_by=name",
        CARD,
    ),
    (f"{SEARCH}?namespace=acme&name=tools&version=1.0.0&offset=0&limit=10", CARD),
    (f"{SEARCH}?repository_name=published&namespace=acme&name=tools&is_highest=true&offset=0&limit=10", CARD),
    (
        f"{SEARCH}?repository_name=published&namespace=acme&name=tools&order_by=-version&offset=0&limit=10",
        CARD,
    ),
    (f"{SEARCH}?order_by=-pulp_created&repository_label=pipeline%3Dstaging&offset=0&limit=10", CARD),
    (f"{SEARCH}?dependency=acme.tools&offset=0&limit=10", "meta.count"),
    (
        f"{PULP}content/ansible/collection_versions/?namespace=acme&name=tools&version=1.0.0&offset=0&limit=10",
        "results[].license results[].requires_ansible results[].contents[].name results[].docs_blob"
        " results[].pulp_href",
    ),
    (
        "v3/plugin/ansible/content/published/collections/index/acme/tools/",
        "deprecated download_count highest_version.version",
    ),
    (
        "v3/plugin/ansible/content/published/collections/index/acme/tools/versions/1.0.0/",
        "download_url signatures artifact.sha256",
    ),
    (
        "_ui/v1/collection-versions/?dependency=acme.base&sort=-collection&offset=0&limit=10",
        "meta.count data[].namespace data[].name data[].version data[].repository_list",
    ),
    ("_ui/v1/tags/collections/?name__icontains=&sort=-count&offset=0&limit=10", "meta.count data"),
    (
        "_ui/v1/users/?sort=username&offset=0&limit=10",
        "meta.count data[].id data[].username data[].groups data[].date_joined data[].auth_provider",
    ),
    ("_ui/v1/users/1/", "id username groups"),
    ("_ui/v1/users/?groups__name=makers", "meta.count data"),
    ("_ui/v1/groups/?name__contains=&offset=0&limit=5", "meta.count data[].id data[].name data[].pulp_href"),
    ("_ui/v1/groups/?sort=name&offset=0&limit=10", "meta.count data[].id data[].name"),
    ("_ui/v1/groups/1/", "id name pulp_href"),
    (f"{PULP}groups/1/roles/?content_object=null&offset=0&limit=10&ordering=role", "results"),
    (
        f"{PULP}roles/?name__startswith=galaxy.&offset=0&limit=10&ordering=name",
        "count results[].pulp_href results[].name results[].pulp_created results[].locked results[].permissions",
    ),
    (f"{PULP}roles/?for_object_type=/api/automation-hub/{REPOSITORIES}", "results[].name"),
    (f"{PULP}signing-services/?offset=0&limit=10", "count results"),
    ("v3/plugin/execution-environments/repositories/?offset=0&limit=10", "meta.count data"),
    ("_ui/v1/execution-environments/registries/?offset=0&limit=10", "meta.count data"),
    (
        "",
        "server_version galaxy_importer_version pulp_ansible_version pulp_container_version pulp_core_version",
    ),
]


@pytest.fixture(scope="module")
def there(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A hub with collections in published and staging, a synced repository, people, and a failed task."""
    folder = tmp_path_factory.mktemp("clients")
    clients = Clients(hub, folder)
    _place(clients, folder, "base", {})
    _place(clients, folder, "tools", {"acme.base": ">=1.0.0"})
    staged = folder / "acme-staged-1.0.0.tar.gz"
    staged.write_bytes(small_collections.collection(name="staged"))
    with staged.open("rb") as file:
        hub.request(
            "POST",
            "v3/artifacts/collections/",
            files={"file": (staged.name, file)},
            headers={"Prefer": "wait=60"},
        )
    hub.request("POST", "_ui/v1/groups/", json={"name": "makers"})
    remote = _make(
        hub,
        REMOTES,
        name="upstream",
        url=f"{hub.api}content/published/",
        username="admin",
        password=hub.password,
    )
    repository = _make(hub, REPOSITORIES, name="mirror", remote=remote)
    sync = hub.request("POST", f"{repository}sync/", json={}, headers={"Prefer": "wait=60"}).json()
    assert sync["state"] == "completed", sync["error"]
    error = {"description": "It broke.", "traceback": "line 1"}
    return {
        "failed": hub.dispatch(f'Task.objects.create(state="failed", name="x", error={error})'),
        "sync": _id(sync["pulp_href"]),
        "import": hub.get("_ui/v1/imports/collections/?namespace=acme")["data"][0]["id"],
        "repository": _id(repository),
        "remote": _id(remote),
        "remote_href": remote,
        "published_href": hub.get(f"{REPOSITORIES}?name=published")["results"][0]["pulp_href"],
    }


@pytest.mark.parametrize(("request_line", "wanted"), REQUESTS, ids=[line for line, _ in REQUESTS])
def test_the_page_has_what_it_needs(hub: Hub, there: dict[str, str], request_line: str, wanted: str) -> None:
    for name, value in there.items():
        request_line = request_line.replace(f"{{{name}}}", value)

    answer = hub.get(request_line)

    assert [each for each in wanted.split() if not _is_there(answer, each)] == []


def _is_there(document: Any, place: str) -> bool:
    name, _, rest = place.partition(".")
    found = document.get(name.removesuffix("[]")) if isinstance(document, dict) else None
    if found is None:
        return False
    if not name.endswith("[]"):
        return not rest or _is_there(found, rest)
    return (
        isinstance(found, list) and bool(found) and all(not rest or _is_there(each, rest) for each in found)
    )


def _place(clients: Clients, folder: Path, name: str, needs: dict[str, str]) -> None:
    tarball = folder / f"acme-{name}-1.0.0.tar.gz"
    tarball.write_bytes(small_collections.collection(name=name, dependencies=needs, tags=["system"]))
    clients.place(tarball)


def _make(hub: Hub, path: str, **details: Any) -> str:
    answer = hub.request("POST", path, json=details)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["pulp_href"])


def _id(href: str) -> str:
    return href.rstrip("/").rpartition("/")[2]
