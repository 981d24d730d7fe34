"""What a hub has from the start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from pytest_django import DjangoAssertNumQueries
from workshop import Workshop, workshop

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


# Both have seen an empty hub before either fills it: each says that it is there and waits for the other.
START = """
import sys
from pathlib import Path
import django
django.setup()
from patience import eventually
from cartwheel.registry import bootstrap as module
mine, other = map(Path, sys.argv[1:])
fill = module._fill
def fill_together(hashed):
    mine.touch()
    eventually(other.exists, what="the other")
    return fill(hashed)
module._fill = fill_together
print(module.bootstrap(""))
"""
COUNT = """
import django
django.setup()
from cartwheel.registry.models import Repository, User
print(Repository.objects.count(), User.objects.count())
"""


def test_two_processes_may_start_at_the_same_time(tmp_path: Path) -> None:
    with workshop(tmp_path / "shop") as shop:
        places = [str(tmp_path / "one"), str(tmp_path / "two")]
        both = [python(shop, START, *order) for order in (places, places[::-1])]
        told = [each.communicate(timeout=2 * PATIENCE_SECONDS)[0].strip() for each in both]
        counted = python(shop, COUNT).communicate()[0].split()

    assert [each.returncode for each in both] == [0, 0]
    assert sorted(each == "None" for each in told) == [False, True]
    assert counted == [str(len(STOCK)), "1"]


def python(shop: Workshop, code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env=shop.environ, stdout=subprocess.PIPE, text=True)
