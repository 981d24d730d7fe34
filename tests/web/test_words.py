"""Times, durations, names and phases in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cartwheel.engine.models import Task
from cartwheel.web import moments
from cartwheel.web.templatetags.words import breakable, clock
from cartwheel.web.timeline import phases

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"), (0, "just now"), (2, "2 s ago"), (59.9, "59 s ago"), (60, "1 min ago"), (3599, "59 min ago"),
        (3600, "1 h ago"), (86_399, "23 h ago"), (86_400, "1 d ago"), (29.9 * 86_400, "29 d ago"),
        (30 * 86_400, "2026-01-30"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: float, words: str) -> None:
    assert moments.ago(at(-seconds), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 ms"), (0.0405, "40 ms"), (0.9999, "999 ms"), (1, "1.0 s"), (9.99, "9.9 s"), (10, "10 s"), (59.9, "59 s"),
        (192, "3 min 12 s"), (3600, "1 h 0 min"), (86_400 * 3 + 3600 * 4, "3 d 4 h"),
    ],
)  # fmt: skip
def test_how_long_it_took(seconds: float, words: str) -> None:
    assert moments.lasted(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(-1, "0 s"), (0.4, "0 s"), (9.9, "9 s"), (61, "1 min 1 s")])
def test_how_long_it_has_been_running(seconds: float, words: str) -> None:
    assert moments.running_for(seconds) == words


@pytest.mark.parametrize(
    ("unit", "exact", "told"),
    [
        ("second", "2026-03-01 12:00:00.250000 UTC", "12:00:00"), ("minute", "2026-03-01 12:00:00 UTC", "12:00"),
        ("day", "2026-03-01 12:00:00 UTC", "Sun 12:00"),
    ],
)  # fmt: skip
def test_a_time_of_day_is_told_in_utc_for_scripts_to_tell_otherwise(unit: str, exact: str, told: str) -> None:
    assert clock(at(0.25), unit) == (
        f'<time datetime="2026-03-01T12:00:00.250Z" title="{exact}" data-clock="{unit}">{told}</time>'
    )


def test_long_names_and_addresses_may_be_broken_between_their_parts() -> None:
    assert breakable("a.b<c>.d") == "a.<wbr>b&lt;c&gt;.<wbr>d"
    assert breakable("a.collection_owner") == "a.<wbr>collection_<wbr>owner"
    assert breakable("https://hub.example/api/") == "https://hub.<wbr>example/<wbr>api/"
    assert breakable("ann@hub.example") == "ann@<wbr>hub.<wbr>example"
    assert breakable("acme.tools 2.26.6") == "acme.<wbr>tools 2.26.6"
    assert breakable("plain") == "plain"


def told(task: Task) -> list[tuple[str, str]]:
    return [(each.label, each.lasted) for each in phases(task, NOW)]


def test_a_task_that_has_ended_has_its_phases_behind_it() -> None:
    task = Task(
        state="canceled", created_at=at(-100), unblocked_at=at(-90), started_at=at(-85), canceling_at=at(-25),
        finished_at=at(-20),
    )  # fmt: skip

    assert told(task) == [
        ("Waited for resources", "10 s"),
        ("Waited for a worker", "5.0 s"),
        ("Ran", "1 min 0 s"),
        ("Stopping took", "5.0 s"),
    ]


def test_the_last_phase_goes_on() -> None:
    waiting = Task(state="waiting", created_at=at(-30))
    ready = Task(state="waiting", created_at=at(-30), unblocked_at=at(-10))
    running = Task(state="running", created_at=at(-30), unblocked_at=at(-30), started_at=at(-29))

    assert told(waiting)[-1] == ("Waiting for resources", "30 s")
    assert told(ready)[-1] == ("Waiting for a worker", "10 s")
    assert told(running)[-1] == ("Running", "29 s")


def test_the_time_before_it_stands_in_line_is_told_apart() -> None:
    for_later = Task(state="waiting", created_at=at(-30), not_before=at(30))
    in_line = Task(state="waiting", created_at=at(-30), lined_up_at=at(-10))
    tried_again = Task(
        state="running", attempt=2, created_at=at(-30), lined_up_at=at(-10), unblocked_at=at(-9), started_at=at(-8)
    )  # fmt: skip

    assert told(for_later) == [("Waiting for its time", "30 s")]
    assert told(in_line) == [("Waited for its time", "20 s"), ("Waiting for resources", "10 s")]
    assert told(tried_again)[:2] == [("Earlier attempts", "20 s"), ("Waited for resources", "1.0 s")]


def test_rows_made_by_hand_are_told_as_far_as_they_go() -> None:
    assert told(Task(state="running", created_at=at(-30))) == [("Running", "30 s")]
    assert told(Task(state="completed", created_at=at(-30))) == [("Waited for resources", "0 ms")]


def test_a_short_phase_is_still_seen() -> None:
    found = phases(
        Task(state="completed", created_at=at(-1000), unblocked_at=at(-999.9), started_at=at(-999.8), finished_at=NOW), NOW
    )  # fmt: skip

    assert [each.width for each in found][:2] == [6, 6]
    assert [each.x for each in found] == [0, 6, 12]
