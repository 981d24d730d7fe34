"""May this user do that to this object?"""

from __future__ import annotations

import make
import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from cartwheel.kit.errors import Denied
from cartwheel.registry.models import User
from cartwheel.registry.permissions import allows, permissions_by_object, require, require_superuser

CHANGE = "galaxy.change_namespace"


def test_a_role_everywhere_holds_on_every_object(alice: User, bob: User) -> None:
    make.grant(alice, CHANGE)
    acme = make.namespace("acme")

    assert allows(alice, CHANGE, acme)
    assert allows(alice, CHANGE)
    assert not allows(alice, "galaxy.delete_namespace", acme)
    assert not allows(bob, CHANGE, acme)


def test_a_role_of_a_group_is_its_members_while_they_are(alice: User) -> None:
    owners, acme = make.group("owners", alice), make.namespace("acme")
    make.grant(owners, CHANGE, on=acme)
    assert allows(alice, CHANGE, acme)

    alice.groups.remove(owners)

    assert not allows(alice, CHANGE, acme)


def test_superusers_may_do_everything_and_who_is_not_active_nothing(admin: User, alice: User) -> None:
    make.grant(alice, CHANGE)
    alice.is_active = admin.is_active = False

    assert not allows(alice, CHANGE)
    assert not allows(admin, CHANGE)
    admin.is_active = True
    assert allows(admin, "galaxy.whatever")


def test_a_refusal_tells_nothing_of_the_object(alice: User) -> None:
    with pytest.raises(Denied, match=r"^You do not have permission to perform this action\.$"):
        require(alice, CHANGE)
    with pytest.raises(Denied):
        require(AnonymousUser(), CHANGE)
    with pytest.raises(Denied):
        require_superuser(alice)


def test_all_objects_are_asked_for_at_once(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    acme, other = make.namespace("acme"), make.namespace("other")
    make.grant(alice, "galaxy.view_user")
    make.grant(alice, CHANGE, on=acme)
    make.grant(alice, CHANGE, on=other)

    with django_assert_num_queries(1):
        everywhere, on_object = permissions_by_object(alice, "namespace", object_ids=[str(acme.pk)])

    assert everywhere == {"galaxy.view_user"}
    assert on_object == {str(acme.pk): {CHANGE}}
