"""Columns that Django has no field for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class BytewiseCharField(models.CharField):  # type: ignore[type-arg]  # known to the stubs only
    """A text that is sorted byte by byte, in whatever language the database sorts others.

    SQLite does so anyway; in PostgreSQL it depends on the locale with which somebody has made the database.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        found: Any = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            found["collation"] = "C"
        return found
