"""Lengths of lists: exact, unless they are long and were counted lately."""

from __future__ import annotations

from collections import OrderedDict

import make
import pytest
from django.db.models import QuerySet

from cartwheel.registry import counting
from cartwheel.registry.counting import counted, counted_lately, remembered, stamps
from cartwheel.registry.models import Repository, RepositoryContent, User

pytestmark = pytest.mark.django_db


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(counting, "monotonic", made)
    # What other tests have counted holds until a time of the real clock, which is far ahead of this one.
    monkeypatch.setattr(counting, "_known", OrderedDict())
    return made


def test_the_length_of_a_short_list_is_always_exact() -> None:
    make.user("alice")
    assert counted_lately(User.objects.all()) == 1

    make.user("bob")

    assert counted_lately(User.objects.all()) == 2
    assert counted_lately(User.objects.none()) == 0


def test_the_length_of_a_long_list_may_be_that_of_a_second_ago(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LONG", 0)
    make.user("alice")
    assert counted_lately(User.objects.order_by("username")) == 1
    make.user("bob")
    clock.now += 0.9
    assert counted_lately(User.objects.order_by("-username")) == 1
    assert counted_lately(User.objects.filter(username="bob")) == 1

    clock.now += 0.2

    assert counted_lately(User.objects.order_by("username")) == 2


def test_what_was_only_lately_true_of_repositories_is_not_kept(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LONG", 0)
    published = make.served()
    rows: QuerySet[RepositoryContent] = RepositoryContent.objects.filter(removed=None)

    def length() -> int:
        return counted(rows, stamps(Repository.objects.filter(pk=published.pk)))

    make.placed(published, "acme.one")
    assert length() == 1
    make.placed(published, "acme.two")
    assert length() == 1

    clock.now += 1.1

    assert length() == 2


@pytest.mark.parametrize(("seconds", "pause"), [(0.001, 1), (0.1, 5), (60, 10)])
def test_what_takes_long_is_found_again_the_more_seldom(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, seconds: float, pause: float
) -> None:
    monkeypatch.setattr(counting, "LONG", 0)
    made = []

    def make() -> int:
        clock.now += seconds
        made.append(clock.now)
        return 1

    def times() -> int:
        remembered(("dear", seconds), make, size=int)
        return len(made)

    assert times() == 1
    clock.now = made[0] + pause - 0.01
    assert times() == 1
    clock.now = made[0] + pause + 0.01

    assert times() == 2
