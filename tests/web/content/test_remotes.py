"""The form of a remote, and what it says about secrets."""

from __future__ import annotations

import pytest
from django.test import Client

from cartwheel.registry.models import CollectionRemote, User

pytestmark = pytest.mark.django_db

GIVEN = {
    "name": "far",
    "url": "https://far.example.org/api/",
    "sync_dependencies": "on",
    "tls_validation": "on",
}


@pytest.fixture
def remote(client: Client, admin: User) -> CollectionRemote:
    client.force_login(admin)
    client.post("/new/remote/", {**GIVEN, "token": "hush"})
    return CollectionRemote.objects.get(name="far")


def test_it_says_which_secrets_went_because_it_leads_elsewhere(
    client: Client, remote: CollectionRemote
) -> None:
    moved = {**GIVEN, "url": "https://other.example.org/api/"}

    page = client.post(f"/remotes/{remote.pk}/edit/", moved, follow=True).content.decode()

    remote.refresh_from_db()
    assert remote.token is None
    assert "so these were removed: Token." in page


def test_secrets_that_stay_are_not_spoken_of(client: Client, remote: CollectionRemote) -> None:
    page = client.post(
        f"/remotes/{remote.pk}/edit/", {**GIVEN, "rate_limit": "3"}, follow=True
    ).content.decode()

    remote.refresh_from_db()
    assert remote.token is not None
    assert remote.rate_limit == 3
    assert "were removed" not in page


def test_a_name_that_is_taken_already_is_said_beside_it(client: Client, remote: CollectionRemote) -> None:
    page = client.post("/new/remote/", GIVEN).content.decode()

    assert "Nothing was saved. See what is wrong beside the field." in page
    assert "There is one of that name already. Choose another." in page
