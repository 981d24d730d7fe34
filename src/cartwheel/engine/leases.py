"""That the workers of a supervisor are there, said so often that others know when they are not, and the same of others."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

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


@dataclass
class Leases:
    """One supervisor's part in it."""

    # Since when the others could be heard, without a break in which the database was away.
    heard_since: float = field(default_factory=time.monotonic)

    def begin_anew(self) -> None:
        """The database was away."""
        self.heard_since = time.monotonic()

    def renew(self, crew: Crew) -> None:
        """Renew the lease of all children. Those that lost it, as this host slept too long, are replaced."""
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
        gone = caretaking.dead_workers(mine, may_judge_silence=self.may_judge_silence())
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

    def may_judge_silence(self) -> bool:
        """When the database was away, nobody was heard: all others get the time to be heard again."""
        is_a_file = connection.vendor == "sqlite"  # which is never away, and has one host
        return is_a_file or time.monotonic() - self.heard_since > ONLINE_SECONDS
