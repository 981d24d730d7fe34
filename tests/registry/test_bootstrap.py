"""What a hub has from the start."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from patience import PATIENCE_SECONDS
from pytest_django import DjangoAssertNumQueries

from cartwheel.registry import bootstrap as module
from cartwheel.registry.bootstrap import bootstrap
from cartwheel.registry.models import Distribution, Repository, RepositoryVersion, Role, User
from cartwheel.registry.repositories import STOCK


@pytest.mark.django_db
def test_a_new_hub_has_its_repositories_each_served_under_its_name() -> None:
    bootstrap("secret")

    made = Repository.objects.order_by("created_at")
    assert [each.name for each in made] == [
        "staging",
        "rejected",
        "published",
        "community",
        "rh-certified",
        "validated",
    ]
    assert {each.name: each.labels for each in made} == STOCK
    assert {each.repository_id for each in RepositoryVersion.objects.filter(number=0)} == {
        each.pk for each in made
    }
    assert {(each.name, each.base_path) for each in Distribution.objects.all()} == {
        (name, name) for name in STOCK
    }


@pytest.mark.django_db
def test_admin_gets_the_password_that_was_set() -> None:
    told = bootstrap("secret")

    admin = User.objects.get()
    assert told is None
    assert admin.check_password("secret")
    assert (admin.username, admin.email, admin.is_superuser) == ("admin", "admin@example.com", True)


@pytest.mark.django_db
def test_without_a_password_one_is_generated_and_told_once() -> None:
    told = bootstrap("")

    assert told
    assert User.objects.get().check_password(told)
    assert bootstrap("") is None


@pytest.mark.django_db
def test_the_second_start_takes_two_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    bootstrap("secret")

    with django_assert_num_queries(2):
        bootstrap("another")

    assert User.objects.get().check_password("secret")


@pytest.mark.django_db
def test_what_was_deleted_stays_deleted() -> None:
    bootstrap("secret")
    Repository.objects.filter(name="community").delete()

    bootstrap("secret")

    assert not Repository.objects.filter(name="community").exists()


@pytest.mark.django_db
def test_locked_roles_are_there_and_are_mended() -> None:
    bootstrap("secret")
    Role.objects.filter(name="galaxy.task_admin").update(permissions=[])
    Role.objects.filter(name="galaxy.auditor").delete()

    bootstrap("secret")

    assert Role.objects.filter(name__contains="galaxy.", locked=True).count() == 16
    assert Role.objects.get(name="galaxy.task_admin").permissions == [
        "core.change_task",
        "core.delete_task",
        "core.view_task",
    ]
    assert Role.objects.get(name="galaxy.auditor").permissions == [
        "ansible.view_ansiblerepository",
        "ansible.view_collectionremote",
        "core.view_task",
        "galaxy.view_group",
        "galaxy.view_user",
    ]


@pytest.fixture
def both_find_it_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes have both seen an empty hub before either fills it."""
    meeting = threading.Barrier(2, timeout=2 * PATIENCE_SECONDS)  # one may have to wait for a lock before
    fill = module._fill

    def fill_together(hashed: str) -> bool:
        meeting.wait()
        return fill(hashed)

    monkeypatch.setattr(module, "_fill", fill_together)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("both_find_it_empty")
def test_two_processes_may_start_at_the_same_time() -> None:
    told: list[str | None] = []

    def start() -> None:
        try:
            told.append(bootstrap(""))
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(told) == 2
    assert [each for each in told if each] != []
    assert told.count(None) == 1
    assert Repository.objects.count() == len(STOCK)
    assert User.objects.count() == 1
