"""Queries that are compiled once.

Django builds the SQL of a query anew each time, which costs more than running it when it finds one
row by its key. What is read with every request is compiled at its first use, and then only executed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

from django.db import connection
from django.db.models import Field, QuerySet

Row = dict[str, Any]


class Prepared:
    """A query for the rows in which one column has some value.

        by_key = Prepared(Thing.key.field, lambda key: Thing.objects.filter(key=key).values("name"), "any")
        by_key("abc")  # [{"name": ...}]

    The function is called once in each thread, with an example of the value. Its query must contain
    the value exactly once, and name its columns with `values`.
    """

    def __init__(self, field: Any, make: Callable[[Any], QuerySet[Any, Any]], example: Any) -> None:
        self._field = cast("Field[Any, Any]", field)
        self._make = make
        self._example = example
        self._local = threading.local()

    def __call__(self, value: Any) -> list[Row]:
        """The rows for a value."""
        found: _Compiled | None = getattr(self._local, "compiled", None)
        if found is None or found.connection is not connection.settings_dict:
            found = self._local.compiled = _Compiled(self._field, self._make(self._example), self._example)
        return found.rows(value)


class _Compiled:
    """The query as it is for one thread's connection."""

    def __init__(self, field: Field[Any, Any], query_set: QuerySet[Any, Row], example: Any) -> None:
        self.connection = connection.settings_dict
        self._field = field
        self._compiler = query_set.query.get_compiler(connection=connection)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters = list(parameters)
        self._place = self._parameters.index(self._prepared(example))
        self._names = list(query_set.query.values_select)
        self._converters = self._compiler.get_converters([each[0] for each in self._compiler.select or ()])

    def rows(self, value: Any) -> list[Row]:
        parameters = self._parameters.copy()
        parameters[self._place] = self._prepared(value)
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            found = cursor.fetchall()
        converted = self._compiler.apply_converters(found, self._converters) if self._converters else found
        return [dict(zip(self._names, row, strict=True)) for row in converted]

    def _prepared(self, value: Any) -> Any:
        return self._field.get_db_prep_value(value, connection, prepared=False)
