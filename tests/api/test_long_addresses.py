"""What asks for very much at once: long lists, many words, long texts, in each parameter of each list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import make
import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from cartwheel.api.pulp_v3 import empty_lists
from cartwheel.registry import counting
from cartwheel.registry.models import User

P = "/api/automation-hub/"
PULP = f"{P}pulp/api/v3/"
REPOSITORIES, CONTENT = f"{PULP}repositories/ansible/ansible/", f"{PULP}content/ansible/collection_versions/"
SEARCH, UI = f"{P}v3/plugin/ansible/search/collection-versions/", f"{P}_ui/v1/collection-versions/"
HREFS = 600  # as many fit into an address
ONE = UUID(int=1)
STATEMENTS = 100  # of one request
SQL_LIMIT = 150_000  # characters of one statement
AS_LONG_AS_CAN_BE = {
    "values": "x," * 5000,
    "words": "a b " * 15_000,
    "text": "a" * 60_000,
    "ids": ",".join(str(UUID(int=each)) for each in range(1700)),
    "addresses": ",".join(f"{REPOSITORIES}{UUID(int=each)}/versions/{each}/" for each in range(550)),
}
NOTHING_THERE = empty_lists.__name__

Client = Any


@pytest.fixture
def boss(admin: User) -> Client:
    make.placed(make.served("one", id=ONE), "acme.one", tags=["one"])
    return make.api(admin)


def parameters(client: Client) -> Iterator[tuple[str, str]]:
    """Every list that is described and can hold something, with each parameter that it takes."""
    names = {"distro": "one", "path": "one", "distribution": "one", "namespace": "acme", "name": "one"}
    for document in ("pulp/api/v3/docs/api.json", "v3/openapi.json"):
        for path, acts in client.get(P + document).json()["paths"].items():
            address = path.replace("{ansible_ansible_repository_href}", f"{REPOSITORIES}{ONE}/")
            address = re.sub(r"\{(\w+)\}", lambda each: names.get(each[1], "1"), address)
            if not address.startswith("/") or resolve(address).func.__module__ == NOTHING_THERE:
                continue  # one thing, or no list in which there are any
            for each in acts.get("get", {}).get("parameters", []):
                if each["in"] == "query" and each["name"] not in ("limit", "offset"):
                    yield address, each["name"]


@pytest.mark.parametrize("kind", AS_LONG_AS_CAN_BE)
def test_no_parameter_of_any_list_takes_the_hub_very_far(boss: Client, kind: str) -> None:
    asked = sorted(set(parameters(boss)))
    assert len(asked) > 300
    for address, name in asked:
        counting._known.clear()
        with CaptureQueriesContext(connection) as statements:
            answer = boss.get(address, {name: AS_LONG_AS_CAN_BE[kind]})

        assert answer.status_code < 500, (address, name)
        longest = max((len(each["sql"] or "") for each in statements), default=0)
        assert longest < SQL_LIMIT, (address, name)
        assert len(statements) < STATEMENTS, (address, name)


MANY = "At most 50 values can be named at once."
REFUSED = {
    f"{REPOSITORIES}?latest_with_content={{51}}": {"latest_with_content": [MANY]},
    f"{REPOSITORIES}?with_content={{51}}": {"with_content": [MANY]},
    f"{PULP}tasks/?reserved_resources__in={{51}}": {"reserved_resources__in": [MANY]},
    f"{CONTENT}?tags={{51}}": {"tags": [MANY]},
    f"{CONTENT}?q={{101}}": ["At most 100 words can be looked for at once."],
    f"{REPOSITORIES}?pulp_label_select={{51}}": ["At most 50 labels can be asked for at once."],
    f"{REPOSITORIES}?name__in={{1001}}": {"name__in": ["At most 1000 values can be named at once."]},
    f"{REPOSITORIES}?fields={{1001}}": {"fields": ["At most 1000 values can be named at once."]},
    f"{PULP}repository_versions/?pulp_href__in={{501}}": {
        "pulp_href__in": ["At most 500 values can be named at once."]
    },
    f"{PULP}tasks/?logging_cid__contains={'%25' * 4097}": {
        "logging_cid__contains": ["Ensure this value has at most 4096 characters (it has 4097)."]
    },
    f'{PULP}tasks/?q=reserved_resources__in="{{51}}"': {
        "q": [json.dumps({"reserved_resources__in": [{"message": MANY, "code": "invalid"}]})]
    },
    f"{SEARCH}?keywords={{101}}": ["At most 100 words can be looked for at once."],
    f"{SEARCH}?tags={{51}}": {"tags": [MANY]},
    f"{SEARCH}?version_range={{51}}": ["version_range can have at most 50 parts."],
    f"{SEARCH}?repository_label={{51}}": ["At most 50 labels can be asked for at once."],
    f"{SEARCH}?repository_name={{1001}}": {"repository_name": ["At most 1000 values can be named at once."]},
}
GALAXY_REFUSED = {
    f"{UI}?keywords={{101}}": ("At most 100 words can be looked for at once.", None),
    f"{UI}?tags={{51}}": (MANY, "tags"),
    f"{UI}?version_range={{51}}": ("version_range can have at most 50 parts.", None),
    f"{UI}?name__contains={'a' * 4097}": (
        "Ensure this value has at most 4096 characters (it has 4097).",
        "name__contains",
    ),
    f"{P}_ui/v1/repo/one/?keywords={{101}}": ("At most 100 words can be looked for at once.", None),
    f"{P}v3/namespaces/?keywords={'a' * 4097}": (
        "Ensure this value has at most 4096 characters (it has 4097).",
        "keywords",
    ),
}


FORMS = {
    "version_range": ">0.0.{}",
    "with_content": f"{CONTENT}{{}}/",
    "pulp_href__in": f"{REPOSITORIES}{ONE}/versions/{{}}/",
}


def asked_with(query: str, *, fewer: int = 0) -> str:
    """With so many values, or words, as stand in braces, or fewer."""
    between = "+" if "q={" in query or "keywords" in query else ","
    form = next((each for name, each in FORMS.items() if name in query), "x{}")

    def some(match: re.Match[str]) -> str:
        return between.join(form.format(each) for each in range(int(match[1]) - fewer))

    return re.sub(r"\{(\d+)\}", some, query)


@pytest.mark.parametrize(("query", "problem"), REFUSED.items(), ids=[*map(str, range(len(REFUSED)))])
def test_too_much_is_refused_in_the_words_of_pulp(boss: Client, query: str, problem: Any) -> None:
    refused = boss.get(asked_with(query))

    assert (refused.status_code, refused.json()) == (400, problem)


@pytest.mark.parametrize(
    ("query", "problem"), GALAXY_REFUSED.items(), ids=[*map(str, range(len(GALAXY_REFUSED)))]
)
def test_too_much_is_refused_in_the_words_of_galaxy(
    boss: Client, query: str, problem: tuple[str, str | None]
) -> None:
    detail, parameter = problem
    entry: dict[str, Any] = {"status": "400", "code": "invalid", "title": "Invalid input.", "detail": detail}

    refused = boss.get(asked_with(query))

    source = {"source": {"parameter": parameter}} if parameter else {}
    assert (refused.status_code, refused.json()) == (400, {"errors": [entry | source]})


@pytest.mark.parametrize("query", [each for each in (*REFUSED, *GALAXY_REFUSED) if "{" in each], ids=str)
def test_as_much_as_may_be_is_looked_for(boss: Client, query: str) -> None:
    assert boss.get(asked_with(query, fewer=1)).status_code == 200


@pytest.mark.parametrize("where", ["repositories/ansible/ansible/", "content/ansible/collection_versions/"])
@pytest.mark.parametrize("name", ["pulp_href__in", "pulp_id__in"])
def test_hundreds_can_be_named_by_their_addresses(boss: Client, where: str, name: str) -> None:
    [found] = boss.get(PULP + where).json()["results"]
    named = [*(f"{PULP}{where}{uuid4()}/" for _ in range(HREFS - 1)), found["pulp_href"]]
    if name == "pulp_id__in":
        named = [each.split("/")[-2] for each in named]

    answer = boss.get(PULP + where, {name: ",".join(named)})

    assert answer.json()["results"] == [found]


def test_versions_of_repositories_are_found_among_hundreds(boss: Client) -> None:
    [first] = boss.get(f"{REPOSITORIES}{ONE}/versions/").json()["results"]
    [version] = boss.get(CONTENT).json()["results"]
    units = [f"{CONTENT}{uuid4()}/" for _ in range(HREFS - 1)]
    hrefs = [f"{REPOSITORIES}{uuid4()}/versions/1/" for _ in range(498)]

    holding = boss.get(
        f"{REPOSITORIES}{ONE}/versions/", {"content__in": ",".join([*units, version["pulp_href"]])}
    )
    named = boss.get(f"{PULP}repository_versions/", {"pulp_href__in": ",".join([*hrefs, first["pulp_href"]])})

    assert [each["pulp_href"] for each in holding.json()["results"]] == [first["pulp_href"]]
    assert [each["pulp_href"] for each in named.json()["results"]] == [first["pulp_href"]]


def test_pages_take_as_many_words_as_their_fields(boss: Client, admin: User) -> None:
    browser = Browser()
    browser.force_login(admin)

    most = browser.get("/collections/", {"q": " ".join(map(chr, range(0x4E00, 0x4E00 + 100)))})
    more = browser.get(
        "/collections/", {"q": "acme " * 10_000, "tag": "one," * 10_000, "namespace": "%" * 60_000}
    )
    tasks = browser.get("/", {"q": "%" * 60_000, "resource": "%" * 60_000})

    assert [each.status_code for each in (most, more, tasks)] == [200, 200, 200]
