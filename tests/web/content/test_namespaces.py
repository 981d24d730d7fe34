"""The list of namespaces."""

from __future__ import annotations

import make
from django.test import Client

from cartwheel.registry.models import User
from cartwheel.registry.repositories import change_contents


def test_a_namespace_has_as_many_collections_as_one_finds_there(client: Client, bob: User) -> None:
    tools = make.placed(make.repository("one"))
    change_contents(make.repository("two"), add=[tools])
    make.placed(make.repository("one"), "acme.apes")
    make.placed(make.repository("hush", private=True), "acme.hush")
    make.namespace("acme")
    client.force_login(bob)

    assert b"<span>2 collections</span>" in client.get("/namespaces/").content
