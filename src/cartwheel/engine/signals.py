"""What others may want to know of tasks, so that they can tidy up after them.

Receivers run inside the transaction in which it happened: do the work in `transaction.on_commit`.
"""

from __future__ import annotations

from django.dispatch import Signal

# Tasks have failed or were canceled, wherever that was done. Sends `task_ids`, a list of UUIDs.
ended_badly = Signal()
