"""The documents of the API say what is there: no more, no less, and so that clients understand it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import make
import pytest
import yaml
from django.test import Client
from pulp_glue.common.oas import OpenAPISpec

from cartwheel.api import filters
from cartwheel.api.openapi import pulp
from cartwheel.api.openapi.document import foreign_routes, hub_document, plain_pulp_document, pulp_document
from cartwheel.api.openapi.routes import api_routes, pulp_routes
from cartwheel.registry.models import User

PREFIX = "/api/automation-hub/"
YAML_READER = partial(yaml.load, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
PULP = f"{PREFIX}pulp/api/v3/"
API_JSON = f"{PULP}docs/api.json"

WANTED_BY_PULP_CLI = """
    status_read tasks_list tasks_read tasks_cancel tasks_delete tasks_profile_artifacts tasks_list_roles
    tasks_add_role tasks_remove_role tasks_my_permissions task_groups_list task_groups_read workers_list
    workers_read users_list users_create users_read users_partial_update users_delete users_roles_list
    users_roles_create users_roles_delete groups_list groups_create groups_read groups_delete groups_users_list
    groups_users_create groups_users_delete groups_roles_list groups_roles_create groups_roles_delete roles_list
    roles_create roles_read roles_partial_update roles_delete content_ansible_collection_versions_list
    content_ansible_collection_versions_read contentguards_core_rbac_list contentguards_core_header_list
    contentguards_core_composite_list exporters_core_pulp_list importers_core_pulp_list upstream_pulps_list
    publications_list vuln_report_list repositories_file_file_list repositories_container_container_list
    access_policies_list access_policies_read access_policies_partial_update access_policies_reset
    repositories_reclaim_space_reclaim repository_versions_list uploads_create domains_create
    groups_list_roles groups_add_role groups_remove_role groups_my_permissions remotes_ansible_git_create
    remotes_ansible_role_create content_ansible_collection_signatures_create contentguards_core_rbac_create
""".split()  # noqa: SIM905, names read better as a column, many names read better as a block
PASSED_EVEN_WHEN_UNUSED = """
    reserved_resources__in exclusive_resources__in shared_resources__in state__in ordering fields exclude_fields
""".split()  # noqa: SIM905, names read better as a column


def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(pulp_document(PREFIX)))
    return made


def operations(made: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in made["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def test_the_document_has_every_mounted_route_and_no_other() -> None:
    routes = [*pulp_routes(), *foreign_routes()]
    mounted = {(f"{PULP}{each.template}", method) for each in routes for method in each.methods}

    described = {(path, method) for path, method, _ in operations(plain_pulp_document(PREFIX))}

    assert described == mounted


def test_the_whole_hub_is_described() -> None:
    views = [each for each in api_routes() if isinstance(each.view, type)]
    mounted = {(f"{PREFIX}{each.template}", method) for each in views for method in each.methods}

    described = {(path, method) for path, method, _ in operations(hub_document(PREFIX))}

    assert mounted <= described


@pytest.mark.parametrize("make_document", [pulp_document, plain_pulp_document, hub_document])
def test_each_operation_has_an_id_of_its_own(make_document: Any) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(make_document(PREFIX))]

    assert len(ids) == len(set(ids))


def test_pulp_cli_reads_the_document_and_finds_its_operations() -> None:
    spec = OpenAPISpec.model_validate(document())

    assert set(WANTED_BY_PULP_CLI) <= set(spec.operations)
    assert spec.info.model_extra is not None
    assert spec.info.model_extra["x-pulp-app-versions"]["core"] == "3.105.12"
    assert spec.info.model_extra["x-pulp-domain-enabled"] is False


@pytest.mark.parametrize(
    ("at", "same"),
    [
        ("v3/galaxy.json", "v3/openapi.json"),
        ("v3/openapi.yaml", "v3/openapi.json"),
        ("v3/galaxy-pulp.json", "pulp/api/v3/docs/api.json"),
        ("pulp/api/v3/docs/api.yaml", "pulp/api/v3/docs/api.json"),
    ],
)
def test_the_documents_are_where_the_original_has_them(at: str, same: str) -> None:
    client = Client()

    said, known = client.get(f"{PREFIX}{at}"), client.get(f"{PREFIX}{same}")

    read = json.loads if at.endswith("json") else YAML_READER
    assert read(said.content) == known.json()
    assert said.headers["ETag"]


@pytest.mark.parametrize("at", ["v3/redoc/", "v3/swagger-ui/", "pulp/api/v3/docs/", "pulp/api/v3/swagger/"])
def test_the_pages_of_the_original_lead_to_ours(at: str) -> None:
    answer = Client().get(f"{PREFIX}{at}")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/docs/")


def test_a_thing_is_named_by_its_address() -> None:
    paths = document()["paths"]

    assert paths["{task_href}"]["patch"]["operationId"] == "tasks_cancel"
    assert [each["name"] for each in paths["{task_href}"]["parameters"]] == ["task_href"]
    assert paths["{groups_group_role_href}"]["delete"]["operationId"] == "groups_roles_delete"


def test_whatever_has_an_address_has_a_name_for_it() -> None:
    unnamed = [
        path for path in document()["paths"] if "{" in path and not re.match(r"{\w+_href}[^{]*$", path)
    ]

    assert unnamed == [], "add their parameters to HREFS in api/openapi/pulp.py"


def test_the_list_of_tasks_takes_what_pulp_cli_always_passes() -> None:
    listed = document()["paths"][f"{PULP}tasks/"]["get"]["parameters"]
    kinds = {each["name"]: each["schema"]["type"] for each in listed}

    assert {kinds.get(each) for each in PASSED_EVEN_WHEN_UNUSED} == {"array"}
    assert kinds["limit"] == "integer"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("content/ansible/collection_versions/", "tags"),
        ("repositories/ansible/ansible/", "with_content"),
        ("repositories/", "latest_with_content"),
    ],
)
def test_what_the_original_takes_as_one_text_is_declared_so(path: str, name: str) -> None:
    """pulp-cli refuses to send `--tags` otherwise: it gives a list only where one is declared."""
    listed = document()["paths"][f"{PULP}{path}"]["get"]["parameters"]

    assert {each["name"]: each["schema"] for each in listed}[name] == {"type": "string"}


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """What the next list reads: the names of its filters, and of the columns that it can be ordered by."""
    seen: dict[str, set[str]] = {}
    true_conditions, true_ordered = filters.conditions, filters.ordered

    def conditions(request: Any, table: filters.Table, *, also: Any = ()) -> Any:
        seen["filters"] = {*table, *also}
        return true_conditions(request, table, also=also)

    def ordered(request: Any, rows: Any, columns: Any, **options: Any) -> Any:
        seen["orders"] = set(columns)
        return true_ordered(request, rows, columns, **options)

    for name, module in list(sys.modules.items()):
        if name.startswith("cartwheel.api") and module is not filters:
            for function in (conditions, ordered):
                if getattr(module, function.__name__, None) is getattr(filters, function.__name__):
                    monkeypatch.setattr(module, function.__name__, function)
    return seen


def lists() -> list[str]:
    routes = pulp_routes()
    keys = {each.key for each in routes} | {f"{each}*/" for each in pulp.kinds()}
    return [each.template for each in routes if f"{each.key}*/" in keys]


@pytest.mark.parametrize("template", lists())
def test_a_list_declares_the_filters_that_it_has(
    template: str, asked_for: dict[str, set[str]], admin: User
) -> None:
    within: Any = admin
    if template.startswith("groups/{"):
        within = make.group("makers")
    elif template.startswith("repositories/ansible/ansible/{"):
        within = make.repository()

    answer = make.api(admin).get(PULP + re.sub(r"{\w+}", str(within.pk), template))

    declared = plain_pulp_document(PREFIX)["paths"][PULP + template]["get"]["parameters"]
    names = {each["name"] for each in declared}
    orders = {
        name for each in declared if each["name"] == "ordering" for name in each["schema"]["items"]["enum"]
    }
    assert answer.status_code == 200
    for each in sorted(orders):
        ordered = make.api(admin).get(f"{answer.request['PATH_INFO']}?ordering={each}")
        assert ordered.status_code == 200, ordered.content
    assert names - filters.NOT_FILTERS == asked_for.get("filters", set()) - filters.NOT_FILTERS
    assert {each.lstrip("-") for each in orders} == asked_for.get("orders", set())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", [API_JSON, f"{PREFIX}v3/openapi.json", "/api/galaxy/pulp/api/v3/docs/api.json"]
)
def test_documents_are_for_everybody_and_kept_by_their_readers(client: Client, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, first.headers["Content-Type"]) == (200, "application/json")
    assert (again.status_code, again.content) == (304, b"")
    assert all(
        each.startswith(("{", path.split("pulp/")[0].split("v3/")[0])) for each in first.json()["paths"]
    )


@pytest.mark.django_db
def test_a_document_costs_no_statement(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get(API_JSON)


@pytest.mark.django_db
def test_the_page_shows_each_operation(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()

    ids = {operation["operationId"] for _, _, operation in operations(hub_document(PREFIX))}
    assert {each for each in ids if f'id="{each}"' not in page} == set()
    assert "https://" not in page


@pytest.mark.django_db
def test_fields_may_be_repeated_or_listed(alice: User) -> None:
    client = make.api(alice)
    make.task()

    repeated = client.get(f"{PULP}tasks/?fields=name&fields=state").json()
    listed = client.get(f"{PULP}tasks/?fields=name,state").json()

    assert repeated["results"] == listed["results"]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["fields=a%00b", "exclude_fields=%00", "ordering=%00"])
def test_null_characters_in_fields_harm_nothing(alice: User, query: str) -> None:
    assert make.api(alice).get(f"{PULP}tasks/?{query}").status_code in (200, 400)
