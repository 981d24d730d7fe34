"""Statements that are built once.

Django builds the SQL of a query anew each time, which costs several times what running it costs where
few rows are found by their key. What is asked with every request or for every task is built at its
first use in a process, which has one database, and then only executed; PostgreSQL keeps its plan, too.

    KEY = Given("key", UUIDField())
    by_key = Query(lambda: Thing.objects.filter(pk=KEY).values("name"))
    by_key(key=...)  # [{"name": ...}]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.db.models import AutoField, Field, ForeignKey, Lookup, Model, QuerySet, UUIDField
from django.db.models.expressions import Expression
from django.db.models.lookups import Exact
from django.db.models.sql import UpdateQuery

Row = dict[str, Any]
# Behind a column: is it one of the values of a list, whatever their number? As GivenSeveral writes them.
AMONG = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}


class Given(Expression):
    """The place of a value in a statement. Its field tells how the database writes such values."""

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def written(self, value: Any) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(value, connection, prepared=False)


def as_table(rows: Sequence[tuple[UUID, ...]]) -> list[str]:
    """Rows of ids as the parameters of a statement: of json_each on SQLite, one of unnest for each column elsewhere."""
    if connection.vendor == "sqlite":
        return [json.dumps([[each.hex for each in row] for row in rows])]
    # As texts: psycopg takes ten times as long to write an array.
    return ["{" + ",".join(map(str, column)) + "}" for column in zip(*rows, strict=True)]


class GivenSeveral(Given):
    """The place of a list of values, for the lookup `among`: the statement is the same for any number."""

    def written(self, value: Any) -> Any:
        here: Any = connections[connection.alias]  # the proxy looks it up anew for whatever is asked of it
        if isinstance(self.output_field, UUIDField):  # of which there are many: as their field writes them
            if here.vendor == "postgresql":
                return (
                    "{" + ",".join(map(str, value)) + "}"
                )  # psycopg takes ten times as long to write an array
            return json.dumps([each.hex for each in value])
        values = [self.output_field.get_db_prep_value(each, here, prepared=False) for each in value]
        return values if here.vendor == "postgresql" else json.dumps(values)


@ForeignKey.register_lookup
@Field.register_lookup
class Among(Lookup):
    """Is it one of these? For GivenSeveral only."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} {AMONG[connection.vendor]}", [*parameters, self.rhs]


@Field.register_lookup
class Still(Exact):
    """Is it that, of rows that are found by their keys? For what is changed only if it still is as it was.

    SQLite knows of no sizes: it takes it for granted that fewer rows are in a state than a list has keys,
    and would read all that are. The plus says that this is not what rows are to be found by (sqlite.org,
    "The SQLite Query Optimizer Overview", 3).
    """

    lookup_name = "still"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return f"= {rhs}"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, parameters = self.as_sql(compiler, connection)
        return f"+{sql}", parameters


class Query:
    """A query set that is built once. It names its columns with `values`; rows come as it would give them."""

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        self._make = make

    @cached_property
    def _built(self) -> _BuiltQuery:
        return _built_query(self._make())

    def __call__(self, **given: Any) -> list[Row]:
        """The rows, with these values in the places of their names."""
        with planned() as cursor:
            cursor.execute(self._built.sql, _written(self._built.parameters, given))
            found = cursor.fetchall()
        names, converters = self._built.names, self._built.converters
        rows = [dict(zip(names, row, strict=True)) for row in found]
        here = connections[connection.alias]
        for row in rows if converters else ():
            for name, column, convert in converters:
                row[name] = convert(row[name], column, here)
        return rows


class Change:
    """An update that is built once: of which rows, and what becomes of their columns.

    On PostgreSQL it may stand `within` a larger statement, of whose rows the count is then.
    """

    def __init__(
        self,
        make: Callable[[], QuerySet[Any, Any]],
        *,
        within: Callable[[str], str] | None = None,
        **columns: Any,
    ) -> None:
        self._make = make
        self._within = within
        self._columns = columns

    def __call__(self, **given: Any) -> int:
        """Change the rows; returns how many there were."""
        sql, parameters = self._built
        with planned() as cursor:
            cursor.execute(sql, _written(parameters, given))
            return int(cursor.rowcount)

    @cached_property
    def _built(self) -> tuple[str, list[Any]]:
        update: Any = self._make().query.chain(UpdateQuery)
        update.add_update_values(self._columns)
        sql, parameters = update.get_compiler(connection=connection).as_sql()
        if self._within is not None and connection.vendor == "postgresql":
            sql = self._within(sql)
        return sql, list(parameters)


class Insert:
    """The insertion of rows of a model, built once. No signals are sent, and no number is given to the object."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    def __call__(self, row: Model) -> None:
        sql, fields = self._built
        values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
        with planned() as cursor:
            cursor.execute(sql, values)
        row._state.adding, row._state.db = False, connection.alias

    @cached_property
    def _built(self) -> tuple[str, list[Any]]:
        fields = [each for each in self._model._meta.concrete_fields if not isinstance(each, AutoField)]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(each.column)) for each in fields)
        places = ", ".join(["%s"] * len(fields))
        table = quote(self._model._meta.db_table)
        return f"INSERT INTO {table} ({columns}) VALUES ({places})", fields  # noqa: S608, all from the model


@dataclass(frozen=True)
class _BuiltQuery:
    sql: str
    parameters: list[Any]
    names: list[str]
    converters: list[tuple[str, Any, Callable[[Any, Any, Any], Any]]]  # for the column of that name


def _built_query(query_set: QuerySet[Any, Any]) -> _BuiltQuery:
    compiler = query_set.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    names = list(query_set.query.values_select)
    found = compiler.get_converters([each[0] for each in compiler.select or ()])
    converters = [
        (names[place], column, convert) for place, (several, column) in found.items() for convert in several
    ]
    return _BuiltQuery(sql, list(parameters), names, converters)


def _written(parameters: list[Any], given: dict[str, Any]) -> list[Any]:
    return [each.written(given[each.name]) if isinstance(each, Given) else each for each in parameters]


@contextmanager
def planned() -> Iterator[Any]:
    """A cursor with which PostgreSQL plans a statement once for each connection.

    Django's own puts the values into the text, which is another one each time.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    from django.db.backends.postgresql import base

    django: Any = connection
    cursor_of: Any = base.ServerBindingCursor
    django.close_if_health_check_failed()
    django.ensure_connection()
    with django.wrap_database_errors:
        made = django._prepare_cursor(cursor_of(django.connection))
    with made as cursor:
        yield cursor
