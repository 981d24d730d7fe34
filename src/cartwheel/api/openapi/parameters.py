"""Query parameters, from the filter tables of lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cartwheel.api.filters import Filter, OneOf, Table, moment, span, yes_or_no
from cartwheel.api.repository_filters import number, number_span

Parameter = dict[str, Any]
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": "integer"}
YES_OR_NO: Schema = {"type": "boolean"}
WORDS = {  # lookup -> what it asks for
    "": "is",
    "ne": "is not",
    "in": "is one of, separated by commas:",
    "iexact": "is, in capitals or small letters,",
    "contains": "contains",
    "icontains": "contains, in capitals or small letters,",
    "startswith": "begins with",
    "istartswith": "begins, in capitals or small letters, with",
    "lt": "is before",
    "lte": "is not after",
    "gt": "is after",
    "gte": "is not before",
    "range": "lies between, separated by a comma:",
    "isnull": "is missing, or not:",
}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def query(name: str, schema: Schema, description: str = "") -> Parameter:
    """One parameter. Several values stand in it with commas between them."""
    made: Parameter = {"name": name, "in": "query", "schema": schema}
    if description:
        made["description"] = description
    if schema.get("type") == "array":
        made |= {"style": "form", "explode": False}
    return made


def filters(table: Table) -> Iterator[Parameter]:
    for name in sorted(table):
        field, _, lookup = name.partition("__")
        words = WORDS.get(lookup)
        described = f"Those whose {field} {words} the value." if words else ""
        yield query(name, _accepted(name, table[name]), described)


def paging() -> list[Parameter]:
    return [
        query("limit", NUMBER, "How many to show at a time."),
        query("offset", NUMBER, "How many to pass over before them."),
    ]


def order(columns: Iterable[str]) -> Parameter:
    names = [name for column in columns for name in (column, f"-{column}")]
    return query(
        "ordering", list_of({"type": "string", "enum": names}), "What to order by; a minus turns it round."
    )


def fields() -> list[Parameter]:
    return [
        query("fields", list_of(TEXT), "Show only these fields."),
        query("exclude_fields", list_of(TEXT), "Leave these fields out."),
    ]


def _accepted(name: str, each: Filter) -> Schema:
    """What a filter's parameter looks like; told by the function that reads it."""
    if isinstance(each.clean, OneOf):
        return {"type": "string", "enum": list(each.clean.choices)}
    if each.clean is moment:
        return MOMENT
    if each.clean is span:
        return list_of(MOMENT)
    if each.clean is yes_or_no:
        return YES_OR_NO
    if each.clean is number:
        return NUMBER
    if each.clean is number_span:
        return list_of(NUMBER)
    if name.endswith("__in"):
        return list_of(TEXT)
    return TEXT
