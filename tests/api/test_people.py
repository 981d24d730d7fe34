"""Users and groups as galaxykit, the web UI and Pulp's clients handle them."""

from __future__ import annotations

from typing import Any

import make
import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries

from cartwheel.kit.errors import Invalid
from cartwheel.registry.models import User
from cartwheel.registry.people import change_user

P = "/api/automation-hub/"
USERS = f"{P}_ui/v1/users/"
GROUPS = f"{P}_ui/v1/groups/"
GOOD = "quite-a-good-one"


def problem(answer: Any) -> tuple[str, str, str | None]:
    """Code, text and field of the one error in an answer."""
    (error,) = answer.json()["errors"]
    return error["code"], error.get("detail", error["title"]), error.get("source", {}).get("parameter")


# -- users ----------------------------------------------------------------------------------------


def test_a_user_is_made_with_groups_and_can_sign_in(admin: User) -> None:
    owners = make.group("owners")

    answer = make.api(admin).post(
        USERS,
        {
            "username": "carol",
            "password": f" {GOOD} ",
            "email": "carol@example.com",
            "groups": [{"id": owners.pk, "name": "owners", "pulp_href": "/pulp/api/v3/groups/1"}],
        },
        format="json",
    )

    carol = User.objects.get(username="carol")
    assert answer.status_code == 201
    assert answer.json() == {
        "id": carol.pk,
        "username": "carol",
        "first_name": "",
        "last_name": "",
        "email": "carol@example.com",
        "groups": [{"id": owners.pk, "name": "owners"}],
        "date_joined": answer.json()["date_joined"],
        "is_superuser": False,
        "auth_provider": ["django"],
    }
    assert carol.check_password(f" {GOOD} ")


def test_a_user_without_a_password_cannot_sign_in_with_one(admin: User) -> None:
    make.api(admin).post(USERS, {"username": "carol", "password": ""}, format="json")

    assert not User.objects.get(username="carol").has_usable_password()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"username": "alice"}, ("unique", "A user with that username already exists.", "username")),
        ({}, ("required", "This field is required.", "username")),
        (
            {"username": "new", "groups": [{"name": "nobody"}]},
            ("invalid", "Group name=nobody, id=None does not exist", "groups"),
        ),
        (
            {"username": "new", "groups": [{"id": 2_000_000_000, "name": "nobody"}]},
            ("invalid", "Group name=nobody, id=2000000000 does not exist", "groups"),
        ),
        ({"username": "new", "groups": [{}]}, ("invalid", "Invalid group name or ID", "group")),
        ({"username": "new", "groups": None}, ("null", "This field may not be null.", "groups")),
        ({"username": "new", "email": "x"}, ("invalid", "Enter a valid email address.", "email")),
        (
            {"username": "new", "password": "83740193847"},
            ("password_entirely_numeric", "This password is entirely numeric.", "password"),
        ),
    ],
)
def test_what_is_wrong_with_a_user_is_named(
    admin: User, alice: User, given: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    answer = make.api(admin).post(USERS, given, format="json")

    assert answer.status_code == 400
    assert problem(answer) == expected
    assert User.objects.count() == 2


def test_a_whole_user_is_put_back_with_other_groups(admin: User, alice: User) -> None:
    """As `galaxykit user group add` does it."""
    owners = make.group("owners")
    client = make.api(admin)
    whole = client.get(USERS, {"username": "alice"}).json()["data"][0]
    whole["groups"].append({"id": owners.pk, "name": "owners", "pulp_href": "/pulp/api/v3/groups/1"})

    answer = client.put(f"{USERS}{alice.pk}/", whole, format="json")

    assert answer.status_code == 200
    assert answer.json()["groups"] == [{"id": owners.pk, "name": "owners"}]
    assert client.get(USERS, {"groups__name": "owners"}).json()["meta"]["count"] == 1
    assert client.get(USERS, {"groups": owners.pk}).json()["meta"]["count"] == 1


def test_nobody_deletes_superusers_or_oneself(admin: User, alice: User) -> None:
    root = make.user("root", is_superuser=True)
    make.grant(alice, "galaxy.delete_user")

    assert make.api(admin).delete(f"{USERS}{root.pk}/").status_code == 403
    assert make.api(admin).delete(f"{P}pulp/api/v3/users/{admin.pk}/").status_code == 403
    assert make.api(alice).delete(f"{USERS}{alice.pk}/").status_code == 403
    assert User.objects.count() == 3


def test_only_superusers_change_superusers_and_make_them(admin: User, alice: User, bob: User) -> None:
    make.grant(alice, "galaxy.change_user", "galaxy.add_user")
    client = make.api(alice)

    changed = client.patch(f"{USERS}{admin.pk}/", {"first_name": "A"}, format="json")
    promoted = client.patch(f"{USERS}{bob.pk}/", {"is_superuser": True}, format="json")
    made = client.post(USERS, {"username": "root", "is_superuser": True}, format="json")
    myself = client.put(f"{P}_ui/v1/me/", {"username": "alice", "is_superuser": True}, format="json")

    assert problem(changed) == (
        "invalid",
        "You do not have permissions to modify super users.",
        "username",
    )
    for answer in (promoted, made, myself):
        assert problem(answer) == (
            "invalid",
            "Must be a super user to grant super user permissions.",
            "is_superuser",
        )
    assert User.objects.filter(is_superuser=True).get() == admin


def test_the_last_superuser_stays_one(admin: User, alice: User) -> None:
    client = make.api(admin)

    refused = client.patch(f"{USERS}{admin.pk}/", {"is_superuser": False}, format="json")
    with pytest.raises(Invalid, match="only super user"):
        change_user(admin, {"is_active": False}, by=admin)
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    changed = client.patch(f"{USERS}{admin.pk}/", {"is_superuser": False}, format="json")

    assert refused.status_code == 400
    assert "only super user" in refused.json()["errors"][0]["detail"]
    assert changed.status_code == 200


def test_only_superusers_set_the_passwords_of_others(alice: User, bob: User) -> None:
    make.grant(alice, "galaxy.change_user")

    answer = make.api(alice).patch(f"{USERS}{bob.pk}/", {"password": GOOD}, format="json")

    assert problem(answer) == (
        "invalid",
        "Must be a super user to change another user's password.",
        "password",
    )
    bob.refresh_from_db()
    assert bob.check_password(make.PASSWORD)


def test_who_may_not_change_groups_can_share_only_ones_own(alice: User, bob: User) -> None:
    make.grant(alice, "galaxy.change_user")
    mine, others = make.group("mine", alice), make.group("others")
    client = make.api(alice)

    shared = client.patch(f"{USERS}{bob.pk}/", {"groups": [{"id": mine.pk}]}, format="json")
    refused = client.patch(f"{USERS}{bob.pk}/", {"groups": [{"id": others.pk}]}, format="json")

    assert shared.status_code == 200
    assert problem(refused)[2] == "groups"
    assert list(bob.groups.all()) == [mine]


def test_one_cannot_put_oneself_into_groups(alice: User) -> None:
    owners = make.group("owners")

    answer = make.api(alice).put(
        f"{P}_ui/v1/me/",
        {"username": "alice", "first_name": "Al", "groups": [{"id": owners.pk}]},
        format="json",
    )

    assert (answer.status_code, answer.json()["first_name"], answer.json()["groups"]) == (200, "Al", [])


def test_me_tells_what_one_may_do_everywhere(alice: User, admin: User) -> None:
    acme = make.namespace("acme")
    make.grant(make.group("publishers", alice), "galaxy.add_namespace")
    make.grant(alice, "galaxy.change_namespace", on=acme)

    def held(user: User) -> set[str]:
        permissions = make.api(user).get(f"{P}_ui/v1/me/").json()["model_permissions"]
        return {name for name, each in permissions.items() if each["has_model_permission"]}

    assert held(alice) == {"galaxy.add_namespace"}
    assert len(held(admin)) == 40


def test_users_are_sorted_and_filtered(admin: User, alice: User, bob: User) -> None:
    def names(**query: Any) -> list[str]:
        return [each["username"] for each in make.api(admin).get(USERS, query).json()["data"]]

    assert names(sort="-username") == ["bob", "alice", "admin"]
    assert names(username__contains="li") == ["alice"]
    assert names(username__startswith="b", first_name="") == ["bob"]
    assert problem(make.api(admin).get(USERS, {"sort": "password"}))[2] == "sort"


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("x", "invalid_pk_value", "\u201cx\u201d is not a valid value."),
        ("99", "invalid_choice", "Select a valid choice. 99 is not one of the available choices."),
        ("9" * 30, "invalid_choice", f"Select a valid choice. {'9' * 30} is not one of the available choices."),
    ],
)  # fmt: skip
def test_users_of_a_group_that_is_not_there_are_not_asked_for(
    admin: User, text: str, code: str, detail: str
) -> None:
    answer = make.api(admin).get(USERS, {"groups": text})

    assert (answer.status_code, problem(answer)) == (400, (code, detail, "groups"))


def test_a_list_of_users_takes_the_same_queries_however_long(
    admin: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        make.group(f"group {number}", make.user(f"user{number}"))
    client = make.api(admin)

    for path, limit in (
        (USERS, 2),
        (USERS, 12),
        (f"{P}pulp/api/v3/users/", 2),
        (f"{P}pulp/api/v3/users/", 12),
    ):
        with django_assert_num_queries(3):
            client.get(path, {"limit": limit})


# -- groups ---------------------------------------------------------------------------------------


def test_a_group_is_made_and_filled_and_goes(admin: User, alice: User) -> None:
    client = make.api(admin)

    made = client.post(GROUPS, {"name": "owners"}, format="json")
    number = made.json()["id"]
    added = client.post(f"{GROUPS}{number}/users/", {"username": "alice"}, format="json")
    members = client.get(f"{GROUPS}{number}/users/").json()
    removed = client.delete(f"{GROUPS}{number}/users/{alice.pk}/")
    gone = client.delete(f"{GROUPS}{number}/")

    assert (made.status_code, made.headers["Location"]) == (201, f"{P}pulp/api/v3/groups/{number}/")
    assert (added.status_code, added.json()["username"]) == (201, "alice")
    assert [each["username"] for each in members["data"]] == ["alice"]
    assert (removed.status_code, gone.status_code) == (204, 204)
    assert not Group.objects.exists()


def test_a_group_is_made_once(admin: User) -> None:
    make.group("owners")
    client = make.api(admin)

    again = client.post(GROUPS, {"name": "owners"}, format="json")
    nameless = client.post(GROUPS, {}, format="json")
    of_pulp = client.post(f"{P}pulp/api/v3/groups/", {"name": "owners"}, format="json")

    assert (again.status_code, problem(again)) == (
        409,
        ("conflict", "A group named owners already exists.", "name"),
    )
    assert (nameless.status_code, problem(nameless)[0]) == (400, "required")
    assert (of_pulp.status_code, of_pulp.json()) == (400, {"name": ["This field must be unique."]})


def test_a_group_has_a_name_and_nothing_else(admin: User) -> None:
    answer = make.api(admin).post(GROUPS, {"name": "owners", "colour": "red"}, format="json")

    assert (answer.status_code, problem(answer)) == (400, ("invalid", "Unexpected field", "colour"))


@pytest.mark.parametrize("groups", [GROUPS, f"{P}pulp/api/v3/groups/"])
def test_everybody_may_know_which_groups_there_are_and_not_who_is_in_them(alice: User, groups: str) -> None:
    owners = make.group("owners")
    client = make.api(alice)

    listed = client.get(groups).json()
    one = client.get(f"{groups}{owners.pk}/")
    members = client.get(f"{groups}{owners.pk}/users/")

    assert [each["name"] for each in listed.get("data") or listed["results"]] == ["owners"]
    assert (one.status_code, one.json()["name"]) == (200, "owners")
    assert members.status_code == 403


def test_an_unknown_user_cannot_be_put_into_a_group(admin: User) -> None:
    owners = make.group("owners")

    answer = make.api(admin).post(f"{GROUPS}{owners.pk}/users/", {"username": "nobody"}, format="json")

    assert (answer.status_code, problem(answer)) == (400, ("invalid", "Could not find user nobody", None))


# -- Pulp -----------------------------------------------------------------------------------------


def test_pulp_says_whether_a_password_is_set_and_not_which(admin: User) -> None:
    client = make.api(admin)

    made = client.post(f"{P}pulp/api/v3/users/", {"username": "carol"}, format="json")
    weak = client.patch(made.headers["Location"], {"password": "abc"}, format="json")
    changed = client.patch(made.headers["Location"], {"password": GOOD}, format="json")

    assert made.status_code == 201
    assert made.json()["hidden_fields"] == [{"name": "password", "is_set": False}]
    assert (weak.status_code, len(weak.json()["non_field_errors"])) == (400, 2)
    again = client.post(f"{P}pulp/api/v3/users/", {"username": "carol"}, format="json")
    assert (again.status_code, again.json()) == (400, {"username": ["This field must be unique."]})
    assert changed.json()["hidden_fields"] == [{"name": "password", "is_set": True}]


def test_pulps_lists_refuse_filters_that_they_do_not_know(admin: User) -> None:
    for name in ("users", "groups", "roles", "pulp_ansible/namespaces"):
        answer = make.api(admin).get(f"{P}pulp/api/v3/{name}/", {"colour": "red"})

        assert (answer.status_code, answer.json()) == (400, {"errors": ["Invalid Filter: 'colour'"]})
