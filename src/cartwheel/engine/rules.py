"""Numbers that are decided in one place, from nothing but what they are given."""

from __future__ import annotations

from datetime import datetime, timedelta

from cartwheel.engine.models import Priority

# So much earlier or later a task counts as made: after ten minutes a low one goes before new normal ones.
PRIORITY_SECONDS = {Priority.LOW: 600, Priority.NORMAL: 0, Priority.HIGH: -600}
HOLD_SECONDS = 0.02  # an end is written at most so long after it happened
BATCH_LIMIT = 64  # tasks claimed at once for one child; as many again may be on their way (begun.py)
STEP_SECONDS = 0.02  # of long work that others wait for, between two times that it lets them go first
LOST_LIMIT_SECONDS = 60.0  # between the loss of a worker and the next attempt, at most


def rank(made: datetime, priority: Priority) -> datetime:
    """Where a task stands among those that lack only a worker: the earliest goes first.

    Waiting makes up for a low priority, so nobody starves.
    """
    return made + timedelta(seconds=PRIORITY_SECONDS[Priority(priority)])


def depth(usual_seconds: float) -> int:
    """How many tasks a child may be given at once, if they usually take so long.

    More than one only as long as the last of them begins within half of the time that ends are held.
    """
    return max(1, min(BATCH_LIMIT, int(HOLD_SECONDS / 2 / max(usual_seconds, 1e-5))))


def usual(before: float, ran: float) -> float:
    """How long tasks usually take, after one more: quick to believe that they are slow, slow to believe
    that they are quick."""
    return max(ran, 0.8 * before + 0.2 * ran)


def pause_after_loss(attempt: int) -> float:
    """Seconds until a task whose worker was lost in that attempt is tried again: 1, 2, 4 and so on."""
    return min(LOST_LIMIT_SECONDS, 2.0 ** min(attempt - 1, 30))


def step(size: int, took: float) -> int:
    """How many rows the next step of long work changes, after one of that size that took so many seconds."""
    return max(1, min(2 * size, int(size * STEP_SECONDS / max(took, 1e-6))))
