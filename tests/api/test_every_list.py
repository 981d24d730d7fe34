"""What every list of Pulp's can be asked for, whatever is in it."""

from __future__ import annotations

from typing import Any

import make
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.engine.models import Schedule, TaskGroup, Worker
from cartwheel.registry import counting
from cartwheel.registry.models import (
    ChunkedUpload,
    CollectionImport,
    CollectionRemote,
    Deprecation,
    Mark,
    User,
)

API = "/api/automation-hub/"
ROOT = f"{API}pulp/api/v3/"
STATEMENTS = 9  # of one page at most, with those that ask who may see what
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
    "uploads/",
    "users/",
    "users/{user}/roles/",
    "workers/",
)
NAMES_ONLY = "ansible/collections/"  # what is in it has no address

GALAXY = (
    "v3/namespaces/",
    "v3/tasks/",
    "v3/plugin/ansible/content/one/collections/index/",
    "v3/plugin/ansible/content/one/collections/index/acme/one/versions/",
    "v3/plugin/ansible/search/collection-versions/",
    "_ui/v1/namespaces/",
    "_ui/v1/my-namespaces/",
    "_ui/v1/users/",
    "_ui/v1/groups/",
    "_ui/v1/groups/{group}/users/",
    "_ui/v1/remotes/",
    "_ui/v1/distributions/",
    "_ui/v1/repo/one/",
    "_ui/v1/collection-versions/",
    "_ui/v1/imports/collections/",
    "_ui/v1/search/",
    "_ui/v1/tags/",
    "_ui/v1/tags/collections/",
)

Client = Any

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def admin(module_db: None) -> User:
    return make.user("admin", is_superuser=True, is_staff=True)


@pytest.fixture(scope="module")
def alice(module_db: None) -> User:
    return make.user("alice")


@pytest.fixture
def boss(admin: User) -> Client:
    return make.api(admin)


@pytest.fixture(scope="module")
def group(admin: User, alice: User) -> Group:
    """A group with members and roles. Of most other things there are two."""
    made = make.group("makers", admin, alice)
    for name in ("one", "two"):
        version = make.placed(make.served(name), f"acme.{name}", tags=[name, "both"])
        make.placed(make.repository("one"), f"{name}.tools")
        if name == "two":
            make.placed(make.repository("one"), "acme.two", "2.0.0")
            make.placed(make.repository("one"), "acme.one", "1.1.0")
        CollectionRemote.objects.create(name=name, url="https://far.example.org/api/")
        make.grant(made, "galaxy.change_namespace", on=make.namespace(name))
        Mark.objects.create(repository=make.repository(name), collection_version=version, value=name)
        Deprecation.objects.create(repository=make.repository(name), collection=version.collection)
        make.group(name)
        task = make.task(group=TaskGroup.objects.create())
        CollectionImport.objects.create(task=task, namespace="acme", name=name, version="1.0.0")
        Schedule.objects.create(name=name, task_name="x", cron="0 3 * * *")
        make.grant(alice, "galaxy.view_user")
        ChunkedUpload.objects.create(user=alice, size=10)
        Worker.objects.create(name=f"{name}@test")
    return made


@pytest.fixture(params=LISTS)
def address(request: pytest.FixtureRequest, alice: User, group: Group) -> str:
    """The address of a list of Pulp's with something in it."""
    return ROOT + str(request.param).format(group=group.pk, user=alice.pk)


def found(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["pulp_href"] for each in answer.json()["results"]]


def test_of_every_list_the_head_may_be_asked_for(boss: Client, address: str) -> None:
    refused = address.endswith("/workers/")  # as the real hub has it

    assert boss.head(address).status_code == (405 if refused else 200)


def test_of_an_order_that_is_sent_twice_the_last_counts(boss: Client, group: Group) -> None:
    tasks = f"{ROOT}tasks/?ordering="

    assert found(boss.get(f"{tasks}nonsense&ordering=pulp_created")) == found(
        boss.get(f"{tasks}pulp_created")
    )
    assert boss.get(f"{tasks}pulp_created&ordering=nonsense").status_code == 400


def test_each_thing_is_found_by_what_names_it(boss: Client, address: str) -> None:
    everything = boss.get(address).json()["results"]
    one = everything[-1]
    href, identifier = one["pulp_href"], one["pulp_href"].rstrip("/").rsplit("/", 1)[-1]

    there = {each["pulp_href"] for each in everything}
    absent = next(
        each
        for each in (f"{identifier[:-1]}{digit}" for digit in range(10))
        if href.removesuffix(f"{identifier}/") + f"{each}/" not in there
    )

    prn = one.get("prn", f"prn:core.thing:{identifier}")
    for name, value in (("pulp_href", href), ("prn", prn), ("pulp_id", identifier)):
        before, _, after = value.rpartition(identifier)
        other = f"{before}{absent}{after}"
        assert found(boss.get(address, {f"{name}__in": f"{other},{value}"})) == [href]
        assert found(boss.get(address, {f"{name}__in": other})) == []
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


@pytest.mark.parametrize("who", ["admin", "alice"])
def test_a_longer_page_takes_no_more_statements(who: str, group: Group, alice: User, admin: User) -> None:
    client = make.api({"admin": admin, "alice": alice}[who])
    for path in (*(f"pulp/api/v3/{each}" for each in (*LISTS, NAMES_ONLY)), *GALAXY):
        address = API + path.format(group=group.pk, user=alice.pk)
        if client.get(address).status_code == 403:
            continue
        lengths, statements = [], []

        for limit in (1, 2):
            counting._known.clear()
            with CaptureQueriesContext(connection) as asked:
                page = client.get(address, {"limit": limit}).json()
            lengths.append(len(page["results"] if "results" in page else page["data"]))
            statements.append(len(asked))

        assert lengths == [1, 2] or (who == "alice" and lengths == [0, 0]), path
        assert statements[0] == statements[1] <= STATEMENTS, (path, [each["sql"] for each in asked])


def test_links_name_what_was_asked_for_in_the_order_of_the_alphabet(boss: Client, group: Group) -> None:
    pulp = boss.get(f"{ROOT}repositories/?name__in=one,two&limit=1&fields=name").json()
    galaxy = boss.get(f"{API}v3/namespaces/?sort=name&limit=1").json()

    assert (
        pulp["next"]
        == f"http://testserver{ROOT}repositories/?fields=name&limit=1&name__in=one%2Ctwo&offset=1"
    )
    assert galaxy["links"]["next"] == f"{API}v3/namespaces/?limit=1&offset=1&sort=name"
    assert galaxy["links"]["first"] == f"{API}v3/namespaces/?limit=1&offset=0&sort=name"
