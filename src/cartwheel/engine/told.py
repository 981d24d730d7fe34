"""What a child tells of the end of its task. Whatever a task runs may have written into the same socket, so all of it
is looked at before any of it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from cartwheel.engine import endings
from cartwheel.engine.claims import Claimed
from cartwheel.engine.endings import Outcome, error_of
from cartwheel.engine.functions import options_of
from cartwheel.engine.states import State


@dataclass(frozen=True)
class Told:
    """How it ended, how long it ran, and how much memory its process has had at most, in KB."""

    outcome: Outcome
    seconds: float
    peak_kb: int


def read(task: Claimed, message: dict[str, Any]) -> Told:
    """Raises KeyError, OverflowError, TypeError or ValueError for what makes no sense."""
    seconds, retry_seconds = message["seconds"], message.get("retry_seconds")
    for each in (seconds, retry_seconds or 0):
        timedelta(seconds=each)  # is it a number, and one of seconds?
    return Told(_outcome(task, message, retry_seconds), float(seconds), int(message.get("peak_kb", 0)))


def _outcome(task: Claimed, message: dict[str, Any], retry_seconds: float | None) -> Outcome:
    state = State(message["state"])
    if task.work == "clean_up":
        return endings.lost(task, task.error or error_of("Its worker was lost."))
    return Outcome(
        task.task_id,
        task.claim,
        state,
        result=message.get("result"),
        error=message.get("error"),
        ends_with=UUID(str(message["ends_with"])) if "ends_with" in message else None,
        retry_seconds=retry_seconds,
        has_parent=task.has_parent,
        is_abrupt=state in (State.FAILED, State.CANCELED),
        undo=task if state == State.COMPLETED and options_of(task.name).clean_up else None,
    )
