"""What somebody with bad intentions tries first."""

from __future__ import annotations

import json
from typing import Any

import make
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group
from django.test import Client

from cartwheel.registry.credentials import renew_token, user_by_password
from cartwheel.registry.models import User

P = "/api/automation-hub/"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/pulp/api/v3/a%0dX-Evil:%201/", f"{P}pulp/api/v3/a%0DX-Evil%3A%201/"),
        ("/pulp/api/v3/a%3fb/", f"{P}pulp/api/v3/a%3Fb/"),
        ("/pulp/api//evil.example.org/", f"{P}pulp/api/evil.example.org/"),
        (f"{P}v3/collections/a%0d/b/", f"{P}v3/plugin/ansible/content/published/collections/index/a%0D/b/"),
        (f"{P}content/a%0db/api/", f"{P}content/a%0Db/"),
    ],
)
def test_what_stands_in_an_address_makes_no_other_header_and_no_other_address(
    address: str, leads_to: str
) -> None:
    answer = Client().get(address)

    assert answer.headers["Location"] == leads_to
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example.org", "/\\evil.example.org", "https:evil.example.org", "javascript:alert(1)",
     "http://testserver@evil.example.org/"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(elsewhere: str, alice: User) -> None:
    client = Client()

    signed_in = client.post("/login/", {"username": "alice", "password": make.PASSWORD, "next": elsewhere})
    themed = client.post("/theme/", {"theme": "dark", "next": elsewhere})

    assert [signed_in.headers["Location"], themed.headers["Location"]] == ["/", "/"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", f"{P}_ui/v1/users/"),
        ("post", f"{P}_ui/v1/auth/login/"),
        ("post", f"{P}_ui/v1/auth/logout/"),
        ("post", f"{P}v3/auth/token/"),
        ("delete", f"{P}v3/auth/token/"),
        ("post", f"{P}pulp/api/v3/orphans/cleanup/"),
        ("post", "/pulp/api/v3/orphans/cleanup/"),
        ("post", "/theme/"),
        ("post", "/logout/"),
        ("post", "/account/token/"),
    ],
)
def test_other_sites_cannot_act_with_ones_cookie(method: str, address: str, admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    answer = getattr(client, method)(address, content_type="application/json")

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["token", "access_token", "Authorization"])
def test_a_token_in_an_address_is_none(name: str, alice: User) -> None:
    assert Client().get(f"{P}_ui/v1/me/?{name}={renew_token(alice)}").status_code == 401


def test_a_wrong_password_costs_the_same_whoever_it_is_of(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.user("inactive", is_active=False)
    locked = make.user("locked")
    locked.set_unusable_password()
    locked.save()
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: Any) -> Any:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    for name in ("alice", "nobody", "inactive", "locked"):
        assert user_by_password(name, f"wrong for {name}") is None

    assert len(hashed) == 4


@pytest.mark.parametrize("host", ["evil.example.org:80@x", "a b", "x/../"])
def test_a_made_up_host_is_refused_and_fills_no_log(host: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().get(f"{P}pulp/api/v3/", headers={"host": host})

    assert answer.status_code == 400
    assert caplog.records == []


@pytest.mark.parametrize("right", ["is_superuser", "is_staff", "is_active"])
def test_nobody_makes_oneself_more_than_one_is(right: str, alice: User) -> None:
    make.grant(alice, "galaxy.change_user")
    client = make.api(alice)
    before = User.objects.filter(pk=alice.pk).values().get()
    body = {"username": "alice", right: right != "is_active", "pk": 1, "user_permissions": [1]}

    for method, address in (("put", "_ui/v1/me/"), ("put", f"_ui/v1/users/{alice.pk}/")):
        getattr(client, method)(f"{P}{address}", body, format="json")

    assert User.objects.filter(pk=alice.pk).values().get() == before


@pytest.fixture
def mighty(alice: User) -> Group:
    """A group whose members may delete users; Alice manages groups and users, and may not."""
    group = make.group("mighty")
    make.grant(group, "galaxy.delete_user")
    make.grant(alice, "galaxy.change_group", "galaxy.view_group", "galaxy.change_user")
    return group


WAYS = {  # into a group: method, address, body
    "as a member": ("post", "_ui/v1/groups/{group}/users/", {"username": "{name}"}),
    "as a user": ("patch", "_ui/v1/users/{user}/", {"groups": [{"id": "{group}"}]}),
    "as oneself": ("patch", "_ui/v1/me/", {"groups": [{"id": "{group}"}]}),
}


def put(user: User, into: Group, way: str, by: User) -> int:
    method, address, body = WAYS[way]
    words = {"group": into.pk, "user": user.pk, "name": user.username}
    filled = json.loads(json.dumps(body).replace("{group}", str(into.pk)).replace("{name}", user.username))
    answer = getattr(make.api(by), method)(f"{P}{address.format(**words)}", filled, format="json")
    return int(answer.status_code)


@pytest.mark.parametrize("way", WAYS)
def test_who_manages_groups_does_not_give_rights_to_oneself(way: str, alice: User, mighty: Group) -> None:
    assert put(alice, mighty, way, by=alice) in (403, 405)

    assert not alice.groups.exists()


@pytest.mark.parametrize("way", ["as a member", "as a user"])
def test_who_manages_groups_gives_to_others_what_they_give(
    way: str, alice: User, bob: User, mighty: Group
) -> None:
    assert put(bob, mighty, way, by=alice) in (200, 201)

    assert list(bob.groups.all()) == [mighty]


@pytest.mark.parametrize("held", ["everywhere", "there"])
def test_one_joins_a_group_that_gives_what_one_has(held: str, alice: User, mighty: Group) -> None:
    acme = make.namespace("acme")
    group = make.group("acme makers")
    make.grant(group, "galaxy.change_namespace", on=acme)
    assert put(alice, group, "as a member", by=alice) == 403

    make.grant(alice, "galaxy.change_namespace", on=None if held == "everywhere" else acme)

    assert put(alice, group, "as a member", by=alice) == 201
