"""Who is told what happens."""

from __future__ import annotations

from uuid import uuid4

from cartwheel.engine.models import Event
from cartwheel.engine.pausing import NO_TASK
from cartwheel.front.watching import told_among


def test_a_pause_is_told_to_everybody_and_a_task_to_those_who_know_of_it() -> None:
    mine, other = uuid4(), uuid4()
    found = [
        Event(task_id=mine, kind=Event.Kind.STATE),
        Event(task_id=other, kind=Event.Kind.STATE),
        Event(task_id=NO_TASK, kind=Event.Kind.PAUSE),
    ]

    assert told_among(found, {mine}) == [found[0], found[2]]
