"""Namespaces: make, find, change, delete, and whose they are."""

from __future__ import annotations

from typing import Any

import make
import pytest
from pytest_django import DjangoAssertNumQueries

from cartwheel.engine.models import Task
from cartwheel.registry.models import CollectionImport, Namespace, RoleGrant, User
from cartwheel.registry.roles import make_locked, missing_locked

P = "/api/automation-hub/"
V3 = f"{P}v3/namespaces/"
NOBODY = 2_000_000_000  # the id of nobody
OWNER = "galaxy.collection_namespace_owner"


@pytest.fixture(autouse=True)
def _stock(db: None) -> None:
    make_locked(missing_locked())


def problem(answer: Any) -> tuple[str, str, str | None]:
    (error,) = answer.json()["errors"]
    return error["code"], error.get("detail", error["title"]), error.get("source", {}).get("parameter")


def names(user: User, path: str = V3, **query: Any) -> list[str]:
    return [each["name"] for each in make.api(user).get(path, query).json()["data"]]


# -- make -----------------------------------------------------------------------------------------


def test_a_namespace_belongs_to_those_who_are_named(admin: User, alice: User, bob: User) -> None:
    owners = make.group("owners", alice)

    answer = make.api(admin).post(
        V3,
        {
            "name": "acme",
            "groups": [{"name": "owners", "object_roles": [OWNER], "object_permissions": ["x"]}],
            "users": [{"username": "bob", "object_roles": [OWNER]}],
        },
        format="json",
    )

    assert answer.status_code == 201
    assert answer.json()["groups"] == [{"id": owners.pk, "name": "owners", "object_roles": [OWNER]}]
    assert answer.json()["users"] == [{"id": bob.pk, "name": "bob", "object_roles": [OWNER]}]
    for owner in (alice, bob):
        changed = make.api(owner).patch(f"{V3}acme/", {"company": owner.username}, format="json")
        assert changed.status_code == 200


def test_who_makes_a_namespace_does_not_own_it(alice: User) -> None:
    make.grant(alice, "galaxy.add_namespace")
    client = make.api(alice)

    made = client.post(V3, {"name": "acme", "groups": []}, format="json")
    changed = client.patch(f"{V3}acme/", {"company": "Acme"}, format="json")

    assert (made.status_code, changed.status_code) == (201, 403)


@pytest.mark.parametrize(
    ("given", "status", "expected"),
    [
        ({"name": "acme"}, 409, ("conflict", "A namespace named acme already exists.", "name")),
        ({"name": "ab"}, 400, ("invalid", "Name must be longer than 2 characters", "name")),
        ({"name": "_ab"}, 400, ("invalid", "Name cannot begin with '_'", "name")),
        (
            {"name": "Ab-c"},
            400,
            ("invalid", "Name can only contain lower case letters, underscores and numbers", "name"),
        ),
        (
            {"name": "a" * 65},
            400,
            ("max_length", "Ensure this field has no more than 64 characters.", "name"),
        ),
        ({}, 400, ("required", "This field is required.", "name")),
        (
            {"name": "new", "links": [{"name": "home", "url": "nowhere"}]},
            400,
            ("invalid", "'nowhere' is not a valid url.", "links__url"),
        ),
        (
            {"name": "new", "links": ["home"]},
            400,
            ("invalid", "Invalid data. Expected a dictionary, but got str.", "links__non_field_errors"),
        ),
        (
            {"name": "new", "avatar_url": "javascript:alert(1)"},
            400,
            ("invalid", "Enter a valid URL.", "avatar_url"),
        ),
        (
            {"name": "new", "groups": "owners"},
            400,
            ("invalid", "Groups must be a list of group objects", "groups"),
        ),
        (
            {"name": "new", "users": [1]},
            400,
            ("invalid", "Users must be a list of user objects", "users"),
        ),
        (
            {"name": "new", "groups": [{"name": "owners"}]},
            400,
            ("invalid", "object_roles field is required", "groups"),
        ),
        (
            {"name": "new", "groups": [{"object_roles": []}]},
            400,
            ("invalid", "id or name field is required", "groups"),
        ),
        (
            {"name": "new", "groups": [{"name": "owners", "object_roles": OWNER}]},
            400,
            ("invalid", "object_roles must be a list of strings", "groups"),
        ),
        (
            {"name": "new", "groups": [{"name": "owners", "object_roles": ["boss"]}]},
            400,
            ("invalid", "Role boss does not exist", "groups"),
        ),
        (
            {"name": "new", "groups": [{"name": "owners", "object_roles": ["galaxy.task_admin"]}]},
            400,
            (
                "invalid",
                "Role galaxy.task_admin does not exist or does not have any permissions"
                " related to this object.",
                "groups",
            ),
        ),
        (
            {"name": "new", "groups": [{"id": NOBODY, "object_roles": []}]},
            400,
            ("invalid", "Group name=None, id=2000000000 does not exist", "groups"),
        ),
        (
            {"name": "new", "users": [{"id": NOBODY, "object_roles": []}]},
            400,
            ("invalid", "Invalid user username or ID", "user"),
        ),
    ],
)
def test_what_is_wrong_with_a_namespace_is_named_and_nothing_is_made(
    admin: User, given: dict[str, Any], status: int, expected: tuple[str, str, str]
) -> None:
    make.namespace("acme")
    make.group("owners")

    answer = make.api(admin).post(V3, given, format="json")

    assert (answer.status_code, problem(answer)) == (status, expected)
    assert Namespace.objects.count() == 1
    assert not Task.objects.exists()


# -- change ---------------------------------------------------------------------------------------


def test_what_a_put_does_not_say_stays(admin: User) -> None:
    make.namespace("acme", company="Acme", links=[{"name": "home", "url": "https://acme.test"}])

    answer = make.api(admin).put(f"{V3}acme/", {"name": "acme2"}, format="json")

    assert answer.json()["name"] == "acme2"
    assert answer.json()["company"] == "Acme"
    assert answer.json()["links"] == [{"name": "home", "url": "https://acme.test"}]
    assert make.api(admin).get(f"{V3}acme/").status_code == 404


def test_a_whole_namespace_is_put_back_with_one_group_more(admin: User, alice: User) -> None:
    """As `galaxykit namespace addgroup` does it."""
    client = make.api(admin)
    first, second = make.group("first"), make.group("second", alice)
    whole = client.post(
        V3, {"name": "acme", "groups": [{"id": first.pk, "object_roles": [OWNER]}]}, format="json"
    )
    body = whole.json()
    body["groups"].append({"id": second.pk, "name": "second", "object_roles": [OWNER]})

    answer = client.put(f"{V3}acme/", body, format="json")

    assert [each["name"] for each in answer.json()["groups"]] == ["first", "second"]
    assert names(alice, f"{P}_ui/v1/my-namespaces/") == ["acme"]


@pytest.mark.parametrize("field", ["groups", "users"])
def test_an_owner_does_not_give_the_right_to_delete_and_keeps_who_has_it(
    admin: User, alice: User, bob: User, field: str
) -> None:
    acme = make.namespace("acme")
    names = [user if field == "users" else make.group(f"friends of {user}", user) for user in (bob, alice)]
    kept, more = ([{"name": str(each), "object_roles": ["galaxy.content_admin"]}] for each in names)
    assert make.api(admin).patch(f"{V3}acme/", {field: kept}, format="json").status_code == 200
    make.grant(alice, "galaxy.change_namespace", on=acme)

    answers = [
        make.api(alice).patch(f"{V3}acme/", {field: each}, format="json") for each in (kept + more, kept)
    ]

    assert [each.status_code for each in answers] == [403, 200]
    assert [each["name"] for each in answers[1].json()[field]] == [kept[0]["name"]]


def test_a_name_that_is_taken_cannot_be_given_again(admin: User) -> None:
    make.namespace("acme")
    make.namespace("other")

    answer = make.api(admin).put(f"{V3}other/", {"name": "acme"}, format="json")

    assert (answer.status_code, problem(answer)[0], problem(answer)[2]) == (400, "unique", "name")


@pytest.mark.parametrize(("method", "act"), [("put", "renamed"), ("delete", "deleted")])
def test_a_namespace_with_collections_keeps_its_name_and_stays(admin: User, method: str, act: str) -> None:
    make.namespace("acme")
    make.version("acme.tools")

    answer = getattr(make.api(admin), method)(f"{V3}acme/", {"name": "acme2"}, format="json")

    text = f"Namespace acme cannot be {act} because there are still collections associated with it."
    assert (answer.status_code, problem(answer)) == (400, ("invalid", text, None))
    assert Namespace.objects.get().name == "acme"


@pytest.mark.parametrize(("method", "act"), [("put", "renamed"), ("delete", "deleted")])
def test_a_namespace_into_which_something_is_imported_keeps_its_name_and_stays(
    admin: User, method: str, act: str
) -> None:
    make.namespace("acme")
    task = make.task()
    CollectionImport.objects.create(task=task, namespace="acme", name="tools", version="1.0.0")

    answer = getattr(make.api(admin), method)(f"{V3}acme/", {"name": "acme2"}, format="json")

    text = f"Namespace acme cannot be {act} because a collection is being imported into it."
    assert (answer.status_code, problem(answer)) == (400, ("invalid", text, None))
    assert Namespace.objects.get().name == "acme"


def test_only_who_may_make_namespaces_gives_one_another_name(alice: User) -> None:
    make.grant(alice, "galaxy.change_namespace", on=make.namespace("acme"))

    same = make.api(alice).put(f"{V3}acme/", {"name": "acme", "groups": []}, format="json")
    refused = make.api(alice).put(f"{V3}acme/", {"name": "redhat", "groups": []}, format="json")
    make.grant(alice, "galaxy.add_namespace")
    renamed = make.api(alice).put(f"{V3}acme/", {"name": "acme2", "groups": []}, format="json")

    assert [each.status_code for each in (same, refused, renamed)] == [200, 403, 200]
    assert Namespace.objects.get().name == "acme2"


def test_the_digest_follows_what_is_published_and_nothing_else(admin: User) -> None:
    client = make.api(admin)
    owners = make.group("owners")
    first = client.post(V3, {"name": "acme"}, format="json").json()["metadata_sha256"]

    def after(**change: Any) -> str:
        answer = client.patch(f"{V3}acme/", change, format="json")
        assert answer.status_code == 200
        digest: str = answer.json()["metadata_sha256"]
        return digest

    assert after(groups=[{"id": owners.pk, "object_roles": [OWNER]}]) == first
    changed = after(description="All of acme")
    assert changed != first
    assert after(description="") == first


# -- delete ---------------------------------------------------------------------------------------


def test_the_rights_on_a_namespace_go_with_it(admin: User, alice: User) -> None:
    make.grant(alice, "galaxy.change_namespace", on=make.namespace("acme"))

    answer = make.api(admin).delete(f"{V3}acme/")

    assert (answer.status_code, answer.content) == (204, b"")
    assert not RoleGrant.objects.exists()
    assert make.api(admin).delete(f"{V3}acme/").status_code == 404


# -- find -----------------------------------------------------------------------------------------


def test_namespaces_are_found_and_sorted(admin: User) -> None:
    for name, company in (("acme", "Zeta"), ("beta", "Acme Inc"), ("gamma", "")):
        make.namespace(name, company=company)

    assert names(admin) == ["acme", "beta", "gamma"]
    assert names(admin, sort="-name") == ["gamma", "beta", "acme"]
    assert names(admin, sort="company") == ["gamma", "beta", "acme"]
    assert names(admin, keywords="ACME") == ["acme", "beta"]
    assert names(admin, keywords=["acme", "inc"]) == ["beta"]
    assert names(admin, company="Zeta") == ["acme"]
    assert names(admin, name="gamma") == ["gamma"]


def test_my_namespaces_are_those_i_may_change_or_upload_to(alice: User, bob: User, admin: User) -> None:
    acme, beta, gamma = (make.namespace(name) for name in ("acme", "beta", "gamma"))
    make.grant(alice, "galaxy.change_namespace", on=acme)
    make.grant(make.group("uploaders", alice), "galaxy.upload_to_namespace", on=beta)
    make.grant(alice, "galaxy.delete_namespace", on=gamma)
    mine = f"{P}_ui/v1/my-namespaces/"

    assert names(alice, mine) == ["acme", "beta"]
    assert names(bob, mine) == []
    assert names(admin, mine) == ["acme", "beta", "gamma"]
    assert make.api(alice).get(f"{mine}gamma/").status_code == 404
    assert make.api(alice).get(f"{mine}acme/").status_code == 200


def test_ones_permissions_are_told_where_they_are_asked_for(alice: User, admin: User) -> None:
    make.grant(alice, "galaxy.upload_to_namespace", on=make.namespace("acme"))
    make.namespace("other")

    def related(user: User, path: str) -> Any:
        return make.api(user).get(path, {"include_related": "my_permissions"}).json()

    of_alice = [each["related_fields"]["my_permissions"] for each in related(alice, V3)["data"]]
    assert of_alice == [["galaxy.upload_to_namespace"], []]
    assert len(related(admin, f"{V3}acme/")["related_fields"]["my_permissions"]) == 5
    assert make.api(alice).get(f"{V3}acme/").json()["related_fields"] == {}


def test_a_list_takes_the_same_queries_however_long(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        namespace = make.namespace(f"acme{number}")
        make.grant(make.group(f"group {number}", alice), "galaxy.change_namespace", on=namespace)
        make.grant(alice, "galaxy.upload_to_namespace", on=namespace)

    for limit in (1, 12):
        with django_assert_num_queries(4):  # count, page, owners, own permissions
            make.api(alice).get(V3, {"limit": limit, "include_related": "my_permissions"})


# -- its task -------------------------------------------------------------------------------------


def test_every_change_is_a_task_that_says_what_it_is(admin: User) -> None:
    client = make.api(admin)

    client.post(V3, {"name": "acme"}, format="json")
    client.patch(f"{V3}acme/", {"company": "Acme"}, format="json")

    for task in Task.objects.all():
        assert task.name == "galaxy_ng.app.tasks.namespaces._create_pulp_namespace"
        assert task.title == "Publish the metadata of namespace acme"
        assert task.created_by == admin
    assert Task.objects.count() == 2


def test_the_task_publishes_what_the_namespace_says_when_it_runs(admin: User) -> None:
    made = make.api(admin).post(V3, {"name": "acme"}, format="json").json()
    Namespace.objects.update(metadata_sha256="")

    make.perform(Task.objects.get())

    assert Namespace.objects.get().metadata_sha256 == made["metadata_sha256"]


def test_the_task_has_nothing_to_do_when_the_namespace_is_gone(admin: User) -> None:
    make.api(admin).post(V3, {"name": "acme"}, format="json")
    Namespace.objects.all().delete()

    make.perform(Task.objects.get())

    assert not Namespace.objects.exists()
