"""What is answered to filters, orders and expressions that nobody understands, in both shapes."""

from __future__ import annotations

import json
from urllib.parse import quote

import make
import pytest

from cartwheel.registry.models import User

API = "/api/automation-hub/"
TASKS = f"{API}pulp/api/v3/tasks/"
NO_CHOICE = "Select a valid choice. bogus is not one of the available choices."


def content_cases(path: str) -> list[tuple[str, object]]:
    """What every list of content refuses."""
    return [
        (f"{path}?repository_version=x", ["URI not valid: x"]),
        (f"{path}?repository_version_added=x", ["URI not valid: x"]),
        (f"{path}?repository_version=", ["No value supplied for repository version filter"]),
        (f"{path}?orphaned_for=x", {"orphaned_for": ["Enter a number."]}),
        (f"{path}?pulp_label_select=", ["Invalid search term: ''."]),
        (f"{path}?pulp_label_select=!a=b", ["Cannot use an operator with '!a'."]),
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [("v3/tasks/?state=bogus", "state"), ("v3/tasks/?ordering=bogus", "ordering"), ("v3/namespaces/?sort=bogus", "sort")],
)  # fmt: skip
def test_a_word_that_is_no_choice_has_a_code_of_its_own(alice: User, query: str, field: str) -> None:
    (told,) = make.api(alice).get(f"{API}{query}").json()["errors"]

    assert told["code"] == "invalid_choice"
    assert told["detail"] == NO_CHOICE
    assert told["source"] == {"parameter": field}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x", "Enter a valid date/time."),
        ("2020-01-01,x", "Enter a valid date/time."),
        ("2020-01-01", "Range query expects two values."),
        ("2020-01-01,2021-01-01,2022-01-01", "Range query expects two values."),
    ],
)
def test_a_range_has_two_values_that_are_understood(alice: User, value: str, message: str) -> None:
    answer = make.api(alice).get(f"{TASKS}?started_at__range={value}")

    assert (answer.status_code, answer.json()) == (400, {"started_at__range": [message]})


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("name=a OR", "Syntax error in expression."),
        ("bogus=1", "Filter 'bogus' does not exist."),
        (
            "NOT (state=bogus)",
            json.dumps({"state": [{"message": NO_CHOICE, "code": "invalid_choice"}]}),
        ),
    ],
)
def test_what_is_wrong_with_an_expression_is_told_without_a_code(
    alice: User, expression: str, message: str
) -> None:
    client, query = make.api(alice), f"?q={quote(expression)}"

    assert client.get(f"{TASKS}{query}").json() == {"q": [message]}
    (told,) = client.get(f"{API}v3/tasks/{query}").json()["errors"]
    assert (told["code"], told["detail"]) == (None, message)


def chain(word: str, count: int) -> str:
    return f" {word} ".join(f"name={number}" for number in range(count))


@pytest.mark.parametrize(
    ("expression", "status"),
    [
        (chain("AND", 7), 200),
        (chain("AND", 8), 400),
        (f"NOT ({chain('OR', 6)})", 200),
        (f"NOT ({chain('OR', 7)})", 400),
        ("(name=1 AND name=2) OR (name=3 AND name=4)", 200),
        ("(name=1 AND name=2) OR (name=3 AND NOT name=4) OR name=5", 400),
    ],
)
def test_a_chain_of_the_same_word_counts_as_one_of_the_eight_parts(
    alice: User, expression: str, status: int
) -> None:
    answer = make.api(alice).get(f"{TASKS}?q={quote(expression)}")

    assert answer.status_code == status
    if status == 400:
        assert answer.json() == {"q": ["Filter expression exceeds allowed complexity."]}


PULP = f"{API}pulp/api/v3/"
REPOSITORY = f"{PULP}repositories/ansible/ansible/"
NOTHING = "01b22c7b-265f-79c0-8864-17900986e002"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("repositories/?pulp_href__in=x", ["URI not valid: x"]),
        (f"repositories/?pulp_href__in={REPOSITORY}{NOTHING}/,x", ["URI not valid: x"]),
        ("repositories/?pulp_id__in=x", {"pulp_id__in": ["Enter a valid UUID."]}),
        ("repositories/?prn__in=x", ["Not a valid PRN: x, must start with 'prn:'"]),
        ("repositories/?prn__in=prn:x", ["PRN not valid: ['prn', 'x']"]),
        ("repositories/?with_content=x", ["URI not valid: x"]),
        ("repositories/?latest_with_content=x", ["URI not valid: x"]),
        ("repository_versions/?content__in=x", ["URI not valid: x"]),
        ("repository_versions/?pulp_href__in=x", ["URI not valid: x"]),
        ("distributions/?with_content=x", ["URI not valid: x"]),
        ("roles/?for_object_type=x", ["URI not valid: x"]),
        ("users/?pulp_href__in=x", ["URI not valid: x"]),
        ("repositories/?pulp_label_select=a,", ["Invalid search term: ''."]),
        ("repositories/?pulp_label_select=", ["Invalid search term: ''."]),
        ("remotes/ansible/collection/?pulp_label_select=", ["Invalid search term: ''."]),
        ("repositories/?with_content=", ["No value supplied for content filter"]),
        ("distributions/?repository=", ["No value supplied for repository filter."]),
        ("tasks/?parent_task=", ["No value supplied for parent_task filter."]),
        *(
            case
            for kind in ("", "collection_versions", "namespaces", "collection_deprecations", "roles")
            for case in content_cases(f"content/ansible/{kind}/" if kind else "content/")
        ),
        ("artifacts/?repository_version=x", ["URI not valid: x"]),
        ("content/?pulp_type=x", {"pulp_type": [NO_CHOICE.replace("bogus", "x")]}),
        ("content/?ordering=pulp_created", {"ordering": [NO_CHOICE.replace("bogus", "pulp_created")]}),
        ("content/?q=bogus=1", {"q": ["Filter 'bogus' does not exist."]}),
        ("content/ansible/namespaces/?pulp_id__in=x", {"pulp_id__in": ["Enter a valid UUID."]}),
        *(
            (f"{kinds}/?{name}=bogus", {name: [NO_CHOICE]})
            for kinds in ("repositories", "remotes", "distributions")
            for name in ("pulp_type", "pulp_type__in")
        ),
        ("repositories/ansible/ansible/?pulp_type=x", {"errors": ["Invalid Filter: 'pulp_type'"]}),
    ],
)
def test_a_value_that_means_nothing_is_refused(admin: User, query: str, said: object) -> None:
    answer = make.api(admin).get(f"{PULP}{query}")

    assert (answer.status_code, answer.json()) == (400, said)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (f"repositories/?pulp_href__in={REPOSITORY}{NOTHING}/", 0),
        (f"repositories/?pulp_id__in={NOTHING}", 0),
        (f"repositories/?prn__in=prn:core.task:{NOTHING}", 0),
        ("repositories/?pulp_type=ansible.ansible", 1),
        ("repositories/?pulp_type=file.file", 0),
        ("repositories/?pulp_type__in=file.file,ansible.ansible", 1),
        ("remotes/?pulp_type__in=ansible.role", 0),
        ("distributions/?pulp_type=ansible.ansible", 1),
    ],
)
def test_what_is_understood_and_not_there_is_not_found(admin: User, query: str, count: int) -> None:
    make.served()

    assert make.api(admin).get(f"{PULP}{query}").json()["count"] == count


def test_there_is_nothing_in_another_format_than_json(admin: User) -> None:
    def ask(path: str, format_: str) -> tuple[int, object]:
        answer = make.api(admin).get(f"{API}{path}?format={format_}")
        return answer.status_code, answer.json() if answer.status_code == 404 else None

    for path, told in (
        ("pulp/api/v3/content/", {"detail": "Not found."}),
        ("v3/tasks/", {"errors": [{"status": "404", "code": "not_found", "title": "Not found."}]}),
    ):
        assert [ask(path, each) for each in ("xml", "yaml")] == [(404, told)] * 2
        assert [ask(path, each) for each in ("json", "api", "")] == [(200, None)] * 3
