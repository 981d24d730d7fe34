"""What is said of content and repositories in bodies that are not there, in the words of each act."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import CONTENT, REPOSITORIES, ROOT, Client

NOTHING = "01b22c7b-265f-79c0-8864-17900986e002"
GONE, NOWHERE = f"{CONTENT}{NOTHING}/", f"{REPOSITORIES}{NOTHING}/"
UNKNOWN = f"Could not find the following content units: ['{GONE}']"
NO_MATCH, WRONG_MATCH, NO_OBJECT = (
    f"Invalid hyperlink - {each}."
    for each in ("No URL match", "Incorrect URL match", "Object does not exist")
)
OTHERS_BESIDE_ALL = "Cannot supply content units and '*'."


@pytest.mark.parametrize(
    ("act", "body", "problem"),
    [
        ("modify", {"add_content_units": ["x"]}, {"add_content_units": ["URI not valid: x"]}),
        ("modify", {"add_content_units": [5]}, {"add_content_units": ["URI not valid: 5"]}),
        ("modify", {"add_content_units": ["prn:x"]}, {"add_content_units": ["PRN not valid: ['prn', 'x']"]}),
        ("modify", {"add_content_units": [GONE]}, {"add_content_units": [UNKNOWN]}),
        (
            "modify",
            {"remove_content_units": [NOWHERE]},
            {"remove_content_units": [UNKNOWN.replace(GONE, NOWHERE)]},
        ),
        ("modify", {"remove_content_units": ["*", GONE]}, {"remove_content_units": [OTHERS_BESIDE_ALL]}),
        ("modify", {"add_content_units": None}, {"add_content_units": ["This field may not be null."]}),
        ("modify", {"base_version": ""}, {"base_version": ["This field may not be null."]}),
        *(
            case
            for act in ("copy_collection_version", "move_collection_version")
            for case in (
                (
                    act,
                    {"collection_versions": ["x"], "destination_repositories": ["x"]},
                    {"collection_versions": [NO_MATCH], "destination_repositories": [NO_MATCH]},
                ),
                (
                    act,
                    {"collection_versions": [NOWHERE], "destination_repositories": [GONE]},
                    {"collection_versions": [WRONG_MATCH], "destination_repositories": [WRONG_MATCH]},
                ),
                (
                    act,
                    {"collection_versions": [GONE], "destination_repositories": [NOWHERE]},
                    {"collection_versions": [NO_OBJECT], "destination_repositories": [NO_OBJECT]},
                ),
            )
        ),
        ("mark", {"content_units": ["x"], "value": "x"}, ["URI not valid: x"]),
        ("mark", {"content_units": [GONE], "value": "x"}, [UNKNOWN]),
        ("unmark", {"content_units": ["*", GONE], "value": "x"}, {"content_units": [OTHERS_BESIDE_ALL]}),
        ("mark", {"content_units": ["*"], "bogus": 1}, {"value": ["This field is required."]}),
    ],
)
def test_what_is_no_content_or_no_repository_is_refused(
    boss: Client, mine: str, act: str, body: Any, problem: Any
) -> None:
    answer = boss.post(f"{mine}{act}/", body, format="json")

    assert (answer.status_code, answer.json()) == (400, problem)


@pytest.mark.parametrize(
    ("address", "body", "problem"),
    [
        ("repositories/reclaim_space/", {"repo_hrefs": []}, {"repo_hrefs": ["Must not be []."]}),
        ("repositories/reclaim_space/", {"repo_hrefs": ["x"]}, {"repo_hrefs": ["URI not valid: x"]}),
        (
            "repositories/reclaim_space/",
            {"repo_hrefs": ["*", NOWHERE]},
            {"repo_hrefs": ["Can not specify other HREFs when using '*'"]},
        ),
        (
            "repositories/reclaim_space/",
            {"repo_hrefs": [GONE]},
            {"repo_hrefs": [f"URI {GONE} not found for repository."]},
        ),
        (
            "repositories/reclaim_space/",
            {"repo_hrefs": ["*"], "repo_versions_keeplist": ["x"]},
            {"repo_versions_keeplist": [NO_MATCH]},
        ),
        ("orphans/cleanup/", {"content_hrefs": []}, {"content_hrefs": ["Must not be []."]}),
        ("orphans/cleanup/", {"content_hrefs": ["x"]}, {"content_hrefs": ["URI not valid: x"]}),
        (
            "orphans/cleanup/",
            {"content_hrefs": [GONE]},
            {"content_hrefs": [f"URI {GONE} not found for content."]},
        ),
    ],
)
def test_what_cannot_be_cleaned_up_is_refused(boss: Client, address: str, body: Any, problem: Any) -> None:
    answer = boss.post(f"{ROOT}{address}", body, format="json")

    assert (answer.status_code, answer.json()) == (400, problem)
