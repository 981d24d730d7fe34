"""Content of every kind, found by where it is and by what it is."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.registry.models import Deprecation, Mark, Repository, User

ROOT = "/api/automation-hub/pulp/api/v3/"

Client = Any


@pytest.fixture
def boss(admin: User) -> Client:
    return make.api(admin)


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("pulp_type=ansible.namespace", ["acme"]),
        ("pulp_type__in=ansible.role,ansible.collection_version", ["old", "tools"]),
        ("pulp_type=file.file", []),
        ("orphaned_for=0", ["old"]),
        ("repository_version_added={first}", ["tools"]),
        ("q=NOT pulp_type=ansible.collection_version", ["acme"]),
    ],
)
def test_content_is_found_by_its_kind_and_its_place(boss: Client, query: str, names: list[str]) -> None:
    published = make.repository()
    make.namespace("acme")
    make.placed(published, "acme.tools")
    make.version("acme.old")

    found = results(boss.get(f"{ROOT}content/?{query.format(first=f'{ROOT}{published.path}versions/1/')}"))

    shown = [boss.get(each["pulp_href"]).json()["name"] for each in found]
    assert sorted(shown) == names


@pytest.mark.parametrize("kind", ["namespaces", "collection_deprecations", "collection_marks"])
def test_what_is_said_is_found_by_the_repository_where_it_is(boss: Client, kind: str) -> None:
    here, elsewhere = make.repository("here"), make.repository("elsewhere")
    make.namespace("acme")
    version = make.placed(here)
    Deprecation.objects.create(repository=here, collection=version.collection)
    Mark.objects.create(repository=here, collection_version=version, value="x")

    def count(repository: Repository) -> int:
        place = f"{ROOT}{repository.path}versions/{repository.latest_number}/"
        return len(results(boss.get(f"{ROOT}content/ansible/{kind}/?repository_version={place}")))

    here.refresh_from_db()
    assert (count(here), count(elsewhere)) == (1, 0)
