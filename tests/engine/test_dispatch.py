"""How tasks come to be."""

from __future__ import annotations

from typing import Any

import make
import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from cartwheel.engine import context
from cartwheel.engine.errors import BadArguments
from cartwheel.engine.functions import task, title_of
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Event, Task
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db


def test_a_task_without_resources_lacks_only_a_worker() -> None:
    made = make.task()

    assert made.state == "waiting"
    assert made.unblocked_at is not None
    assert made.reserved_resources_record == [f"shared:{HUB}"]


def test_no_task_without_its_change() -> None:
    def change() -> None:
        with transaction.atomic():
            make.task()
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        change()

    assert not Task.objects.exists()
    assert not Event.objects.exists()


def test_a_dispatch_costs_two_inserts(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        make.task()


def test_a_resource_costs_a_look_and_an_insert_more(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(2):
        make.task(exclusive=["r"])  # the first makes the resource's row, the second sees that it is there
    a_lock = 0 if connection.vendor == "sqlite" else 1  # SQLite's only writer needs none

    with django_assert_num_queries(4 + a_lock):
        make.task(exclusive=["r"])


def test_a_child_inherits_who_asked_and_the_correlation_id(alice: User) -> None:
    parent = make.task(by=alice, logging_cid="cid-of-the-request")

    with context.running(parent):
        child = make.task()

    assert child.parent_task == parent
    assert child.created_by == alice
    assert child.logging_cid == "cid-of-the-request"


def test_tasks_have_titles_for_people() -> None:
    @task("test.greet", title="Greet {name} {times} times")
    def greet(name: str, times: int = 2) -> None: ...

    assert title_of("test.greet", ["Ann"], {}) == "Greet Ann 2 times"
    assert title_of("test.greet", [], {"wrong": 1}) == "Greet {name} {times} times"
    assert title_of("test.unknown", [], {}) == ""


@pytest.mark.parametrize(
    "arguments", [{"args": [object()]}, {"args": [float("nan")]}, {"kwargs": {"text": "x" * 2_000_000}}]
)
def test_arguments_that_cannot_be_kept_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(BadArguments, match=r"^The arguments of a task (must be JSON|are \d+ bytes)"):
        make.task(**arguments)

    assert not Task.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_resources_need_a_name_of_sensible_length(name: str) -> None:
    with pytest.raises(BadArguments, match="is no resource"):
        make.task(exclusive=[name])
