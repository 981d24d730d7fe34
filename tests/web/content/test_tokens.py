"""A token that somebody else takes away."""

from __future__ import annotations

import make
from django.test import Client

from cartwheel.registry.credentials import renew_token, user_by_token
from cartwheel.registry.models import User


def test_who_may_change_a_user_takes_the_token_away(client: Client, admin: User, bob: User) -> None:
    key = renew_token(bob)
    page = f"/users/{bob.pk}/"
    client.force_login(admin)
    offered = client.get(page).content.decode()

    client.post(f"{page}token/")

    assert f'href="{page}token/"' in offered
    assert "/token/" not in client.get(page).content.decode().partition('class="facts')[2]
    assert user_by_token(key) is None


def test_nobody_but_superusers_takes_that_of_one(client: Client, admin: User, bob: User) -> None:
    make.grant(bob, "galaxy.view_user", "galaxy.change_user")
    key = renew_token(admin)
    client.force_login(bob)

    answer = client.post(f"/users/{admin.pk}/token/")

    assert answer.status_code == 403
    assert user_by_token(key) == admin
