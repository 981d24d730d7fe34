"""What a child leaves behind when a task ends badly: nothing that keeps others waiting."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import make
import pytest
from django.db import connection, connections, transaction

from cartwheel.engine.begun import Begun
from cartwheel.engine.child import Child
from cartwheel.engine.errors import TaskCanceled, TaskTimeout
from cartwheel.engine.functions import Options, task
from cartwheel.engine.models import Resource
from cartwheel.engine.states import State
from cartwheel.engine.tokens import Tokens

alive: list[Any] = []  # cursors, as the frames of an exception keep them until they are collected
RAISED = {each.__name__: each for each in (TaskCanceled, TaskTimeout, ValueError)}


def half_begun() -> None:
    """Be where a signal may interrupt Django: a transaction has begun, of which it does not know yet."""
    for statement in (
        "BEGIN",
        "INSERT INTO engine_resource (name) VALUES ('half')",
        "SELECT 1 UNION ALL SELECT 2",  # of which nobody has read the rows
    ):
        cursor = connection.cursor()
        cursor.execute(statement)
        alive.append(cursor)


@task("tests.interrupted", title="")
def interrupted(name: str) -> None:
    half_begun()
    raise RAISED[name]


@task("tests.not_cleaned_up", title="", options=Options(clean_up=lambda: interrupted("ValueError")))
def not_cleaned_up() -> None:
    raise ValueError


@pytest.fixture
def child() -> Iterator[Child]:
    ours, theirs = socket.socketpair()
    tokens, begun = Tokens(), Begun(uuid4())
    yield Child(theirs, tokens, begun)
    tokens.close()
    begun.close()
    ours.close()
    theirs.close()
    alive.clear()


def perform(child: Child, name: str, *args: str) -> dict[str, Any]:
    made = make.task(name=name, args=list(args))
    message = {
        "task_id": str(made.pk),
        "claim": 1,
        "name": name,
        "args": list(args),
        "kwargs": {},
        "attempt": 1,
        "root": str(made.pk),
        "logging_cid": "",
        "created_by": None,
        "task_group": None,
        "work": "run",
        "error": None,
    }
    return child._perform(message)


def others_can_write() -> bool:
    """Over another connection, which does not wait."""
    other = connections.create_connection("default")
    if connection.vendor == "sqlite":
        other.settings_dict["OPTIONS"] = {**other.settings_dict["OPTIONS"], "timeout": 0}
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM engine_resource WHERE name = 'half'")
            is_half = cursor.fetchone()[0]
            cursor.execute("INSERT INTO engine_resource (name) VALUES ('half')")
        return not is_half
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "state"),
    [("TaskCanceled", State.CANCELED), ("TaskTimeout", State.FAILED), ("ValueError", State.FAILED)],
)
def test_an_interrupted_task_keeps_no_transaction_open(child: Child, name: str, state: State) -> None:
    outcome = perform(child, "tests.interrupted", name)

    assert outcome["state"] == state
    assert others_can_write()


@pytest.mark.django_db(transaction=True)
def test_nor_does_a_clean_up_that_fails(child: Child) -> None:
    outcome = perform(child, "tests.not_cleaned_up")

    assert outcome["state"] == State.FAILED
    assert others_can_write()


@pytest.mark.django_db(transaction=True)
def test_the_next_task_finds_a_connection_that_works(child: Child) -> None:
    perform(child, "tests.interrupted", "TaskCanceled")

    with transaction.atomic():
        Resource.objects.create(name="next")

    assert Resource.objects.filter(name="next").exists()
