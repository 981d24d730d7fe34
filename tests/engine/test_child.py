"""What a child leaves behind when a task ends badly: nothing that keeps others waiting."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import make
import pytest
from django.db import OperationalError, connection, connections, transaction

from cartwheel.engine.away import DATABASE_AWAY
from cartwheel.engine.begun import Begun
from cartwheel.engine.child import MESSAGE_LIMIT, RESULT_LIMIT, Child, EndsWith, _describe, _ToSupervisor
from cartwheel.engine.errors import TaskCanceled, TaskTimeout
from cartwheel.engine.functions import Options, Retry, task
from cartwheel.engine.models import Resource, Task
from cartwheel.engine.packing import pack, unpack
from cartwheel.engine.scrubbing import keep_secret
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


RESULTS: dict[str, Any] = {
    "plain": {"a": [1, None, 0.5]},
    "a moment": datetime(2026, 11, 29, tzinfo=UTC),
    "large": 10**40,
    "an object": object(),
    "a set": {1, 2},
    "no number": float("nan"),
    "endless": float("inf"),
    "too many digits": 10**5000,
    "null": {"a\0": 1},
    "half": ["\ud800"],
    "too much": "x" * RESULT_LIMIT,
    "bytes": b"x",
}


@task("tests.gives")
def gives(what: str) -> Any:
    return RESULTS[what]


class Dumb(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@task("tests.dumb")
def dumb() -> None:
    raise Dumb


@task("tests.away", options=Options(retry=Retry(attempts=3, on=(ConnectionError,))))
def away(how: str = "") -> None:
    raise ValueError(how) if how else ConnectionError


@task("tests.asks", options=Options(repeatable=True))
def asks() -> None:
    raise OperationalError("server closed the connection")


@task("tests.asks_once")
def asks_once() -> None:
    raise OperationalError('connection to server at "10.0.0.7" failed')


cleaned_up: list[str] = []


@task("tests.untidy", options=Options(retry=Retry(), clean_up=lambda: cleaned_up.append("once")))
def untidy() -> None:
    raise ConnectionError


@task("tests.ends_with")
def ends_with(result: str) -> EndsWith:
    kept = {"plain": "x", "null": "\0", "no JSON": object(), "nothing": None}
    return EndsWith(Task(), kept[result])


@task("tests.asks_for_too_long")
def asks_for_too_long() -> str:
    """Passes over its time limit, and asks for something else over the same connection."""
    with connection.cursor() as cursor:
        with suppress(TaskTimeout):
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            cursor.execute("SELECT pg_sleep(600)")
        cursor.execute("SELECT 'still here'")
        found: str = cursor.fetchone()[0]
    return found


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


def perform(child: Child, name: str, *args: str, attempt: int = 1) -> dict[str, Any]:
    made = make.task(name=name, args=list(args))
    message = {
        "task_id": str(made.pk),
        "claim": 1,
        "name": name,
        "args": list(args),
        "kwargs": {},
        "attempt": attempt,
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
        # Of its own: the dictionary is that of all connections that this process will ever open.
        other.settings_dict = deepcopy(other.settings_dict)
        other.settings_dict["OPTIONS"]["timeout"] = 0
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


# -- how it ends ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("what", RESULTS)
def test_a_result_is_kept_or_the_task_says_why_not(child: Child, what: str) -> None:
    outcome = perform(child, "tests.gives", what)

    if what in ("plain", "a moment", "large"):
        assert outcome["state"] == State.COMPLETED
        assert unpack(pack(outcome))["result"] is not None
    else:
        assert outcome["state"] == State.FAILED
        assert outcome["error"]["description"].startswith("The task's result ")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a\0b \ud800", "a?b ?"),
        ("x" * 20_000, "x" * MESSAGE_LIMIT),
        ("one\ntwo \x1b[31m", "one\ntwo \x1b[31m"),
        ("the password is hunter22", "the password is ***"),
    ],
)
def test_what_a_task_logs_or_raises_is_made_fit_to_be_kept(said: str, kept: str) -> None:
    ours, theirs = socket.socketpair()
    tokens, begun = Tokens(), Begun(uuid4())
    child = Child(theirs, tokens, begun)
    keep_secret("hunter22")

    _ToSupervisor(child).emit(logging.LogRecord("x", logging.INFO, "x", 1, said, None, None))
    line = unpack(ours.recv(1_000_000))["log"]
    error = _describe(ValueError(said))

    assert line[1:] == ["INFO", kept]
    assert error["description"] == error["reason"] == kept
    for each in (ours, theirs, tokens, begun):
        each.close()


@pytest.mark.django_db
def test_an_error_without_words_is_told_by_its_name(child: Child) -> None:
    outcome = perform(child, "tests.dumb")

    assert (outcome["state"], outcome["error"]["description"]) == (State.FAILED, "Dumb")


@pytest.mark.django_db
@pytest.mark.parametrize(("attempt", "again"), [(1, True), (2, True), (3, False)])
def test_what_failed_in_a_way_that_is_tried_again_says_when_but_for_the_last_time(
    child: Child, attempt: int, again: bool
) -> None:
    outcome = perform(child, "tests.away", attempt=attempt)

    assert outcome["state"] == State.FAILED
    assert ("retry_seconds" in outcome) == again


@pytest.mark.django_db
@pytest.mark.parametrize(("attempt", "again"), [(1, True), (2, True), (3, False)])
def test_what_may_be_repeated_is_when_the_database_went_away(child: Child, attempt: int, again: bool) -> None:
    outcome = perform(child, "tests.asks", attempt=attempt)

    assert outcome["state"] == State.FAILED
    assert ("retry_seconds" in outcome) == again


@pytest.mark.django_db
def test_what_must_not_be_repeated_says_that_the_database_went_away_but_not_where_it_is(child: Child) -> None:
    outcome = perform(child, "tests.asks_once")

    assert "retry_seconds" not in outcome
    assert outcome["error"]["description"] == DATABASE_AWAY


@pytest.mark.django_db
def test_one_that_is_tried_again_is_cleaned_up_after_before(child: Child) -> None:
    """It may be stopped while it waits."""
    assert cleaned_up == []

    outcome = perform(child, "tests.untidy")

    assert "retry_seconds" in outcome
    assert cleaned_up == ["once"]


@pytest.mark.django_db
def test_another_failure_is_final(child: Child) -> None:
    assert "retry_seconds" not in perform(child, "tests.away", "at all")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("plain", State.RUNNING),
        ("nothing", State.RUNNING),
        ("null", State.FAILED),
        ("no JSON", State.FAILED),
    ],
)
def test_the_result_of_one_that_ends_with_another_must_be_kept_too(
    child: Child, result: str, state: State
) -> None:
    outcome = perform(child, "tests.ends_with", result)

    assert outcome["state"] == state
    assert ("ends_with" in outcome) == (state == State.RUNNING)


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite's statements are no one else's to end"
)
@pytest.mark.django_db(transaction=True)
def test_a_time_limit_ends_the_statement_that_a_task_waits_for_and_no_more(child: Child) -> None:
    child._can_stop = True
    before = signal.signal(signal.SIGALRM, child._time_out)
    try:
        outcome = perform(child, "tests.asks_for_too_long")
    finally:
        signal.signal(signal.SIGALRM, before)

    assert (outcome["state"], outcome.get("result")) == (State.COMPLETED, "still here"), outcome
