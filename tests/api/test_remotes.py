"""Remotes over the API, in Pulp's form and in Galaxy's: who may do what, what is refused, what is told."""

from __future__ import annotations

import json
from typing import Any

import make
import pytest
from certificates import Authority
from pytest_django import DjangoAssertNumQueries

from cartwheel.api.remote_input import RemoteInput
from cartwheel.engine.models import Task
from cartwheel.registry.bootstrap import bootstrap
from cartwheel.registry.models import CollectionRemote, Repository, User
from cartwheel.registry.remotes import sealed
from cartwheel.registry.roles import make_locked, missing_locked
from cartwheel.registry.sealing import reveal

P = "/api/automation-hub/"
REMOTES = f"{P}pulp/api/v3/remotes/ansible/collection/"
UI = f"{P}_ui/v1/remotes/"
SECRET = "a-very-secret-token"
VIEW, ADD = "ansible.view_collectionremote", "ansible.add_collectionremote"
CHANGE, DELETE = "ansible.change_collectionremote", "ansible.delete_collectionremote"

pytestmark = pytest.mark.django_db


def remote(name: str = "elsewhere", **details: Any) -> CollectionRemote:
    return CollectionRemote.objects.create(name=name, **{"url": "https://hub.example/api/", **details})


def href(made: CollectionRemote) -> str:
    return f"{REMOTES}{made.pk}/"


def test_a_remote_is_made_and_tells_which_secrets_it_has(admin: User) -> None:
    given = {"name": "elsewhere", "url": "https://hub.example/api/", "token": SECRET, "password": "hidden"}

    answer = make.api(admin).post(REMOTES, given, format="json")

    said = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == said["pulp_href"]
    assert [each["name"] for each in said["hidden_fields"] if each["is_set"]] == ["password", "token"]
    assert SECRET not in answer.content.decode()
    assert not {"token", "password", "client_key", "username"} & set(said)


def test_secrets_are_sealed_where_they_are_kept(admin: User) -> None:
    given = {"name": "elsewhere", "url": "https://hub.example/api/", "token": SECRET}
    client = make.api(admin)

    client.post(REMOTES, given, format="json")
    client.patch(href(CollectionRemote.objects.get()), {"token": f"{SECRET}-2"}, format="json")

    row, task = CollectionRemote.objects.values().get(), Task.objects.get()
    assert reveal(row["token"]) == f"{SECRET}-2"
    assert SECRET not in str(row)
    assert SECRET not in json.dumps([task.args, task.kwargs, task.result])


def test_a_change_is_done_within_the_request_and_none_answers_200(admin: User) -> None:
    made, client = remote(rate_limit=8), make.api(admin)

    same = client.patch(href(made), {"rate_limit": 8}, format="json")
    other = client.patch(href(made), {"rate_limit": 5}, format="json")

    assert (same.status_code, same.json()["rate_limit"]) == (200, 8)
    assert other.status_code == 202
    task = Task.objects.get()
    assert (task.name, task.state) == ("pulpcore.app.tasks.base.ageneral_update", "completed")
    assert task.result is not None
    assert task.result["rate_limit"] == 5
    assert task.reserved_resources_record is not None
    assert task.reserved_resources_record[0] == f"prn:ansible.collectionremote:{made.pk}"


def test_the_same_token_is_no_change(admin: User) -> None:
    client = make.api(admin)
    client.post(REMOTES, {"name": "a", "url": "https://hub.example/", "token": SECRET}, format="json")

    answer = client.patch(href(CollectionRemote.objects.get()), {"token": SECRET}, format="json")

    assert answer.status_code == 200


ELSEWHERE = {
    "another server": {"url": "https://evil.example/"},
    "another port": {"url": "https://hub.example:8443/"},
    "without encryption": {"url": "http://hub.example/"},
    "another place for tokens": {"auth_url": "https://evil.example/token"},
    "a proxy in between": {"proxy_url": "http://evil.example:3128"},
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_remote_that_is_led_elsewhere_leaves_its_token_behind(admin: User, case: str) -> None:
    client = make.api(admin)
    client.post(REMOTES, {"name": "a", "url": "https://hub.example/", "token": SECRET}, format="json")
    made = CollectionRemote.objects.get()

    answer = client.patch(href(made), ELSEWHERE[case], format="json")

    assert answer.status_code == 202
    assert {"name": "token", "is_set": False} in client.get(href(made)).json()["hidden_fields"]


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://HUB.example:443/api/"},
        {"url": "https://evil.example/", "token": SECRET},
        {"proxy_url": None},
        {"rate_limit": 3},
    ],
)
def test_a_token_stays_where_it_was_or_is_given_again(admin: User, change: dict[str, Any]) -> None:
    client = make.api(admin)
    given = {"name": "a", "url": "https://hub.example/", "token": SECRET, "proxy_url": "http://proxy:3128"}
    client.post(REMOTES, given, format="json")
    made = CollectionRemote.objects.get()

    answer = client.patch(href(made), change, format="json")

    assert answer.status_code == 202
    assert {"name": "token", "is_set": True} in client.get(href(made)).json()["hidden_fields"]


def test_the_sync_configuration_leads_no_token_elsewhere_either(admin: User) -> None:
    made = remote("community", **sealed({"token": SECRET, "username": "me", "password": SECRET}))
    make.served("community", remote=made)
    given = {"name": "community", "url": "https://evil.example/"}

    answer = make.api(admin).put(f"{P}content/community/v3/sync/config/", given, format="json")

    assert answer.status_code == 200
    made.refresh_from_db()
    assert (made.token, made.username, made.password) == (None, None, None)


def test_a_deleted_remote_leaves_its_repositories_without_one(admin: User) -> None:
    made = remote()
    repository = make.repository(remote=made)

    answer = make.api(admin).delete(href(made))
    make.perform(Task.objects.get())

    assert answer.status_code == 202
    repository.refresh_from_db()
    assert repository.remote is None
    assert not CollectionRemote.objects.exists()


def test_whoever_makes_a_remote_owns_it(alice: User, bob: User) -> None:
    make_locked(missing_locked())
    make.grant(alice, ADD)

    made = make.api(alice).post(REMOTES, {"name": "a", "url": "https://hub.example/"}, format="json").json()

    mine = make.api(alice).get(f"{made['pulp_href']}my_permissions/").json()
    assert CHANGE in mine["permissions"]
    assert make.api(alice).get(REMOTES).json()["count"] == 1
    assert make.api(bob).get(REMOTES).status_code == 403


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no name": ({"name": None}, "name", "This field may not be null."),
    "no slash": (
        {"url": "https://hub.example/api"},
        "non_field_errors",
        "Invalid URL https://hub.example/api. Ensure the URL ends '/'.",
    ),
    "credentials": (
        {"url": "https://a:b@hub.example/"},
        "url",
        "The remote url contains username or password. Please use remote username or password instead.",
    ),
    "scheme": ({"url": "file:///etc/"}, "url", "Enter a valid URL."),
    "policy": ({"policy": "on_demand"}, "policy", '"on_demand" is not a valid choice.'),
    "auth_url": (
        {"auth_url": "https://sso.example/"},
        "non_field_errors",
        "When specifying 'auth_url' you must also specify 'token'.",
    ),
    "proxy": (
        {"proxy_url": "http://a:b@proxy/"},
        "proxy_url",
        "proxy_url must not contain credentials",
    ),
    "concurrency": (
        {"download_concurrency": 0},
        "download_concurrency",
        "Ensure this value is greater than or equal to 1.",
    ),
    "time-out": (
        {"total_timeout": -1},
        "total_timeout",
        "Ensure this value is greater than or equal to 0.0.",
    ),
    "headers": ({"headers": None}, "headers", "This field may not be null."),
    "header": ({"headers": [{"A": "x\r\nB: y"}]}, "headers", "That is no header of HTTP."),
    "labels": (
        {"pulp_labels": {"a/b": "c"}},
        "pulp_labels",
        "Key 'a/b' contains invalid characters."
        " Only alphanumerics, underscores, spaces, hyphens, and dots are allowed.",
    ),
    "requirements": (
        {"requirements_file": "roles: []"},
        "non_field_errors",
        "Expecting collections requirements file to be a dict with the key collections that contains "
        "a list of collections to install.",
    ),
    "names in requirements": (
        {"requirements_file": "collections: [tools]"},
        "non_field_errors",
        "Collections requirement entry should contain the collection name in the format <namespace>.<name>.",
    ),
    "empty requirements": ({"requirements_file": ""}, "requirements_file", "This field may not be blank."),
    "certificate": ({"client_cert": "x"}, "client_cert", "No client_cert specified in string x"),
    "unknown": ({"colour": "red"}, "colour", "Unexpected field"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(admin: User, case: str) -> None:
    change, field, message = REFUSED[case]
    given = {"name": "elsewhere", "url": "https://hub.example/api/", **change}

    answer = make.api(admin).post(REMOTES, given, format="json")

    assert answer.status_code == 400
    assert answer.json() == {field: [message]}


def test_each_header_that_is_none_is_told_at_its_place(admin: User) -> None:
    given = {"name": "elsewhere", "url": "https://hub.example/api/", "headers": [{"A": "b"}, "x"]}

    answer = make.api(admin).post(REMOTES, given, format="json")

    assert answer.json() == {"headers": {"1": ['Expected a dictionary of items but got type "str".']}}


def test_a_key_that_was_pasted_with_a_certificate_is_not_shown(admin: User) -> None:
    mine = Authority().sign()
    given = {"name": "mine", "url": "https://hub.example/api/", "client_cert": mine.key + mine.certificate}
    client = make.api(admin)

    made = client.post(REMOTES, given, format="json").json()
    same = client.patch(made["pulp_href"], {"client_cert": given["client_cert"]}, format="json")

    assert made["client_cert"] == mine.certificate
    assert same.status_code == 200


@pytest.mark.parametrize(
    "value", [None, True, -1, 10**30, 1e400, "x" * 100_000, "\0", "\ud800", [], {}, [[]], {"a": {"b": 1}}]
)
@pytest.mark.parametrize("field", sorted(RemoteInput().fields))
def test_no_value_is_too_odd(admin: User, field: str, value: Any) -> None:
    made, client = remote(), make.api(admin)
    body = json.dumps({field: value})

    pulp = client.generic("PATCH", href(made), body, content_type="application/json")
    ui = client.generic("PATCH", f"{UI}{made.pk}/", body, content_type="application/json")

    assert pulp.status_code in (200, 202, 400)
    assert ui.status_code in (200, 400)


TABLE = [  # method, address, what it needs, and the status for whoever has it
    ("get", REMOTES, VIEW, 200),
    ("post", REMOTES, ADD, 400),
    ("get", "{href}", VIEW, 200),
    ("patch", "{href}", CHANGE, 200),
    ("delete", "{href}", DELETE, 202),
    ("get", "{href}my_permissions/", VIEW, 200),
    ("get", "{href}list_roles/", "ansible.manage_roles_collectionremote", 200),
    ("post", "{href}set_label/", CHANGE, 400),
    ("get", UI, VIEW, 200),
    ("post", UI, ADD, 400),
    ("get", f"{UI}{{pk}}/", VIEW, 200),
    ("put", f"{UI}{{pk}}/", CHANGE, 400),
    ("delete", f"{UI}{{pk}}/", DELETE, 204),
    ("get", f"{P}content/community/v3/sync/config/", VIEW, 200),
    ("put", f"{P}content/community/v3/sync/config/", CHANGE, 400),
    ("post", f"{P}content/community/v3/sync/", CHANGE, 200),
    ("get", f"{P}pulp/api/v3/remotes/ansible/role/", VIEW, 200),
    ("get", f"{P}pulp/api/v3/remotes/ansible/git/", VIEW, 200),
]


@pytest.mark.parametrize(("method", "address", "needed", "status"), TABLE)
def test_only_those_may_who_were_given_it(
    alice: User, bob: User, method: str, address: str, needed: str, status: int
) -> None:
    made = remote()
    make.served("community", remote=made)
    make.grant(alice, needed, VIEW)
    address = address.format(href=href(made), pk=made.pk)

    def ask(user: User | None) -> int:
        code: int = getattr(make.api(user), method)(address, {}, format="json").status_code
        return code

    assert ask(None) == 401
    assert ask(bob) == 403
    assert ask(alice) == status


def test_sync_needs_the_repository_and_the_remote(alice: User, bob: User) -> None:
    made = remote()
    repository = make.served("community", remote=made)
    address = f"{P}pulp/api/v3/repositories/ansible/ansible/{repository.pk}/sync/"
    make.grant(alice, "ansible.change_ansiblerepository", on=repository)
    make.grant(bob, VIEW)

    without_view = make.api(alice).post(address, {}, format="json")
    without_change = make.api(bob).post(address, {}, format="json")
    make.grant(alice, VIEW, on=made)
    with_both = make.api(alice).post(address, {}, format="json")

    assert [each.status_code for each in (without_view, without_change, with_both)] == [403, 403, 202]
    task = Task.objects.get()
    assert task.title == "Sync community from hub.example"
    assert task.reserved_resources_record is not None
    assert task.reserved_resources_record[:2] == [repository.prn, f"shared:{made.prn}"]


def test_sync_without_a_remote_or_of_everybodys_server_is_refused(admin: User) -> None:
    bare = make.repository("bare")
    everybody = make.repository("everybody", remote=remote(url="https://galaxy.ansible.com/api/"))
    client = make.api(admin)

    def sync(of: Repository, **given: Any) -> dict[str, Any]:
        address = f"{P}pulp/api/v3/repositories/ansible/ansible/{of.pk}/sync/"
        said: dict[str, Any] = client.post(address, given, format="json").json()
        return said

    assert sync(bare) == {"remote": ["This field is required since a remote is not set on the repository."]}
    assert "without specifying a requirements file" in sync(everybody)["requirements_file"][0]
    assert sync(bare, remote="/api/x/")["remote"] == ["Invalid hyperlink - No URL match."]
    absent, other = (
        f"{P}pulp/api/v3/remotes/{each}/{bare.pk}/" for each in ("ansible/collection", "file/file")
    )
    assert sync(bare, remote=absent)["remote"] == ["Invalid hyperlink - Object does not exist."]
    assert sync(bare, remote=other)["remote"] == [f"Type for Remote '{other}' does not match Repository."]


def test_syncing_a_path_without_a_remote_is_refused_in_galaxys_form(admin: User) -> None:
    make.served("community")

    answer = make.api(admin).post(f"{P}content/community/v3/sync/")

    assert answer.json()["errors"][0]["detail"] == (
        "The community distribution does not have any remotes associated with it."
    )
    assert answer.json()["errors"][0]["source"] == {"parameter": "remote"}


def test_everybodys_server_needs_requirements_in_galaxys_form(admin: User) -> None:
    make.served("community", remote=remote("community"))
    given = {"name": "community", "url": "https://galaxy.ansible.com/api/"}

    answer = make.api(admin).put(f"{P}content/community/v3/sync/config/", given, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": "requirements_file"}


@pytest.mark.parametrize(
    ("given", "source", "detail"),
    [
        ({"bogus": 1}, "bogus", "Unexpected field"),
        ({"auth_url": "https://sso.example/"}, None, "When specifying 'auth_url' you must also specify 'token'."),
        ({"proxy_username": "me"}, None, "proxy credentials cannot be specified without a proxy"),
        ({"proxy_url": "http://me:it@proxy/"}, "proxy_url", "proxy_url must not contain credentials"),
        ({"username": ""}, "username", "This field may not be blank."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_sync_configuration_is_told(
    admin: User, given: dict[str, Any], source: str | None, detail: str
) -> None:
    make.served("community", remote=remote("community"))

    body = {"url": "https://hub.example/api/", **given}
    answer = make.api(admin).put(f"{P}content/community/v3/sync/config/", body, format="json")

    (told,) = answer.json()["errors"]
    assert (answer.status_code, told["detail"]) == (400, detail)
    assert told.get("source") == (None if source is None else {"parameter": source})


def test_a_sync_configuration_can_be_sent_back_as_it_was_shown(admin: User) -> None:
    make.served("community", remote=remote("community"))
    client, address = make.api(admin), f"{P}content/community/v3/sync/config/"

    shown = client.get(address).json()
    answer = client.put(address, shown | {"rate_limit": 3}, format="json")

    assert (answer.status_code, answer.json()["rate_limit"]) == (200, 3)


def test_the_sync_configuration_says_no_name_and_changes_none(admin: User) -> None:
    make.served("community", remote=remote("community"))
    given = {"url": "https://hub.example/api/", "username": "me", "password": SECRET, "tls_validation": False}

    for name in ({}, {"name": "renamed"}):
        answer = make.api(admin).put(f"{P}content/community/v3/sync/config/", given | name, format="json")
        assert (answer.status_code, answer.json()["name"]) == (200, "community")


def test_the_sync_configuration_is_changed_at_once(admin: User) -> None:
    make.served("community", remote=remote("community"))
    given = {
        "name": "community",
        "url": "https://galaxy.ansible.com/api/",
        "requirements_file": "collections:\n  - acme.tools\n",
        "token": SECRET,
    }

    answer = make.api(admin).put(f"{P}content/community/v3/sync/config/", given, format="json")

    assert answer.status_code == 200
    assert {"name": "token", "is_set": True} in answer.json()["write_only_fields"]
    assert SECRET not in answer.content.decode()
    assert CollectionRemote.objects.get(name="community").requirements_file is not None


def test_a_new_hub_has_the_remotes_that_clients_know(db: None) -> None:
    bootstrap("a-password")

    repositories = Repository.objects.exclude(remote=None).values_list("name", "remote__name", "remote__url")
    assert sorted(repositories) == [
        ("community", "community", "https://galaxy.ansible.com/api/"),
        (
            "rh-certified",
            "rh-certified",
            "https://console.redhat.com/api/automation-hub/content/published/",
        ),
    ]


def test_labels_are_set_searched_for_and_taken_away(admin: User) -> None:
    made, client = remote(), make.api(admin)
    remote("other")

    set_ = client.post(f"{href(made)}set_label/", {"key": "team", "value": "blue"}, format="json")
    found = client.get(REMOTES, {"pulp_label_select": "team=blue"}).json()
    client.post(f"{href(made)}unset_label/", {"key": "team"}, format="json")

    assert (set_.status_code, found["count"]) == (201, 1)
    assert CollectionRemote.objects.get(name="elsewhere").labels == {}


@pytest.mark.parametrize("query", ["name=elsewhere", "name__icontains=ELSE", "url__contains=hub.example"])
def test_remotes_are_filtered(admin: User, query: str) -> None:
    remote()
    remote("zzz", url="https://other.example/")

    names = [each["name"] for each in make.api(admin).get(f"{REMOTES}?{query}").json()["results"]]

    assert names == ["elsewhere"]


@pytest.mark.parametrize("address", [REMOTES, UI])
def test_lists_take_as_many_statements_for_many_as_for_one(
    alice: User, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make.grant(alice, VIEW)
    for number in range(8):
        made = remote(f"remote{number}", last_sync_task=make.task())
        make.served(f"repository{number}", remote=made)

    with django_assert_max_num_queries(9):
        answer = make.api(alice).get(address)

    assert answer.status_code == 200
