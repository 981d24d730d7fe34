"""What a repository without anything in it offers."""

from __future__ import annotations

import make
from django.test import Client

from cartwheel.registry.models import CollectionRemote, User
from cartwheel.registry.repositories import change_contents


def test_an_empty_repository_offers_what_fills_it_to_who_may(client: Client, admin: User, bob: User) -> None:
    remote = CollectionRemote.objects.create(name="far", url="https://x.example.org/")
    make.repository("mine", remote=remote)

    offered = {each: _empty_box(client, each, "/repositories/mine/content/") for each in (admin, bob)}

    acts = ('href="/repositories/mine/sync/"', 'href="/repositories/mine/content/new/"')
    assert [[each in offered[user] for each in acts] for user in (admin, bob)] == [[True] * 2, [False] * 2]


def test_a_version_that_was_empty_is_not_to_be_filled(client: Client, admin: User) -> None:
    repository = make.repository("mine")
    change_contents(repository, remove=[make.placed(repository)])
    repository.refresh_from_db()

    box = _empty_box(client, admin, f"/repositories/mine/versions/{repository.latest_number}/")

    assert "It was empty" in box
    assert "Add versions" not in box


def _empty_box(client: Client, user: User, address: str) -> str:
    client.force_login(user)
    return client.get(address).content.decode().partition('class="empty"')[2].partition("</div>")[0]
