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


def test_what_keeps_a_namespace_is_named_as_far_as_one_may_see_it(client: Client, bob: User) -> None:
    acme = make.namespace("acme")
    make.placed(make.repository("one"))
    make.placed(make.repository("hush", private=True), "acme.covert")
    make.grant(bob, "galaxy.delete_namespace", on=acme)
    client.force_login(bob)

    told = client.get("/namespaces/acme/deletion/").content.decode()

    assert "acme.tools" in told
    assert "1 collection that you may not see" in told
    assert "covert" not in told
