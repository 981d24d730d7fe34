"""Conditions that have an index of their own."""

from __future__ import annotations

from django.db import models
from django.db.models.expressions import RawSQL


def literally(condition: str) -> RawSQL:
    """A condition that stands in the SQL as it is: SQLite takes a partial index only for a query in which it
    finds the index's very condition, and a parameter hides it.
    """
    return RawSQL(f"({condition})", [], output_field=models.BooleanField())  # noqa: S611, written above
