"""Whether it is only that the database cannot be reached, or is busy with others: another attempt may go well."""

from __future__ import annotations

import sqlite3

from django.db import InterfaceError, OperationalError

# What passes: no connection, too many of them, a lock that was not got, a server that ends or begins.
POSTGRESQL_AWAY = ("08", "40", "53", "55P03", "57P")
SQLITE_AWAY = frozenset(
    (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
)
DATABASE_AWAY = "The hub's database does not answer just now. Try again in a few seconds."


def is_database_away(problem: BaseException | None) -> bool:
    """Was that all that was wrong?"""
    if not isinstance(problem, (OperationalError, InterfaceError)):
        return False
    cause = problem.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_AWAY  # what is above tells more
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(POSTGRESQL_AWAY)
