"""Conditions on any number of keys: SQLite takes 32,766 values beside a statement, and a repository may hold more."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, UUIDField
from django.db.models.expressions import Expression

FEW = 1000  # keys that are sent one by one


class Keys(Expression):
    """Keys in one value, of which SQLite makes rows."""

    output_field = UUIDField()

    def __init__(self, keys: Collection[UUID]) -> None:
        super().__init__()
        self._keys = [each.hex for each in keys]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "(SELECT value FROM json_each(%s))", (json.dumps(self._keys),)


def many(keys: Collection[UUID] | QuerySet[Any, Any]) -> Collection[UUID] | QuerySet[Any, Any] | Keys:
    """What `__in` asks for, where the keys may be as many as a repository holds. A query stays what it is.

    PostgreSQL gets them one by one: it looks them up in a hash table, where rows that it makes of an array
    would be read through for each row, if it has not heard yet how many the table has.
    """
    if isinstance(keys, QuerySet) or len(keys) <= FEW or connection.vendor == "postgresql":
        return keys
    return Keys(keys)
