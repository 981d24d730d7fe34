"""Whatever is sent where people and namespaces are made or changed: it is refused, never a crash."""

from __future__ import annotations

import json
from typing import Any

import make
import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, EmailField, SlugField, URLField
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from cartwheel.api.text_field import QuickSurrogateValidator
from cartwheel.registry.bootstrap import bootstrap
from cartwheel.registry.models import Namespace, Role, User

P = "/api/automation-hub/"
LONG = "x" * 1_000_000
ODD_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    LONG,
    "nul\0nul",
    "\ud800",
    [],
    [None],
    ["x"],
    [[]],
    [{}],
    [{"id": None}],
    [{"id": 10**30, "object_roles": []}],
    [{"id": True, "object_roles": ["x"]}],
    [{"name": "nul\0", "object_roles": ["nul\0"]}],
    [{"name": "\ud800", "object_roles": ["\ud800"]}],
    [{"name": ["x"], "object_roles": [1]}],
    [{"id": 999, "object_roles": "x"}],
    [{"name": "x", "url": "javascript:alert(1)"}],
    [{"id": 1}] * 5000,
    {},
    {"id": 1},
]
NAMESPACE = ("name", "company", "email", "avatar_url", "description", "links", "groups", "users", "resources")
PERSON = ("username", "first_name", "last_name", "email", "password", "is_superuser")
MEMBER = ("username", "id", "pk")
GRANT = ("role", "content_object", "content_object_prn")
ROLE = ("name", "description", "permissions")
# A method, a path, a body that is fine, and the fields that are looked at there.
TARGETS = [
    ("post", "v3/namespaces/", {"name": "fresh"}, NAMESPACE),
    ("put", "v3/namespaces/acme/", {"name": "acme"}, NAMESPACE),
    ("patch", "_ui/v1/namespaces/acme/", {}, NAMESPACE),
    ("post", "_ui/v1/users/", {"username": "fresh", "password": "a-good-one"}, (*PERSON, "groups")),
    ("put", "_ui/v1/users/{user}/", {"username": "carol"}, (*PERSON, "groups")),
    ("put", "_ui/v1/me/", {"username": "admin"}, PERSON),
    ("post", "_ui/v1/groups/", {"name": "fresh"}, ("name",)),
    ("post", "_ui/v1/groups/{group}/users/", {"username": "carol"}, MEMBER),
    ("post", "_ui/v1/auth/login/", {"username": "carol", "password": "wrong"}, ("username", "password")),
    ("post", "pulp/api/v3/users/", {"username": "fresh"}, (*PERSON, "is_staff", "is_active")),
    ("patch", "pulp/api/v3/users/{user}/", {}, (*PERSON, "is_staff", "is_active")),
    ("post", "pulp/api/v3/groups/", {"name": "fresh"}, ("name",)),
    ("patch", "pulp/api/v3/groups/{group}/", {}, ("name",)),
    ("post", "pulp/api/v3/groups/{group}/users/", {"username": "carol"}, MEMBER),
    *(
        ("post", f"pulp/api/v3/{whose}/roles/", {"role": "galaxy.auditor", "content_object": None}, GRANT)
        for whose in ("groups/{group}", "users/{user}")
    ),
    ("post", "pulp/api/v3/roles/", {"name": "fresh", "permissions": []}, ROLE),
    ("patch", "pulp/api/v3/roles/{role}/", {}, ROLE),
]
ALL_FIELDS = {field for *_, fields in TARGETS for field in fields}


@pytest.fixture
def ids(admin: User) -> dict[str, Any]:
    bootstrap("secret")
    Namespace.objects.create(name="acme")
    carol = make.user("carol")
    group = make.group("owners", carol)
    role = Role.objects.create(name="mine", permissions=[])
    return {"user": carol.pk, "group": group.pk, "role": role.pk}


@pytest.mark.parametrize(("method", "path", "good", "known"), TARGETS, ids=str)
def test_no_value_of_any_field_is_a_crash(
    admin: User, ids: dict[str, Any], method: str, path: str, good: dict[str, Any], known: tuple[str, ...]
) -> None:
    """A field that is looked at by itself, the others together."""
    client = make.api(admin)

    for fields in (*((each,) for each in known), ALL_FIELDS.difference(known)):
        for value in ODD_VALUES:
            body = json.dumps({**good, **dict.fromkeys(fields, value)})
            answer = client.generic(method.upper(), P + path.format(**ids), body, "application/json")
            assert answer.status_code < 500, (fields, str(value)[:80])


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "7", '"text"', "{", "NaN", "[" * 100_000, "1" * 5000, '{"a":' * 100_000, "\xff"],
    ids=lambda body: body[:10],
)
@pytest.mark.parametrize(("method", "path"), [target[:2] for target in TARGETS], ids=str)
def test_no_body_is_a_crash(admin: User, ids: dict[str, Any], method: str, path: str, body: str) -> None:
    client = make.api(admin)

    raw: Any = body.encode("latin-1")
    answer = client.generic(method.upper(), P + path.format(**ids), raw, "application/json")

    assert answer.status_code < 500


@pytest.mark.parametrize("number", ["1e99999", "-1e99999", "1" * 400 + ".0", "NaN", "-Infinity"])
def test_a_number_without_end_is_no_name(admin: User, number: str) -> None:
    client = make.api(admin)

    body = f'{{"name": {number}, "groups": []}}'
    answer = client.generic("POST", f"{P}_ui/v1/namespaces/", body, "application/json")

    assert answer.status_code == 400
    assert "Out of range float values are not JSON compliant" in answer.json()["errors"][0]["detail"]
    assert not Namespace.objects.filter(name__contains="inf").exists()


def test_a_charset_that_nobody_knows_is_refused(admin: User) -> None:
    client = make.api(admin)

    answer = client.generic("POST", f"{P}_ui/v1/namespaces/", "{}", "application/json; charset=base64")

    assert answer.status_code == 400


@pytest.mark.parametrize("field", [CharField, URLField, SlugField, EmailField])
def test_each_field_for_text_looks_for_halves_of_characters_in_one_go(field: type[CharField]) -> None:
    (found,) = [each for each in field().validators if isinstance(each, ProhibitSurrogateCharactersValidator)]

    assert type(found) is QuickSurrogateValidator
    found("x\U0001f600")
    with pytest.raises(ValidationError) as refused:
        found("x\ud83d")
    with pytest.raises(ValidationError) as as_always:
        ProhibitSurrogateCharactersValidator()("x\ud83d")
    assert refused.value.detail == as_always.value.detail


def test_ten_megabytes_are_refused_or_taken(admin: User, ids: dict[str, Any]) -> None:
    client = make.api(admin)

    for field in ("company", "resources", "description"):
        answer = client.patch(f"{P}v3/namespaces/acme/", {field: "x" * 10_000_000}, format="json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "max_length"


@pytest.mark.parametrize(
    "path",
    [
        "v3/namespaces/{}/",
        "_ui/v1/namespaces/{}/",
        "_ui/v1/my-namespaces/{}/",
        "content/{}/",
        "v3/plugin/ansible/content/{}/namespaces/",
        "_ui/v1/users/{}/",
        "_ui/v1/groups/{}/",
        "_ui/v1/groups/{}/users/",
        "pulp/api/v3/users/{}/",
        "pulp/api/v3/users/{}/roles/",
        "pulp/api/v3/groups/{}/",
        "pulp/api/v3/groups/{}/roles/",
        "pulp/api/v3/roles/{}/",
        "pulp/api/v3/pulp_ansible/namespaces/{}/",
    ],
)
@pytest.mark.parametrize("odd", ["%00", "9" * 400, "0", "-1", "%ff", "%ed%a0%80", "é", "²", "x" * 5000])
def test_what_is_not_there_is_404(admin: User, path: str, odd: str) -> None:
    client = make.api(admin)

    answer = client.get(P + path.format(odd))

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=x&offset=x",
        "limit=9&offset=" + "9" * 400,
        "sort=nothing",
        "ordering=nothing",
        "name=%00",
        "nothing=1",
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "v3/namespaces/",
        "_ui/v1/users/",
        "_ui/v1/groups/",
        "_ui/v2/role_definitions/",
        "pulp/api/v3/users/",
        "pulp/api/v3/groups/",
        "pulp/api/v3/roles/",
        "pulp/api/v3/pulp_ansible/namespaces/",
    ],
)
def test_no_query_is_a_crash(admin: User, path: str, query: str) -> None:
    client = make.api(admin)

    answer = client.get(f"{P}{path}?{query}&keywords=%00&groups=x&page=0&content_object=x&id__in=x,{10**30}")

    assert answer.status_code in (200, 400, 404)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token a b",
        "Token \xff",
        "Basic",
        "Basic %",
        "Basic YQ==",
        "Basic AA==",
        "Basic /zr/",
        "Bearer x",
    ],
)
def test_no_authorization_is_a_crash(client: Client, header: str) -> None:
    answer = client.get(f"{P}v3/namespaces/", headers={"Authorization": header})

    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["v3/namespaces/", "pulp/api/v3/roles/", "pulp/api/v3/tasks/purge/"])
def test_what_is_larger_than_may_be_is_refused_in_the_form_of_the_api(
    admin: User, path: str, kind: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
    body = b'{"name": "' + b"x" * (1 << 20) + b'"}'

    answer = make.api(admin).post(f"{P}{path}", body, content_type=kind)

    assert answer.status_code == 413
    assert "Send at most 1 MiB at once, but for files." in str(answer.json())
    assert caplog.records == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["pulp/api/v3/docs/api.json", "content/published/"])
def test_thousands_of_parameters_from_anybody_fill_no_log(
    client: Client, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get(f"{P}{path}?{'name=x&' * 2000}")

    assert answer.status_code in (400, 404)
    assert caplog.records == []


@pytest.mark.parametrize("path", ["v3/namespaces/", "pulp/api/v3/roles/"])
def test_thousands_of_parameters_are_refused_in_the_form_of_the_api(
    admin: User, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client, many = make.api(admin), "name=x&" * 2000

    asked = client.get(f"{P}{path}?{many}")
    sent = client.post(f"{P}{path}", many, content_type="application/x-www-form-urlencoded")

    for answer in (asked, sent):
        assert answer.status_code == 400
        assert "exceeded" in str(answer.json())
    assert caplog.records == []
