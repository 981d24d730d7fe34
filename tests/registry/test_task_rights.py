"""Who may stop a task, and read what it tells."""

from __future__ import annotations

import make
import pytest
from django.contrib.auth.models import AnonymousUser, Group
from pytest_django import DjangoAssertNumQueries

from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied
from cartwheel.registry.models import Role, RoleGrant, User
from cartwheel.registry.task_rights import (
    may_read_log,
    may_read_traceback,
    may_stop,
    require_stop,
    stoppable,
)

pytestmark = pytest.mark.django_db


def task(**details: object) -> Task:
    return Task.objects.create(name="some.task", **details)


def operator_role() -> Role:
    return Role.objects.create(name="operator", permissions=["core.change_task"])


def test_a_superuser_may_stop_everything(admin: User) -> None:
    made = task()

    assert may_stop(admin, made)
    assert stoppable(admin, [made.pk]) == {made.pk}


def test_asking_for_a_task_gives_no_right_to_stop_it(alice: User) -> None:
    mine = task(created_by=alice)

    assert not may_stop(alice, mine)
    assert stoppable(alice, [mine.pk]) == set()
    with pytest.raises(Denied, match=r"^You do not have permission to perform this action\.$"):
        require_stop(alice, mine)


def test_a_role_gives_the_right_everywhere(alice: User) -> None:
    made = task()
    RoleGrant.objects.create(role=operator_role(), user=alice)

    assert may_stop(alice, made)
    assert stoppable(alice, [made.pk]) == {made.pk}


def test_a_role_on_one_task_gives_the_right_for_that_one(alice: User, bob: User) -> None:
    mine, other = task(), task()
    friends = Group.objects.create(name="friends")
    bob.groups.add(friends)
    role = operator_role()
    RoleGrant.objects.create(role=role, user=alice, object_type="task", object_id=str(mine.pk))
    RoleGrant.objects.create(role=role, group=friends, object_type="task", object_id=str(other.pk))

    both = [mine.pk, other.pk]
    assert (stoppable(alice, both), stoppable(bob, both)) == ({mine.pk}, {other.pk})
    assert may_stop(alice, mine)
    assert not may_stop(alice, other)


def test_many_tasks_cost_no_more_statements(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tasks = [task().pk for _ in range(20)]

    with django_assert_num_queries(2):
        assert stoppable(alice, tasks) == set()


def test_nobody_in_particular_may_do_nothing() -> None:
    made, nobody = task(), AnonymousUser()

    assert stoppable(nobody, [made.pk]) == set()
    assert not may_read_log(nobody, made)
    assert not may_read_traceback(nobody)


def test_the_log_is_for_who_asked_and_for_operators(alice: User, bob: User, admin: User) -> None:
    made = task(created_by=alice)

    assert [may_read_log(each, made) for each in (alice, bob, admin)] == [True, False, True]


def test_the_traceback_is_for_superusers(alice: User, admin: User) -> None:
    assert may_read_traceback(admin)
    assert not may_read_traceback(alice)


def test_a_superuser_who_was_locked_out_may_nothing() -> None:
    gone = make.user("gone", is_superuser=True, is_active=False)

    assert not may_stop(gone, task())
    assert not may_read_traceback(gone)
