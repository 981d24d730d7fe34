"""Tasks that the request which asks for them runs itself."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import make
import pytest
from django.db import connection, transaction
from patience import PATIENCE_SECONDS

from cartwheel.engine import holding, immediate, pausing
from cartwheel.engine.claims import claim
from cartwheel.engine.functions import Call, task
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Pause, Task, TaskGroup
from cartwheel.kit.errors import Conflict
from cartwheel.registry.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alarm")]

SOON = 0.2  # seconds that a task may take here


@pytest.fixture
def alarm() -> Iterator[None]:
    """Fails a test that would never end."""

    def fail(*_: object) -> None:
        raise AssertionError("It does not go on.")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(PATIENCE_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@task("test.shelve", title="Shelve {name}")
def shelve(name: str, then: str = "return") -> str:
    """Makes a group of that name; what it does `then` may go wrong."""
    TaskGroup.objects.create(description=name)
    _DOES[then]()
    return f"shelved {name}"


def refuse() -> None:
    raise Conflict("There is no such shelf.")


def break_down() -> None:
    raise ZeroDivisionError("of a shelf")


def compute() -> None:
    while True:
        pass


def compute_in_a_transaction_of_its_own() -> None:
    with transaction.atomic():
        TaskGroup.objects.create(description="inner")
        compute()


def compute_and_pass_over_all_errors() -> None:
    while True:
        with suppress(Exception):
            compute()


def ask_for_what_takes_long() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_sleep(600)")
        else:
            cursor.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000000)"
                " SELECT count(*) FROM n"
            )


_DOES: dict[str, Callable[[], object]] = {
    "return": lambda: None,
    "refuse": refuse,
    "break down": break_down,
    "compute": compute,
    "compute in a transaction": compute_in_a_transaction_of_its_own,
    "pass over errors": compute_and_pass_over_all_errors,
    "ask": ask_for_what_takes_long,
}


def ordered(then: str = "return") -> Task:
    made = shelve.dispatch("maps", then, call=Call(exclusive=["shelf"], immediate=True))
    made.refresh_from_db()
    return made


def shelved() -> list[str]:
    return list(TaskGroup.objects.values_list("description", flat=True))


def test_it_has_ended_when_it_is_dispatched() -> None:
    made = ordered()

    assert (made.state, made.result, shelved()) == ("completed", "shelved maps", ["maps"])
    assert made.started_at is not None
    assert made.finished_at is not None
    assert made.created_at <= made.started_at <= made.finished_at


def test_it_holds_nothing_any_more() -> None:
    ordered()

    assert make.task(exclusive=["shelf"]).unblocked_at is not None


def test_an_answer_to_what_was_asked_for_ends_it_and_undoes_the_rest() -> None:
    made = ordered("refuse")

    assert (made.state, shelved()) == ("failed", [])
    assert made.error is not None
    assert made.error["description"] == "There is no such shelf."


@pytest.mark.parametrize("holder", ["waiting", "running"])
def test_it_stands_in_line_where_somebody_else_has_what_it_needs(holder: str) -> None:
    make.task(exclusive=["shelf"])
    if holder == "running":
        assert claim({make.worker().pk: 1})

    made = ordered()

    assert (made.state, made.unblocked_at, shelved()) == ("waiting", None, [])


def test_it_waits_while_the_hub_is_paused(admin: User) -> None:
    pausing.pause(Pause.Scope.HUB, by=admin)

    made = ordered()

    assert (made.state, shelved()) == ("waiting", [])


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_it_waits_for_one_who_has_just_got_the_hub_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    look = holding.look

    def look_too_early() -> holding.Brakes:
        found = look()
        make.task(exclusive=[HUB])
        return found

    monkeypatch.setattr(holding, "look", look_too_early)

    assert (ordered().state, shelved()) == ("waiting", [])


def test_what_is_a_fault_of_its_own_is_undone_and_left_to_a_worker() -> None:
    made = ordered("break down")

    assert (made.state, made.claim, made.started_at, shelved()) == ("waiting", 0, None, [])
    assert made.unblocked_at is not None  # it has its places all the time


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(immediate, "IMMEDIATE_SECONDS", SOON)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("then", ["compute", "compute in a transaction", "pass over errors", "ask"])
def test_what_takes_too_long_is_undone_and_left_to_a_worker(then: str) -> None:
    made = ordered(then)

    assert (made.state, shelved()) == ("waiting", [])
    assert [each.task_id for each in claim({make.worker().pk: 1})] == [made.pk]


@pytest.mark.usefixtures("impatient")
def test_one_that_ends_just_as_its_time_is_up_leaves_its_thread_a_connection_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cancel = threading.Timer.cancel

    def cancel_too_late(timer: threading.Timer) -> None:
        monkeypatch.setattr(threading.Timer, "cancel", cancel)
        if not isinstance(sys.exc_info()[1], immediate.TooLong):  # which has come before on a busy machine
            compute()

    monkeypatch.setattr(threading.Timer, "cancel", cancel_too_late)

    made = ordered()

    assert (made.state, shelved()) == ("waiting", [])
    assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())


def test_one_that_was_quick_enough_leaves_no_trace_in_its_thread() -> None:
    """An exception that is asked for and taken back stays a question at every call, and stops a profiler for good."""
    ordered()
    seen: list[str] = []
    before = sys.getprofile()

    sys.setprofile(lambda frame, event, _: seen.append(event))
    shelved()
    sys.setprofile(before)

    assert "call" in seen
