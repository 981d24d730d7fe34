"""The question before a collection or a version of it is deleted."""

from __future__ import annotations

import make
from django.test import Client

from cartwheel.registry.models import User

ABOUT = "/collections/one/acme/base/deletion/"


def test_who_needs_a_version_that_another_cannot_stand_in_for_is_named(client: Client, admin: User) -> None:
    one = make.served("one")
    make.placed(one, "acme.base", "1.0.0")
    make.placed(one, "acme.base", "2.0.0")
    make.placed(one, "acme.dep", dependencies={"acme.base": ">=2.0.0"})
    client.force_login(admin)

    told = {
        query: "acme.dep 1.0.0" in client.get(f"{ABOUT}{query}").content.decode()
        for query in ("", "?version=1.0.0", "?version=2.0.0")
    }

    assert told == {"": True, "?version=1.0.0": False, "?version=2.0.0": True}
