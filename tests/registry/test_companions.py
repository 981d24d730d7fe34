"""What is said of versions goes with them into another repository, and stays in none that they have left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import make
import pytest

from cartwheel.engine.models import Task
from cartwheel.registry.approval import auto_approve
from cartwheel.registry.contents import copy_several, move_several
from cartwheel.registry.models import CollectionVersion, Mark, Repository, User
from cartwheel.registry.moves import Route, copy, move
from cartwheel.registry.repositories import change_contents

pytestmark = pytest.mark.django_db

ACTS: dict[str, Callable[[Repository, Repository, CollectionVersion, User], Task]] = {
    "a move": lambda source, into, version, by: move(Route(version, source, into), by=by),
    "a copy": lambda source, into, version, by: copy(Route(version, source, into), by=by),
    "a move of several": lambda source, into, version, by: move_several(source, [version.pk], [into], by=by),
    "a copy of several": lambda source, into, version, by: copy_several(source, [version.pk], [into], by=by),
    "an approval": lambda source, into, version, by: auto_approve.dispatch(
        str(version.pk), str(source.pk), str(into.pk)
    ),
}


def spoken_of(name: str = "staging") -> tuple[Repository, CollectionVersion]:
    """A repository that says something of the version that is in it, and of its namespace."""
    repository = make.served(name)
    version = make.placed(repository)
    change_contents(repository, deprecate=[version.collection])
    Mark.objects.create(repository=repository, collection_version=version, value="tested")
    make.namespace("acme").published_in.add(repository)
    return repository, version


def said(repository: Repository) -> tuple[Any, ...]:
    """Its deprecations, marks and namespaces."""
    return (
        [str(each.collection) for each in repository.deprecations.all()],
        [str(each) for each in repository.marks.all()],
        [each.name for each in repository.published_namespaces.all()],
    )


ALL = (["acme.tools"], ["tested on acme.tools 1.0.0"], ["acme"])
NOTHING: tuple[Any, ...] = ([], [], [])


@pytest.mark.parametrize("act", ACTS)
def test_what_is_said_of_versions_goes_with_them(admin: User, act: str) -> None:
    staging, tools = spoken_of()
    published = make.served("published")

    make.perform(ACTS[act](staging, published, tools, admin))

    assert said(published) == ALL
    assert published.contents.get(removed=None).is_deprecated
    assert said(staging) == (ALL if "copy" in act else NOTHING)


def test_what_is_said_of_others_does_not_go_along(admin: User) -> None:
    staging, _ = spoken_of()
    other, published = make.placed(staging, "other.apes"), make.served("published")

    make.perform(copy(Route(other, staging, published), by=admin))

    assert said(published) == NOTHING


def test_nothing_is_said_of_what_has_left() -> None:
    staging, tools = spoken_of()
    newer = make.placed(staging, number="2.0.0")
    other = make.placed(staging, "acme.apes")

    seen = []
    for leaving in (tools, newer, other):
        change_contents(staging, remove=[leaving])
        seen.append(said(staging))

    assert seen == [(["acme.tools"], [], ["acme"]), ([], [], ["acme"]), NOTHING]


def test_what_comes_back_is_not_deprecated_any_more() -> None:
    staging, tools = spoken_of()

    change_contents(staging, remove=[tools])
    change_contents(staging, add=[tools])

    assert not staging.contents.get(removed=None).is_deprecated
