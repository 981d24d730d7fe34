"""How requests are held, without a hub: what is asked again, and when it is over."""

from __future__ import annotations

import asyncio
import time
from typing import IO, Any
from uuid import uuid4

import pytest
from patience import PATIENCE_SECONDS, never

from cartwheel.engine.models import Event
from cartwheel.front import application
from cartwheel.front.application import Front, _has_news, _preferred_wait
from cartwheel.front.bridge import Answer, Bridge, Scope
from cartwheel.front.watching import Watcher

TASK = uuid4()
SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
OVER = 0.0  # a deadline that has passed
LATER = time.monotonic() + 3600


def pending(text: bytes = b"", **more: str) -> Answer:
    headers = [(b"cartwheel-pending", str(TASK).encode())]
    return Answer(
        200, headers + [(f"cartwheel-{name}".encode(), value.encode()) for name, value in more.items()], text
    )


def ended() -> Answer:
    return Answer(200, [], b"ended")


def held(
    first: Answer,
    *later: Answer,
    deadline: float,
    told: Event | None = None,
    is_ending: bool = False,
    is_gone: bool = False,
) -> Answer:
    """What a request is answered that waits for what `first` says, where asking again gives `later`.

    The watcher has been told that it missed some events, and is told `told` when it looks; or nothing, where the
    client goes away.
    """
    front = Front(lambda *_: [], threads=1, body_limit=1)
    front._is_ending = is_ending
    left = list(later)
    watchers: list[Watcher] = []

    class Prepared(Bridge):
        async def call(self, scope: Scope, body: IO[bytes]) -> Answer:
            if told:
                watchers[0].tell(told)
            return left.pop(0)

    async def wait() -> Answer:
        watcher = Watcher()
        watchers.append(watcher)
        if told or not is_gone:
            watcher.tell(None)
        gone = asyncio.create_task(asyncio.sleep(0) if is_gone else never())
        try:
            return await front._wait(SCOPE, first, watcher, deadline, gone)
        finally:
            gone.cancel()

    front._bridge = Prepared(lambda *_: [], threads=1)
    answer = asyncio.run(wait())
    assert not left
    return answer


def test_when_the_time_is_up_the_answer_is_how_things_stand_then() -> None:
    assert held(pending(b"waiting"), pending(b"running"), deadline=OVER).body == b"running"


def test_a_change_is_then_answered_as_it_was() -> None:
    assert held(pending(b"202", then="/task/"), deadline=OVER).body == b"202"


def test_who_missed_events_looks_and_goes_on_waiting() -> None:
    end = Event(task_id=TASK, state="completed", kind=Event.Kind.STATE)

    assert held(pending(), pending(), ended(), deadline=LATER, told=end).body == b"ended"


def test_who_waits_outlasts_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "AWAY_SECONDS", 0.0)
    away = Answer(503, [], b"away")

    assert held(pending(), away, away, ended(), deadline=LATER).body == b"ended"


def test_when_the_time_is_up_it_is_told_that_the_database_is_away() -> None:
    assert held(pending(), Answer(503, [], b"away"), deadline=OVER).body == b"away"


def test_nothing_is_asked_for_one_who_has_gone() -> None:
    assert held(pending(b"first"), deadline=LATER, is_gone=True).body == b"first"


def test_nor_for_one_who_has_gone_meanwhile() -> None:
    end = Event(task_id=TASK, state="completed", kind=Event.Kind.STATE)

    assert held(pending(b"first"), deadline=LATER, told=end, is_gone=True).body == b"first"


def test_nobody_waits_for_a_server_that_ends() -> None:
    assert held(pending(), pending(b"still"), deadline=LATER, is_ending=True).body == b"still"


END = Event(task_id=TASK, state="completed", kind=Event.Kind.STATE)


def has_news(*told: Event, ends: int, before: float = PATIENCE_SECONDS) -> bool:
    """Is a list of so many active tasks looked at again, when this has happened, before so many seconds have passed?"""

    async def ask() -> bool:
        watcher, gone = Watcher(), asyncio.create_task(never())
        for event in told:
            watcher.tell(event)
        try:
            return await _has_news(watcher, ends, time.monotonic() + before, gone)
        finally:
            gone.cancel()

    return asyncio.run(ask())


def test_a_list_is_looked_at_again_when_as_many_tasks_have_ended_as_it_had() -> None:
    assert has_news(END, END, END, ends=3)
    assert not has_news(END, END, ends=3, before=0.05)


def test_and_a_moment_after_anything_has_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "LOOK_SECONDS", 0.0)

    assert has_news(Event(task_id=TASK, state="running", kind=Event.Kind.STATE), ends=3)
    assert not has_news(Event(task_id=TASK, state="running", kind=Event.Kind.PROGRESS), ends=3, before=0.05)


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ([], 0),
        (["wait=30"], 30),
        (["respond-async, wait=30"], 30),
        (["respond-async", 'wait = "7"'], 7),
        (["wait=5", "wait=60"], 5),
        (["wait=0"], 0),
        (["wait=-5"], 0),
        (["wait=soon"], 0),
        (["wait="], 0),
        (["wait=\xb2"], 0),
        (["wait=99999999999999999999"], 999999999),
    ],
)
def test_only_a_number_of_seconds_is_a_wish_to_wait(prefer: list[str], seconds: float) -> None:
    headers = [(b"prefer", each.encode("latin-1")) for each in prefer]

    assert _preferred_wait({"headers": headers}) == seconds
