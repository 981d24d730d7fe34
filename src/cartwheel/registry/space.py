"""Whether it is for want of space on a disk, the hub's or its database's, that something cannot be done."""

from __future__ import annotations

import sqlite3

from django.db import DatabaseError

from cartwheel.kit.errors import NoSpace

POSTGRESQL_DISK_FULL = "53100"


def is_disk_full(problem: BaseException) -> bool:
    """Did a file or the database not fit?"""
    if not isinstance(problem, DatabaseError):
        return isinstance(problem, NoSpace)
    cause = problem.__cause__
    is_sqlite = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return is_sqlite or getattr(cause, "sqlstate", None) == POSTGRESQL_DISK_FULL
