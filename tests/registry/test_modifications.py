"""What is in a repository changes by tasks: versions are added, removed, copied and moved."""

from __future__ import annotations

from collections.abc import Callable

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied
from cartwheel.registry.contents import (
    MODIFY,
    Modification,
    NotHere,
    copy_several,
    known_versions,
    modify,
    move_several,
)
from cartwheel.registry.models import Repository, User
from cartwheel.registry.repositories import add_and_remove, change_contents, contents


@pytest.fixture
def published(db: None) -> Repository:
    return make.served("published")


@pytest.fixture
def other(published: Repository) -> Repository:
    return make.repository("other")


def test_versions_are_added_and_removed_in_one_step(published: Repository, admin: User) -> None:
    old, new = make.placed(published, number="1.0.0"), make.version(number="1.0.1")

    task = make.perform(modify(published, Modification(add=[new.pk], remove=[old.pk]), by=admin))

    assert list(contents(published)) == [new]
    assert [each.path for each in task.created_resources.all()] == [f"{published.path}versions/2/"]


def test_everything_can_be_removed_at_once(published: Repository, admin: User) -> None:
    make.placed(published, number="1.0.0")
    new = make.version(number="1.0.1")

    make.perform(modify(published, Modification(add=[new.pk], remove_all=True), by=admin))

    assert list(contents(published)) == [new]


def test_a_change_of_nothing_makes_no_version(published: Repository, admin: User) -> None:
    task = make.perform(modify(published, Modification(), by=admin))

    assert not task.created_resources.exists()


def test_only_who_may_modify_a_repository_does(published: Repository, alice: User, bob: User) -> None:
    make.grant(alice, MODIFY, on=published)

    modify(published, Modification(), by=alice)
    with pytest.raises(Denied):
        modify(published, Modification(), by=bob)


def test_a_copy_stays_where_it_was(published: Repository, other: Repository, admin: User) -> None:
    tools = make.placed(published)

    task = make.perform(copy_several(published, [tools.pk], [other], by=admin))

    assert (list(contents(published)), list(contents(other))) == ([tools], [tools])
    names = task.reserved_resources_record or []
    assert names[:2] == [other.prn, f"shared:{published.prn}"]


def test_what_is_moved_leaves_where_it_was(published: Repository, other: Repository, admin: User) -> None:
    tools = make.placed(published)

    task = make.perform(move_several(published, [tools.pk], [other], by=admin))

    assert (list(contents(published)), list(contents(other))) == ([], [tools])
    assert set(task.reserved_resources_record or []) >= {published.prn, other.prn}


@pytest.mark.parametrize("act", [copy_several, move_several])
def test_what_is_not_there_goes_nowhere(
    act: Callable[..., Task], published: Repository, other: Repository, admin: User
) -> None:
    tools = make.version()

    with pytest.raises(NotHere, match=rf"^These are not in published: {tools.pk}\.$"):
        act(published, [tools.pk], [other], by=admin)


@pytest.mark.parametrize("act", [copy_several, move_several])
def test_nobody_puts_into_a_repository_what_they_may_not_change(
    act: Callable[..., Task], published: Repository, other: Repository, alice: User
) -> None:
    tools = make.placed(published)
    make.grant(alice, MODIFY, on=published)

    with pytest.raises(Denied):
        act(published, [tools.pk], [other], by=alice)


def test_nobody_copies_out_of_what_they_may_not_see(other: Repository, alice: User) -> None:
    secret = make.repository("secret", private=True)
    tools = make.placed(secret)
    make.grant(alice, MODIFY, on=other)

    with pytest.raises(Denied):
        copy_several(secret, [tools.pk], [other], by=alice)


def test_people_know_of_what_is_or_was_in_what_they_may_read(
    published: Repository, alice: User, admin: User
) -> None:
    secret = make.repository("secret", private=True)
    hidden = make.placed(secret, "acme.hidden")
    orphan = make.version("acme.orphan")
    gone, here = make.placed(published, number="1.0.0"), make.placed(published, number="1.0.1")
    change_contents(published, remove=[gone])

    assert set(known_versions(alice)) == {gone, here}
    assert set(known_versions(admin)) == {gone, here, hidden, orphan}


def test_adding_and_removing_one_version_does_not_read_what_else_is_there(published: Repository) -> None:
    make.placed(published, "acme.old")
    tools = make.version("acme.tools")

    with CaptureQueriesContext(connection) as captured:
        add_and_remove(str(published.pk), [str(tools.pk)], [])
        add_and_remove(str(published.pk), [], [str(tools.pk)])

    read = [each["sql"] or "" for each in captured.captured_queries]
    placements = [each for each in read if 'FROM "registry_repositorycontent"' in each]
    assert placements
    assert [each for each in placements if " IN (" not in each] == []
    assert [str(each) for each in contents(published)] == ["acme.old 1.0.0"]
