"""What hangs on tasks, for a page of them, in one statement: children, reports, and what they made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from cartwheel.engine.models import Task
from cartwheel.engine.prepared import AMONG, GivenSeveral, planned

TASKS = GivenSeveral("tasks", Task._meta.pk)
# Raw, since Django's own way takes a statement and a compilation for each of the three.
SQL = """
SELECT 'child', parent_task_id, CAST(id AS text), '', '', '', 0, 0, ''
  FROM engine_task WHERE parent_task_id {among}
UNION ALL
SELECT 'report', task_id, CAST(id AS text), message, code, state, total, done, suffix
  FROM engine_progressreport WHERE task_id {among}
UNION ALL
SELECT 'made', task_id, CAST(id AS text), path, '', '', 0, 0, ''
  FROM engine_createdresource WHERE task_id {among}
"""


@dataclass
class Relations:
    """By task: ids of children, reports as clients see them, and paths of what was made; each oldest first."""

    children: defaultdict[UUID, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    reports: defaultdict[UUID, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    made: defaultdict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))


def relations(task_ids: Sequence[UUID]) -> Relations:
    """What hangs on these tasks."""
    found = Relations()
    if not task_ids:
        return found
    ids = TASKS.written(task_ids)
    with planned() as cursor:
        cursor.execute(SQL.format(among=AMONG[connection.vendor]), [ids] * 3)
        rows = cursor.fetchall()
    # Numbers by their value: "10" comes after "9". Ids of tasks all have one length.
    for kind, task, identifier, text, code, state, total, done, suffix in sorted(
        rows, key=lambda row: (len(row[2]), row[2])
    ):
        owner = task if isinstance(task, UUID) else UUID(task)
        if kind == "child":
            found.children[owner].append(UUID(identifier))
        elif kind == "made":
            found.made[owner].append(text)
        else:
            found.reports[owner].append(
                {
                    "message": text,
                    "code": code,
                    "state": state,
                    "total": total,
                    "done": done,
                    "suffix": suffix,
                }
            )
    return found
