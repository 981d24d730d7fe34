"""Tasks are sent ahead to a child, and can be taken back until it begins them: one of the two has each."""

from __future__ import annotations

import json
import selectors
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from cartwheel.engine import hand as hands
from cartwheel.engine.begun import Begun
from cartwheel.engine.child import STOP_SIGNAL, TIMEOUT_SIGNAL, Child
from cartwheel.engine.claims import Claimed
from cartwheel.engine.crew import Crew
from cartwheel.engine.functions import Options, task
from cartwheel.engine.hand import Hand
from cartwheel.engine.line import Line
from cartwheel.engine.rules import HOLD_SECONDS
from cartwheel.engine.supervisor import Supervisor
from cartwheel.engine.tokens import Tokens


class Both:
    """A supervisor's end and the child's, in one process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        theirs.settimeout(0)
        self.selector, self.tokens, self.begun = selectors.DefaultSelector(), Tokens(), Begun(uuid4())
        self.hand = Hand(0, 0, Line(ours, self.selector, 0), self.tokens, self.begun, uuid4(), 0)
        self.child, self._theirs, self._unread = Child(theirs, self.tokens, self.begun), theirs, b""

    def begins(self) -> UUID | None:
        """The child looks at the messages that it has been sent, until it may begin with one."""
        with suppress(BlockingIOError):
            self._unread += self._theirs.recv(1_000_000)
        while self._unread:
            line, _, self._unread = self._unread.partition(b"\n")
            message = json.loads(line)
            if self.child._may_begin(message["number"]):
                return UUID(message["task_id"])
        return None

    def says(self, message: str) -> None:
        self._theirs.sendall(message.encode() + b"\n")

    def close(self) -> None:
        self.hand.line.hang_up()
        self.hand.line.close()
        self._theirs.close()
        self.tokens.close()
        self.begun.close()
        self.selector.close()


@pytest.fixture
def both() -> Iterator[Both]:
    made = Both()
    yield made
    made.close()


def claimed(count: int, name: str = "os.getpid") -> list[Claimed]:
    return [Claimed(uuid4(), 1, uuid4(), name, [], {}) for _ in range(count)]


def ids(tasks: list[Claimed]) -> list[UUID]:
    return [each.task_id for each in tasks]


def test_a_child_begins_with_one_task_after_the_other_without_being_asked(both: Both) -> None:
    tasks = claimed(3)

    both.hand.give(tasks)

    assert [both.begins() for _ in tasks] == ids(tasks)
    assert both.begins() is None


def test_what_has_begun_stays_and_the_rest_is_taken_back_in_order(both: Both) -> None:
    tasks = claimed(3)
    both.hand.give(tasks)
    both.begins()

    back = both.hand.take_back()

    assert back == tasks[1:]
    assert list(both.hand.tasks) == tasks[:1]
    assert both.begins() is None


def test_what_was_taken_back_is_not_begun_when_more_is_given(both: Both) -> None:
    before, after = claimed(3), claimed(2)
    both.hand.give(before)
    both.hand.take_back()

    both.hand.give(after)

    assert [both.begins(), both.begins()] == ids(after)
    assert both.begins() is None


def test_a_child_that_passes_over_what_was_taken_back_has_the_next_one_already(both: Both) -> None:
    before, after = claimed(2), claimed(1)
    both.hand.give(before)
    both.hand.take_back()
    both.hand.give(after)
    assert not both.child._may_begin(0)

    assert both.hand.take_back() == []
    assert not both.child._may_begin(1)
    assert both.child._may_begin(2)


def test_each_token_is_got_once_however_many_take_at_the_same_time() -> None:
    tokens, count = Tokens(), 3000
    taken: list[int] = []
    is_over = threading.Event()

    def be_child() -> None:
        while not is_over.is_set():
            if (number := tokens.take()) is not None:
                taken.append(number)

    child = threading.Thread(target=be_child)
    child.start()
    back = 0
    for first in range(0, count, 10):
        tokens.put(range(first, first + 10))
        back += tokens.take_all()
    is_over.set()
    child.join()

    assert len(taken) + back + tokens.take_all() == count
    assert taken == sorted(set(taken))
    tokens.close()


# -- what a supervisor does with it -----------------------------------------------------------------


class Signals(list[object]):
    """A supervisor with one child, and the signals that it has sent it."""

    def __init__(self, both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
        self.supervisor = Supervisor(1)
        self.supervisor._crew = Crew(uuid4(), both.selector)
        self.supervisor._crew._hands[0] = both.hand
        monkeypatch.setattr(Hand, "signal", lambda _, sign: self.append(sign))


@pytest.fixture(autouse=True)
def nothing_takes_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """But what a test says: how long a task has been running."""
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)


@pytest.fixture
def signals(both: Both, monkeypatch: pytest.MonkeyPatch) -> Signals:
    return Signals(both, monkeypatch)


def test_a_task_is_asked_to_stop_once_nothing_else_can_be_met(both: Both, signals: Signals) -> None:
    first, second = claimed(2)
    both.hand.give([first, second])
    both.begins()

    signals.supervisor._stop(both.hand, first.task_id, 1)

    assert signals == [STOP_SIGNAL]
    assert both.begins() is None
    assert signals.supervisor._unwritten.to_give_back == [second]


def test_a_stop_that_comes_too_late_does_not_meet_the_task_behind(both: Both, signals: Signals) -> None:
    first, second = claimed(2)
    both.hand.give([first, second])
    both.begins()
    both.begins()  # the first has ended; its end is on the line

    signals.supervisor._stop(both.hand, first.task_id, 1)

    assert signals == []
    assert signals.supervisor._look_for_stops


def test_what_stands_behind_a_long_task_is_given_back(both: Both, signals: Signals) -> None:
    first, second = claimed(2)
    both.hand.give([first, second])
    both.begins()
    both.hand.began_at -= HOLD_SECONDS

    signals.supervisor._mind_limits()

    assert signals.supervisor._unwritten.to_give_back == [second]
    assert list(both.hand.tasks) == [first]


def test_a_child_that_is_slow_to_begin_keeps_its_first_task(both: Both, signals: Signals) -> None:
    first, second = claimed(2)
    both.hand.give([first, second])
    both.hand.began_at -= HOLD_SECONDS

    signals.supervisor._mind_limits()

    assert signals.supervisor._unwritten.to_give_back == [second]
    assert both.begins() == first.task_id
    assert both.begins() is None


def test_nothing_is_sent_behind_a_task_that_takes_its_time(both: Both, signals: Signals) -> None:
    signals.supervisor._may_be_more = True
    signals.supervisor._usual_seconds = 0.0001
    both.hand.give(claimed(1))
    assert signals.supervisor._rooms()

    both.hand.began_at -= HOLD_SECONDS

    assert signals.supervisor._rooms() == {}


def test_an_old_child_ends_what_it_has_begun_and_gives_the_rest_back(
    both: Both, signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "TASKS_LIMIT", 1)
    first, second, third = claimed(3)
    both.hand.give([first, second, third])
    both.begins()
    both.begins()

    signals.supervisor._take(both.hand, {"state": "completed", "seconds": 0.0}, go_on=True)

    assert signals.supervisor._unwritten.to_give_back == [third]
    assert list(both.hand.tasks) == [second]
    assert not both.hand.is_fit


def test_a_child_that_once_took_much_memory_is_replaced(both: Both, signals: Signals) -> None:
    both.hand.give(claimed(2))
    for peak in (hands.MEMORY_LIMIT_KB, hands.MEMORY_LIMIT_KB + 1):
        assert both.hand.is_fit
        both.begins()
        signals.supervisor._take(
            both.hand, {"state": "completed", "seconds": 0.0, "peak_kb": peak}, go_on=True
        )

    assert not both.hand.is_fit


@task("tests.limited", options=Options(soft_seconds=10, hard_seconds=20))
def limited() -> None:
    pass


def test_a_task_is_told_once_when_its_time_is_up_and_killed_when_it_goes_on(
    both: Both, signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hand, "kill_group", lambda _: None)  # which has no process here
    both.hand.give(claimed(1, "tests.limited"))
    both.begins()
    signals.supervisor._mind_limits()
    assert signals == []

    both.hand.began_at -= 10
    for _ in range(2):
        signals.supervisor._mind_limits()
    assert signals == [TIMEOUT_SIGNAL]

    both.hand.began_at -= 10
    for _ in range(2):
        signals.supervisor._mind_limits()
    assert signals == [TIMEOUT_SIGNAL, signal.SIGKILL]
    assert both.hand.killed_because == "Killed: it ran for 20 s, longer than the 20 s it may."


COMPLETED = '{"state": "completed", "seconds": %s}'
TRIED_AGAIN = '{"state": "failed", "seconds": 1, "retry_seconds": %s}'
NO_TIMES = [each % what for each in (COMPLETED, TRIED_AGAIN) for what in ("NaN", "1e999", "1e300", '"long"')]


@pytest.mark.parametrize(
    "message", ["5", "[]", "{}", '{"state": "of tomorrow"}', "nonsense", '{"log": 1}', *NO_TIMES]
)
def test_a_child_whose_words_make_no_sense_is_killed_and_harms_no_other(
    both: Both, signals: Signals, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    monkeypatch.setattr(Hand, "kill_group", lambda _: None)
    both.hand.give(claimed(1))
    both.says(message)

    signals.supervisor._read(both.hand)

    assert signals == [signal.SIGKILL]
    assert signals.supervisor._unwritten.is_empty


def test_while_ends_are_written_no_task_grows_old(
    both: Both, signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_for_long(_: Supervisor) -> None:
        both.hand.began_at -= HOLD_SECONDS

    monkeypatch.setattr(Supervisor, "_write_and_claim", write_for_long)
    monkeypatch.setattr(Supervisor, "_housekeeping", lambda _: None)
    monkeypatch.setattr(Supervisor, "_stop_tasks", lambda _: None)
    both.hand.give(claimed(2))

    signals.supervisor._turn()

    assert len(both.hand.tasks) == 2
