"""What Galaxy NG's own web UI cannot do without, and other clients do not need."""

from __future__ import annotations

from typing import Any

import make
import pytest
from django.test import Client

from cartwheel.engine.models import Task
from cartwheel.registry.credentials import renew_token
from cartwheel.registry.models import CollectionRemote, User

PULP = "/api/galaxy/pulp/api/v3/"

pytestmark = pytest.mark.django_db


@pytest.fixture(
    params=["repositories/ansible/ansible/", "distributions/ansible/ansible/", "remotes/ansible/collection/"]
)
def href(request: pytest.FixtureRequest, client: Client, admin: User) -> str:
    """The address of something that can be edited."""
    make.served("team", remote=CollectionRemote.objects.create(name="team", url="https://hub.example/api/"))
    client.force_login(admin)
    found: str = client.get(f"{PULP}{request.param}?name=team").json()["results"][0]["pulp_href"]
    return found


def filled(client: Client, href: str) -> dict[str, Any]:
    """As the form sends it: all fields that are not empty."""
    return {name: value for name, value in client.get(href).json().items() if value is not None}


def test_what_is_saved_as_it_was_is_answered_with_a_task(client: Client, href: str) -> None:
    before = filled(client, href)

    answer = client.put(href, before, content_type="application/json")

    assert answer.status_code == 202
    assert Task.objects.get().state == "completed"
    after = filled(client, href)
    assert before | {"pulp_last_updated": ""} == after | {"pulp_last_updated": ""}


def test_others_are_told_that_it_is_so_already(client: Client, admin: User, href: str) -> None:
    before = filled(client, href)
    others = Client(headers={"authorization": f"Token {renew_token(admin)}"})

    for call in (others.put, others.patch, client.patch):
        answer = call(href, before, content_type="application/json")
        assert answer.status_code == 200, answer.content
    assert not Task.objects.exists()
