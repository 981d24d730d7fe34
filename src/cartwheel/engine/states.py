"""The states of a task and the ways between them.

    waiting ──► running ──► completed | failed
       │           │
       │           └──► canceling ──► canceled
       └──► canceled

A final state never changes. `skipped` exists for clients that know it; nothing here sets it.
"""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    WAITING = "waiting"
    SKIPPED = "skipped"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    CANCELING = "canceling"


FINAL = frozenset({State.SKIPPED, State.COMPLETED, State.FAILED, State.CANCELED})
INCOMPLETE = frozenset({State.WAITING, State.RUNNING, State.CANCELING})
