"""What may be done with users, whoever asks for it: page, command or API."""

from __future__ import annotations

import make
import pytest

from cartwheel.kit.errors import Denied
from cartwheel.registry.models import User
from cartwheel.registry.people import (
    UserGone,
    UsernameTaken,
    change_user,
    create_user,
    find_groups,
    find_users,
)


def test_a_name_is_taken_also_by_who_was_made_at_the_same_moment(admin: User, alice: User) -> None:
    with pytest.raises(UsernameTaken, match=r"^A user with that username already exists\.$"):
        create_user({"username": "alice"}, by=admin)


def test_one_may_change_oneself_and_no_other(alice: User, bob: User) -> None:
    change_user(alice, {"first_name": "Alice"}, by=alice)

    with pytest.raises(Denied):
        change_user(bob, {"first_name": "Bobby"}, by=alice)
    assert User.objects.get(first_name="Alice") == alice


def test_who_was_locked_out_meanwhile_stays_so(alice: User, admin: User) -> None:
    as_it_was_read = User.objects.get(pk=alice.pk)
    change_user(alice, {"is_active": False, "password": "another-Secret-1"}, by=admin)

    change_user(as_it_was_read, {"first_name": "Alice"}, by=as_it_was_read)

    now = User.objects.get(pk=alice.pk)
    assert (now.first_name, now.is_active, now.check_password("another-Secret-1")) == ("Alice", False, True)


def test_who_was_deleted_meanwhile_does_not_come_back(alice: User) -> None:
    as_it_was_read = User.objects.get(pk=alice.pk)
    alice.delete()

    with pytest.raises(UserGone, match=r"^The user alice has just been deleted\.$"):
        change_user(as_it_was_read, {"first_name": "Alice"}, by=as_it_was_read)
    assert not User.objects.filter(username="alice").exists()


@pytest.mark.django_db
def test_many_are_found_by_id_or_name_in_the_order_in_which_they_are_named() -> None:
    ann, ben = make.user("ann"), make.user("ben")
    one, two = make.group("one"), make.group("two")

    users = find_users([{"username": "ben"}, {"id": ann.pk, "name": "ann", "colour": "red"}])
    groups = find_groups([{"id": str(two.pk)}, {"name": "one"}])

    assert users == [ben, ann]
    assert groups == [two, one]
