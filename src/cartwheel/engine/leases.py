"""That the workers of a supervisor are there, said so often that others know when they are not, and the same of others."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from cartwheel.engine import caretaking, endings
from cartwheel.engine.begun import begun_by, forget
from cartwheel.engine.crew import Crew
from cartwheel.engine.endings import error_of
from cartwheel.engine.functions import options_of
from cartwheel.engine.models import ONLINE_SECONDS, Worker
from cartwheel.engine.unwritten import Unwritten

log = logging.getLogger(__name__)

QUIET_SECONDS = ONLINE_SECONDS / 2  # without a heartbeat; one comes every three seconds


@dataclass
class Leases:
    """One supervisor's part in it."""

    # Since when the others could be heard, without a break in which the database was away. SQLite's has been there
    # all the time before: what was left by a hub that is started again need not be waited for.
    heard_since: float = field(
        default_factory=lambda: -inf if connection.vendor == "sqlite" else time.monotonic()
    )
    renewed_at: float = field(default_factory=time.monotonic)
    # Of each of the others: its last heartbeat, and since when that is the last one.
    _heard: dict[UUID, tuple[datetime, float]] = field(default_factory=dict)

    def begin_anew(self) -> None:
        """The database was away, or could not be written."""
        self.heard_since = time.monotonic()

    def renew(self, crew: Crew) -> None:
        """Renew the lease of all children. Those that lost it, as this host slept too long, are replaced."""
        before, self.renewed_at = self.renewed_at, time.monotonic()
        if self.renewed_at - before > QUIET_SECONDS:
            self.begin_anew()  # what kept us may have kept the others: a lock on the whole database, for example
        mine = Worker.objects.filter(pk__in=[hand.worker_id for hand in crew], stopped_at=None)
        if mine.update(last_heartbeat=Now()) >= len(crew):
            return
        held = set(mine.values_list("pk", flat=True))
        for hand in crew:
            if hand.worker_id not in held:
                hand.kill("It was taken for dead by others, while this machine did not answer.")

    def settle_dead_neighbours(self, crew: Crew, unwritten: Unwritten) -> None:
        """End what workers had that are gone: found dead on this machine, or silent for too long elsewhere."""
        mine = [*(hand.worker_id for hand in crew), *unwritten.gone]
        before, self._heard = self._heard, {}
        silent = caretaking.dead_workers(mine, may_judge_silence=lambda each: self._may_judge(each, before))
        gone = caretaking.at_rest(silent) if silent else []
        if not gone:
            return
        reason = "Worker has gone missing."
        left = endings.settle(gone, reason, begun=begun_by(gone))
        forget(gone)
        log.warning("settled %d tasks of %d workers that are gone", len(left), len(gone))
        known = unwritten.task_ids()
        unwritten.to_undo += [
            (each, error_of(reason))
            for each in left
            if options_of(each.name).clean_up and each.task_id not in known
        ]

    def _may_judge(self, worker: Worker, before: Mapping[UUID, tuple[datetime, float]]) -> bool:
        """Has it been silent while we listened? By the database's clock alone nobody is: it may have been set forward."""
        now = time.monotonic()
        first = -inf if self.heard_since == -inf else now
        beat, since = before.get(worker.pk, (worker.last_heartbeat, first))
        if beat != worker.last_heartbeat:
            since = now
        self._heard[worker.pk] = worker.last_heartbeat, since
        return self.may_judge_silence() and now - since > QUIET_SECONDS

    def may_judge_silence(self) -> bool:
        """When the database was away, nobody was heard: all others get the time to be heard again."""
        return time.monotonic() - self.heard_since > ONLINE_SECONDS
