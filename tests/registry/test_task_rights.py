"""Who may see what of a task, and stop it."""

from __future__ import annotations

from dataclasses import replace

import make
import pytest
from django.contrib.auth.models import AnonymousUser, Group
from pytest_django import DjangoAssertNumQueries, Settings

from cartwheel.engine.models import Reservation, Task, TaskGroup
from cartwheel.kit.errors import Denied
from cartwheel.registry.models import CollectionImport, Role, RoleGrant, User
from cartwheel.registry.task_rights import (
    may_read_log,
    may_stop,
    require_stop,
    require_stop_all,
    stoppable,
    told_all,
    visible,
    visible_groups,
    visible_ids,
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


def test_one_may_stop_what_one_asked_for_and_nothing_of_others(alice: User, bob: User) -> None:
    mine = task(created_by=alice)

    assert (may_stop(alice, mine), may_stop(bob, mine)) == (True, False)
    assert stoppable(alice, [mine.pk]) == {mine.pk}
    assert stoppable(bob, [mine.pk]) == set()
    with pytest.raises(Denied, match=r"^You do not have permission to perform this action\.$"):
        require_stop(bob, mine)


def test_a_group_is_stopped_by_whoever_may_stop_each_task_in_it(alice: User, admin: User) -> None:
    ours, mine, empty = (TaskGroup.objects.create() for _ in range(3))
    task(created_by=alice, task_group=ours)
    task(task_group=ours)
    task(created_by=alice, task_group=mine)

    require_stop_all(alice, mine)
    require_stop_all(admin, ours)
    for group in (ours, empty):
        with pytest.raises(Denied):
            require_stop_all(alice, group)


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

    with django_assert_num_queries(3):
        assert stoppable(alice, tasks) == set()


def test_nobody_in_particular_may_do_nothing() -> None:
    made, nobody = task(), AnonymousUser()

    assert stoppable(nobody, [made.pk]) == set()
    assert not may_read_log(nobody, made)
    assert not may_stop(nobody, made)


def test_log_and_traceback_are_for_who_asked_and_for_operators(alice: User, bob: User, admin: User) -> None:
    made = task(created_by=alice)

    assert [may_read_log(each, made) for each in (alice, bob, admin)] == [True, False, True]


def grants(to: User, permission: str, **on: str) -> None:
    role = Role.objects.create(name=f"{permission} {on}", permissions=[permission])
    RoleGrant.objects.create(role=role, user=to, **on)


@pytest.mark.parametrize("before", ["", "shared:"])
def test_log_and_traceback_are_for_who_may_change_what_the_task_works_on(
    alice: User, bob: User, before: str
) -> None:
    mine, other = make.repository("mine"), make.repository("other")
    grants(alice, "ansible.change_ansiblerepository", object_type="repository", object_id=str(mine.pk))
    on_mine, on_other = (task(reserved_resources_record=[f"{before}{each.prn}"]) for each in (mine, other))

    assert (may_read_log(alice, on_mine), may_read_log(alice, on_other)) == (True, False)
    assert not may_read_log(bob, on_mine)


def test_who_may_change_all_repositories_reads_of_all_of_them(alice: User) -> None:
    grants(alice, "ansible.change_ansiblerepository")
    on_some = task(reserved_resources_record=[make.repository().prn])
    on_none = task(reserved_resources_record=[])

    assert (may_read_log(alice, on_some), may_read_log(alice, on_none)) == (True, False)


def test_seeing_a_repository_is_not_changing_it(alice: User) -> None:
    repository = make.repository()
    grants(alice, "ansible.view_ansiblerepository", object_type="repository", object_id=str(repository.pk))

    assert not may_read_log(alice, task(reserved_resources_record=[repository.prn]))


def test_who_may_change_a_namespace_reads_of_the_imports_into_it(alice: User, bob: User) -> None:
    acme = make.namespace("acme")
    grants(alice, "galaxy.change_namespace", object_type="namespace", object_id=str(acme.pk))
    into_acme, elsewhere = task(), task()
    CollectionImport.objects.create(task=into_acme, namespace="acme", name="tools", version="1.0.0")
    CollectionImport.objects.create(task=elsewhere, namespace="other", name="tools", version="1.0.0")

    assert (may_read_log(alice, into_acme), may_read_log(alice, elsewhere)) == (True, False)
    assert not may_read_log(bob, into_acme)


def test_what_is_told_of_many_tasks_costs_a_few_statements(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    grants(alice, "galaxy.change_namespace")
    tasks = [(task().pk, None, ["prn:ansible.ansiblerepository:1"]) for _ in range(20)]

    with django_assert_max_num_queries(3):
        assert told_all(alice, tasks) == set()


@pytest.fixture
def only_owners(settings: Settings) -> None:
    settings.CONFIG = replace(settings.CONFIG, tasks_visible_to="owners")


def test_everybody_knows_of_every_task(alice: User) -> None:
    made = task()

    assert list(visible(alice)) == [made]


@pytest.mark.usefixtures("only_owners")
def test_the_rest_is_hidden_if_the_hub_is_set_so(alice: User, bob: User, admin: User) -> None:
    repository, acme = make.repository(), make.namespace("acme")
    grants(alice, "ansible.change_ansiblerepository", object_type="repository", object_id=str(repository.pk))
    grants(alice, "galaxy.change_namespace", object_type="namespace", object_id=str(acme.pk))
    mine, on_mine, into_acme, granted, other = (task(created_by=each) for each in (alice, bob, bob, bob, bob))
    Reservation.objects.create(task=on_mine, resource=repository.prn, exclusive=True)
    CollectionImport.objects.create(task=into_acme, namespace="acme", name="tools", version="1.0.0")
    grants(alice, "core.view_task", object_type="task", object_id=str(granted.pk))

    assert set(visible(alice)) == {mine, on_mine, into_acme, granted}
    assert set(visible(bob)) == {on_mine, into_acme, granted, other}
    assert set(visible(admin)) == set(Task.objects.all())
    assert set(visible(AnonymousUser())) == set()
    assert visible_ids(alice.pk, [mine.pk, other.pk]) == {mine.pk}
    assert visible_ids(0, [mine.pk]) == set()


@pytest.mark.usefixtures("only_owners")
@pytest.mark.parametrize("permission", ["core.view_task", "core.change_task"])
def test_operators_and_auditors_see_all(alice: User, permission: str) -> None:
    made = task()
    grants(alice, permission)

    assert list(visible(alice)) == [made]
    assert may_read_log(alice, made) is (permission == "core.change_task")


@pytest.mark.usefixtures("only_owners")
def test_a_group_is_seen_by_whoever_sees_a_task_in_it(alice: User, bob: User, admin: User) -> None:
    group = TaskGroup.objects.create()
    task(created_by=alice, task_group=group)

    seen = [visible_groups(each).count() for each in (alice, bob, admin)]

    assert seen == [1, 0, 1]


def test_a_superuser_who_was_locked_out_may_nothing() -> None:
    gone = make.user("gone", is_superuser=True, is_active=False)

    made = task(created_by=gone)
    assert not may_stop(gone, made)
    assert not may_read_log(gone, made)
