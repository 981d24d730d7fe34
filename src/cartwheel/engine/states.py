"""The states of a task and the ways between them.

    waiting ──► running ──► completed | failed
       │           │
       │           └──► canceling ──► canceled
       └──► canceled

A final state never changes. `skipped` exists for clients that know it; nothing here sets it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SKIPPED = "skipped", _("Skipped")
    RUNNING = "running", _("Running")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")
    CANCELING = "canceling", _("Canceling")


FINAL = frozenset({State.SKIPPED, State.COMPLETED, State.FAILED, State.CANCELED})
INCOMPLETE = frozenset({State.WAITING, State.RUNNING, State.CANCELING})
