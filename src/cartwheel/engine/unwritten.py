"""What has become of tasks and is not in the database yet. It is kept until it is written, however long that takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from cartwheel.engine import endings
from cartwheel.engine.claims import Claimed
from cartwheel.engine.endings import Outcome, error_of
from cartwheel.engine.hand import Hand
from cartwheel.engine.models import Worker
from cartwheel.engine.rules import HOLD_SECONDS
from cartwheel.engine.states import State


@dataclass
class Unwritten:
    """What one supervisor has to write: ends, tasks that go back to their place in line, workers that are gone.

    And what it has to have undone before it can write the end: with that end.
    """

    ends: list[Outcome] = field(default_factory=list)
    to_give_back: list[Claimed] = field(default_factory=list)
    to_undo: list[tuple[Claimed, dict[str, Any]]] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    _since: float = 0  # when the first of the ends came; monotonic

    @property
    def is_empty(self) -> bool:
        return not (self.ends or self.to_give_back or self.to_undo)

    @property
    def ends_are_due_at(self) -> float:
        """Ends are held for so long at most, to be written with others."""
        return self._since + HOLD_SECONDS if self.ends else float("inf")

    def task_ids(self) -> set[UUID]:
        """The tasks that any of this is about."""
        known = {each.task_id for each in self.ends} | {each.task_id for each in self.to_give_back}
        return known | {task.task_id for task, _ in self.to_undo}

    def end(self, outcome: Outcome) -> None:
        if not self.ends:
            self._since = time.monotonic()
        self.ends.append(outcome)

    def give_back(self, tasks: Sequence[Claimed]) -> None:
        """Tasks that have not begun. Clean-ups are not waiting tasks: they are to be done by another."""
        for each in tasks:
            if each.work == "clean_up":
                self.to_undo.append((each, each.error or error_of("Its worker was lost.")))
            else:
                self.to_give_back.append(each)

    def let_undo(self, hand: Hand) -> None:
        """Let a child undo what a lost one, or a stopped task, had half done."""
        adopted = endings.adopt(self.to_undo[:1], hand.worker_id)
        del self.to_undo[0]
        hand.give(adopted)

    def write_what_goes_back(self) -> None:
        if self.to_give_back:
            endings.give_back(self.to_give_back)
            self.to_give_back.clear()

    def write_ends(self, also: Callable[[], list[Claimed]] = list) -> list[Claimed]:
        """Write all ends, and do something else in the same transaction; returns what that returned."""
        with transaction.atomic():
            undo = endings.finish(self.ends)
            found = also()
        self.ends.clear()
        self._was_stopped(undo)
        return found

    def write_gone(self) -> None:
        """Write which workers have ended, once all that they had is settled: till then others may find it."""
        if self.ends or not self.gone:
            return
        still = {task.worker_id for task, _ in self.to_undo}
        Worker.objects.filter(pk__in=[pk for pk in self.gone if pk not in still]).update(stopped_at=Now())
        self.gone = [pk for pk in self.gone if pk in still]

    def write_one_by_one(self) -> None:
        """Some of the ends cannot be stored: leave that out, and let its task tell so."""
        while self.ends:
            outcome = self.ends[0]
            try:
                self._was_stopped(endings.finish([outcome]))
            except (OperationalError, InterfaceError):
                return  # it is the database after all
            except DatabaseError as problem:
                error = error_of(f"How the task ended cannot be stored: {problem}")
                plain = Outcome(outcome.task_id, outcome.claim, State.FAILED, error=error, is_abrupt=True)
                with suppress(DatabaseError):
                    endings.finish([plain])
            del self.ends[0]

    def _was_stopped(self, tasks: Sequence[Claimed]) -> None:
        self.to_undo += [(each, error_of("It was stopped.")) for each in tasks]
