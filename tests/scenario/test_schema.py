"""Every operation of the hub's description, with values that fit it and values that do not.

The values are the same in every run. Never a crash; what is answered fits the description.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hub import Hub, running_hub
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from patience import PATIENCE_SECONDS

from cartwheel.api.openapi.document import hub_document

PREFIX = "/api/automation-hub/"
EXAMPLES = 3  # requests to each operation with values that fit, and as many with values that do not
PORTIONS = 16  # tests, each of so many of the operations
LEFT_ALONE = (  # they would sign the test out, or have a stream that does not end
    "ui_v1_me_update",
    "ui_v1_auth_login_create",
    "ui_v1_auth_logout_create",
    "v3_auth_token_create",
    "v3_auth_token_delete",
    "events_read",
)
SEARCH = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    """Read by the process that runs this file. It takes seconds, and every process collects every file."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(hub_document(PREFIX)).exclude(operation_id=list(LEFT_ALONE))
    found: list[Any] = list(schema.get_all_operations())
    return [each.ok() for each in found]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub of this file's own, with one of everything: half of the requests are about those."""
    with running_hub(tmp_path_factory.mktemp("hub") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def there(hub: Hub) -> dict[str, dict[str, Any]]:
    """Where there is something -> the parts of its address."""
    hub.request("POST", "v3/namespaces/", json={"name": "acme", "groups": []})
    hub.request("POST", "_ui/v1/groups/", json={"name": "makers"})
    hub.request(
        "POST", "pulp/api/v3/remotes/ansible/collection/", json={"name": "r", "url": "http://127.0.0.1:1/"}
    )
    hub.request("POST", "pulp/api/v3/uploads/", json={"size": 10})
    task = hub.dispatch('Task.objects.create(state="failed", name="x", error={"description": "x"})')

    def first(path: str) -> str:
        return (
            str(hub.get(f"pulp/api/v3/{path}?limit=1")["results"][0]["pulp_href"]).rstrip("/").split("/")[-1]
        )

    lists = (
        *("workers/", "roles/", "task-schedules/", "schedules/", "repositories/ansible/ansible/"),
        *("remotes/ansible/collection/", "distributions/ansible/ansible/", "uploads/"),
    )
    return {
        **{f"pulp/api/v3/{each}": {"identifier": first(each), "number": "0"} for each in lists},
        "pulp/api/v3/tasks/": {"identifier": task},
        "v3/tasks/": {"identifier": task},
        "v3/namespaces/": {"name": "acme"},
        "v3/plugin/ansible/content/": {"distro": "published", "distribution": "published"},
        "_ui/v1/namespaces/": {"name": "acme"},
        "_ui/v1/my-namespaces/": {"name": "acme"},
        "_ui/v1/groups/": {"number": "1"},
        "pulp/api/v3/groups/": {"number": "1"},
        "pulp/api/v3/pulp_ansible/namespaces/": {"number": "1"},
    }


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_request_crashes_the_hub(
    portion: int, operations: list[Any], hub: Hub, there: dict[str, dict[str, Any]]
) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

    def ask(case: Any) -> None:
        aim(case, there)
        answer = case.call(
            base_url=hub.url.rstrip("/"),
            auth=("admin", hub.password),
            allow_redirects=False,
            timeout=PATIENCE_SECONDS,
        )
        checks = [not_a_server_error, response_schema_conformance, status_code_conformance]
        case.validate_response(answer, checks=checks)

    def look_for(cases: Any) -> None:
        @SEARCH
        @given(case=cases)
        def search(case: Any) -> None:
            ask(case)

        search()

    for operation in operations[portion::PORTIONS]:
        for mode in GenerationMode:
            with suppress(Unsatisfiable):  # of some there is nothing that does not fit
                look_for(operation.as_strategy(generation_mode=mode))


def aim(case: Any, there: dict[str, dict[str, Any]]) -> None:
    """Send half of the requests to something that is there."""
    given = case.path_parameters or {}
    if not given or zlib.crc32(repr(given).encode()) % 2:
        return
    path = case.path.removeprefix(PREFIX)
    for place, parts in there.items():
        if path.startswith(f"{place}{{"):
            case.path_parameters = given | {name: part for name, part in parts.items() if name in given}
