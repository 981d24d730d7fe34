"""Who may do what with people, roles and namespaces: each endpoint, each kind of person."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.registry.models import Role, RoleGrant, User
from cartwheel.registry.roles import make_locked, missing_locked

P = "/api/automation-hub/"
GOOD = "quite-a-good-one"
ANYBODY, SIGNED_IN, OWNER, MANAGER, ADMIN = "anybody", "signed in", "owner", "manager", "admin"
LEVELS = (ANYBODY, SIGNED_IN, OWNER, MANAGER, ADMIN)

# method, path, body, who may at the least, status for whom may. A manager has the hub's own roles for
# users, groups and content; alice owns the namespace acme.
TABLE: list[tuple[str, str, Any, str, int]] = [
    ("get", "", None, ANYBODY, 200),
    ("get", "content/published/", None, ANYBODY, 200),
    ("get", "pulp/api/v3/", None, ANYBODY, 200),
    ("get", "pulp/api/v3/status/", None, ANYBODY, 200),
    ("get", "pulp/api/v3/livez/", None, ANYBODY, 200),
    ("get", "status/healthz", None, ANYBODY, 200),
    ("get", "_ui/", None, SIGNED_IN, 200),
    ("get", "_ui/v1/settings/", None, ANYBODY, 200),
    ("get", "_ui/v1/feature-flags/", None, ANYBODY, 200),
    ("get", "_ui/v1/me/", None, SIGNED_IN, 200),
    ("get", "_ui/v2/me/", None, SIGNED_IN, 200),
    ("get", "_ui/v2/role_definitions/", None, SIGNED_IN, 200),
    ("post", "v3/auth/token/", None, SIGNED_IN, 200),
    ("delete", "v3/auth/token/", None, SIGNED_IN, 204),
    ("get", "v3/namespaces/", None, SIGNED_IN, 200),
    ("get", "v3/namespaces/acme/", None, SIGNED_IN, 200),
    ("get", "_ui/v1/namespaces/", None, SIGNED_IN, 200),
    ("get", "_ui/v1/my-namespaces/", None, SIGNED_IN, 200),
    ("get", "pulp/api/v3/pulp_ansible/namespaces/", None, SIGNED_IN, 200),
    ("get", "v3/plugin/ansible/content/published/namespaces/", None, SIGNED_IN, 200),
    ("post", "v3/namespaces/", {"name": "fresh"}, MANAGER, 201),
    ("post", "_ui/v1/namespaces/", {"name": "fresh"}, MANAGER, 201),
    ("put", "v3/namespaces/acme/", {"name": "acme"}, OWNER, 200),
    ("patch", "v3/namespaces/acme/", {"company": "Acme"}, OWNER, 200),
    ("delete", "v3/namespaces/acme/", None, MANAGER, 204),
    ("get", "_ui/v1/users/", None, MANAGER, 200),
    ("get", "_ui/v1/users/{carol}/", None, MANAGER, 200),
    ("post", "_ui/v1/users/", {"username": "fresh", "password": GOOD}, MANAGER, 201),
    ("put", "_ui/v1/users/{carol}/", {"username": "carol", "first_name": "C"}, MANAGER, 200),
    ("patch", "_ui/v1/users/{carol}/", {"first_name": "C"}, MANAGER, 200),
    ("delete", "_ui/v1/users/{carol}/", None, MANAGER, 204),
    ("get", "_ui/v1/groups/", None, SIGNED_IN, 200),
    ("get", "_ui/v1/groups/{group}/", None, SIGNED_IN, 200),
    ("get", "_ui/v1/groups/{group}/users/", None, MANAGER, 200),
    ("post", "_ui/v1/groups/", {"name": "fresh"}, MANAGER, 201),
    ("post", "_ui/v1/groups/{group}/users/", {"username": "bob"}, MANAGER, 201),
    ("delete", "_ui/v1/groups/{group}/users/{carol}/", None, MANAGER, 204),
    ("delete", "_ui/v1/groups/{group}/", None, MANAGER, 204),
    ("get", "pulp/api/v3/groups/", None, SIGNED_IN, 200),
    ("get", "pulp/api/v3/groups/{group}/", None, SIGNED_IN, 200),
    ("post", "pulp/api/v3/groups/", {"name": "fresh"}, MANAGER, 201),
    ("patch", "pulp/api/v3/groups/{group}/", {"name": "other"}, MANAGER, 200),
    ("delete", "pulp/api/v3/groups/{group}/", None, MANAGER, 204),
    ("get", "pulp/api/v3/groups/{group}/users/", None, MANAGER, 200),
    ("post", "pulp/api/v3/groups/{group}/users/", {"username": "bob"}, MANAGER, 201),
    ("get", "pulp/api/v3/groups/{group}/roles/", None, MANAGER, 200),
    ("post", "pulp/api/v3/groups/{group}/roles/", {"role": "mine", "content_object": None}, ADMIN, 201),
    ("delete", "pulp/api/v3/groups/{group}/roles/{grant}/", None, ADMIN, 204),
    ("get", "pulp/api/v3/users/{carol}/roles/", None, MANAGER, 200),
    ("post", "pulp/api/v3/users/{carol}/roles/", {"role": "mine", "content_object": None}, ADMIN, 201),
    ("get", "pulp/api/v3/users/", None, ADMIN, 200),
    ("post", "pulp/api/v3/users/", {"username": "fresh", "password": GOOD}, ADMIN, 201),
    ("get", "pulp/api/v3/users/{carol}/", None, ADMIN, 200),
    ("patch", "pulp/api/v3/users/{carol}/", {"is_active": False}, ADMIN, 200),
    ("delete", "pulp/api/v3/users/{carol}/", None, ADMIN, 204),
    ("get", "pulp/api/v3/roles/", None, SIGNED_IN, 200),
    ("get", "pulp/api/v3/roles/{role}/", None, ADMIN, 200),
    ("post", "pulp/api/v3/roles/", {"name": "fresh", "permissions": []}, ADMIN, 201),
    ("patch", "pulp/api/v3/roles/{role}/", {"description": "mine"}, ADMIN, 200),
    ("delete", "pulp/api/v3/roles/{role}/", None, ADMIN, 204),
]


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def people(module_db: None) -> dict[str, User | None]:
    """One person for each level."""
    make_locked(missing_locked())
    alice, bob = make.user("alice"), make.user("bob")
    admin = make.user("admin", is_superuser=True, is_staff=True)
    acme = make.namespace("acme")
    make.grant(alice, "galaxy.change_namespace", on=acme)
    manager = make.user("manager")
    for name in ("galaxy.user_admin", "galaxy.group_admin", "galaxy.content_admin"):
        RoleGrant.objects.create(role=Role.objects.get(name=name), user=manager)
    return {ANYBODY: None, SIGNED_IN: bob, OWNER: alice, MANAGER: manager, ADMIN: admin}


@pytest.fixture(scope="module")
def ids(people: dict[str, User | None]) -> dict[str, Any]:
    make.served("published")
    carol = make.user("carol")
    group = make.group("owners", carol)
    mine = Role.objects.create(name="mine", permissions=["galaxy.view_user"])
    other = Role.objects.create(name="other", permissions=["galaxy.view_user"])
    given = RoleGrant.objects.create(role=other, group=group)
    return {"carol": carol.pk, "group": group.pk, "role": mine.pk, "grant": given.pk}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("method", "path", "body", "least", "status"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE]
)
def test_each_may_do_what_is_theirs_and_nothing_else(
    people: dict[str, User | None],
    ids: dict[str, Any],
    method: str,
    path: str,
    body: Any,
    least: str,
    status: int,
    level: str,
) -> None:
    client = make.api(people[level])

    answer = getattr(client, method)(P + path.format(**ids), body, format="json")

    if LEVELS.index(level) >= LEVELS.index(least):
        assert answer.status_code == status, answer.content
    else:
        assert answer.status_code == (401 if level == ANYBODY else 403), answer.content
        assert answer.headers.get("WWW-Authenticate") == ("Session" if level == ANYBODY else None)


def test_nobody_sees_a_password(people: dict[str, User | None], ids: dict[str, Any]) -> None:
    client = make.api(people[ADMIN])
    new = {"username": "fresh", "password": GOOD, "groups": []}

    answers = [
        client.post(f"{P}_ui/v1/users/", new, format="json"),
        client.get(f"{P}_ui/v1/users/"),
        client.get(f"{P}_ui/v1/me/"),
        client.get(f"{P}pulp/api/v3/users/"),
        client.patch(f"{P}pulp/api/v3/users/{ids['carol']}/", {"password": GOOD + "er"}, format="json"),
        client.post(f"{P}pulp/api/v3/users/", new | {"username": "fresher"}, format="json"),
    ]

    for answer in answers:
        assert answer.status_code < 300
        assert GOOD not in answer.content.decode()
        assert "md5$" not in answer.content.decode()
