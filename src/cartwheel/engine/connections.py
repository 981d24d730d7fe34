"""How a task's connection to the database ends: at once, whatever it is in the middle of.

What the task has asked PostgreSQL for runs in the server. It would go on there after the task was stopped or
killed, and change something when others have long had the task's resources.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

LOOK = "1s"  # between two looks of the server whether this process is still there


def end_with_this_process() -> None:
    """Let statements of connections that are made from now on end when this process is killed."""
    connection_created.connect(_look_at_us, dispatch_uid="end_with_this_process")


def _look_at_us(connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor == "postgresql":
        with suppress(DatabaseError), connection.cursor() as cursor:  # not every system's server can
            cursor.execute("SELECT set_config('client_connection_check_interval', %s, false)", [LOOK])


def abandon() -> None:
    """End whatever the connection is in the middle of, and close it.

    What interrupts a task may come right after a transaction was begun, before Django knows of it. To close
    the connection is not enough: SQLite keeps a closed one, and its lock on the whole database, for as long as
    a cursor of it is alive, as in the frames of an exception that nobody has collected yet.
    """
    with suppress(Exception):  # it may be broken, or in any state
        if connection.connection is not None:
            connection.connection.rollback()
    connection.close()
