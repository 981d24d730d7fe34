"""What every list of Pulp's can be asked for, whatever is in it."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.engine.models import Schedule, TaskGroup
from cartwheel.registry.models import CollectionRemote, Deprecation, Mark, RoleGrant, User

ROOT = "/api/automation-hub/pulp/api/v3/"
LISTS = (
    "artifacts/",
    "content/ansible/collection_deprecations/",
    "content/ansible/collection_marks/",
    "content/ansible/collection_versions/",
    "content/ansible/namespaces/",
    "distributions/",
    "distributions/ansible/ansible/",
    "groups/",
    "groups/{group}/roles/",
    "pulp_ansible/namespaces/",
    "remotes/",
    "remotes/ansible/collection/",
    "repositories/",
    "repositories/ansible/ansible/",
    "roles/",
    "schedules/",
    "task-groups/",
    "task-schedules/",
    "tasks/",
    "users/",
    "users/{user}/roles/",
    "workers/",
)

Client = Any


@pytest.fixture
def boss(admin: User) -> Client:
    return make.api(admin)


@pytest.fixture(params=LISTS)
def address(request: pytest.FixtureRequest, admin: User, alice: User) -> str:
    """The address of a list with at least one thing in it, and of most things there are two."""
    for name in ("one", "two"):
        version = make.placed(make.served(name), f"acme.{name}")
        CollectionRemote.objects.create(name=name, url="https://far.example.org/api/")
        make.namespace(name)
        Mark.objects.create(repository=make.repository(name), collection_version=version, value=name)
        Deprecation.objects.create(repository=make.repository(name), collection=version.collection)
        group = make.group(name)
        make.task(group=TaskGroup.objects.create())
        Schedule.objects.create(name=name, task_name="x", cron="0 3 * * *")
        make.grant(alice, "galaxy.view_user")
        make.grant(group, "galaxy.view_user")
    make.worker()
    grant = RoleGrant.objects.get(group=group)
    return ROOT + str(request.param).format(group=grant.group_id, user=alice.pk)


def found(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["pulp_href"] for each in answer.json()["results"]]


def test_each_thing_is_found_by_what_names_it(boss: Client, address: str) -> None:
    everything = boss.get(address).json()["results"]
    one = everything[-1]
    href, identifier = one["pulp_href"], one["pulp_href"].rstrip("/").rsplit("/", 1)[-1]

    for name, value in (("pulp_href", href), ("prn", one.get("prn", identifier)), ("pulp_id", identifier)):
        assert found(boss.get(address, {f"{name}__in": f"nonsense,{value}"})) == [href]
        assert found(boss.get(address, {f"{name}__in": "nonsense"})) == []
    if "collection_versions" not in address:  # which have a `q` of their own
        others = [each["pulp_href"] for each in everything if each != one]
        assert found(boss.get(address, {"q": f'pulp_href__in="{href}"'})) == [href]
        assert found(boss.get(address, {"q": f'NOT (pulp_href__in="{href}")'})) == others


def test_what_it_is_not_asked_for_is_refused(boss: Client, address: str) -> None:
    unknown, disorder = boss.get(address, {"bogus": 1}), boss.get(address, {"ordering": "bogus"})

    assert (unknown.status_code, unknown.json()) == (400, {"errors": ["Invalid Filter: 'bogus'"]})
    message = "Select a valid choice. bogus is not one of the available choices."
    assert (disorder.status_code, disorder.json()) == (400, {"ordering": [message]})


def test_pages_lead_to_each_other_and_lose_nothing(boss: Client, address: str) -> None:
    everything, seen = found(boss.get(address)), []

    following = f"{address}?limit=1&exclude_fields=prn"
    while following:
        answer = boss.get(following)
        seen += found(answer)
        assert "prn" not in answer.json()["results"][0]
        following = answer.json()["next"]

    assert seen == everything
