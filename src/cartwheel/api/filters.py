"""Filters of lists: which query parameters there are, what they accept, what they do.

A table is made once and costs nothing per request but the parameters that were sent. Messages and
rules are those of Django's form fields and django-filter, which clients know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Any, TypeVar

from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from cartwheel.kit.errors import Invalid

M = TypeVar("M", bound=Model)
V = TypeVar("V")
Clean = Callable[[str], Any]
Condition = Callable[[Any], Q]

NOT_FILTERS = frozenset(
    ("limit", "offset", "ordering", "fields", "exclude_fields", "minimal", "format", "page_size", "q")
)

ORDERS_LIMIT = 20  # columns of one order
TEXT_LIMIT = (
    4096  # characters to look for; SQLite compares no longer ones than 50,000 bytes with parts of texts
)
LIST_LIMIT = 1000  # values in one list: more than fit into an address that the original takes
FEW_LIMIT = 50  # values of which each is looked for by itself


class BadValue(Exception):
    """A parameter's value is not understood; the message is for the client."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.detail = message if isinstance(message, ErrorDetail) else ErrorDetail(message, code="invalid")


def no_choice(text: str) -> ErrorDetail:
    """What clients are told of a word that is none of those to choose from."""
    return ErrorDetail(
        f"Select a valid choice. {text} is not one of the available choices.", code="invalid_choice"
    )


@dataclass(frozen=True)
class Filter:
    """One query parameter: `clean` reads its text or raises BadValue, `condition` selects rows by it.

    Without a text it asks for nothing, or is refused with `blank`.
    """

    clean: Clean
    condition: Condition
    blank: str = ""


Table = Mapping[str, Filter]


def conditions(request: Request, table: Table, *, also: Iterable[str] = ()) -> Q:
    """What the request's filters ask for. Raises ValidationError; unknown parameters are refused."""
    known = NOT_FILTERS.union(also)
    unknown = [name for name in request.query_params if name not in table and name not in known]
    if unknown:
        # Without a code, as clients of the real hub see it.
        texts = [ErrorDetail(f"Invalid Filter: '{name}'", code=None) for name in unknown]
        raise ValidationError({"errors": texts})
    wanted, errors = Q(), {}
    for name, each in table.items():
        text = request.query_params.get(name)
        if text is None:
            continue
        if text == "":
            if each.blank:
                raise ValidationError([each.blank])
            continue
        try:
            wanted &= each.condition(each.clean(text))
        except BadValue as problem:
            errors[name] = [problem.detail]
        except Invalid as problem:
            raise ValidationError([problem.message]) from None
    if errors:
        raise ValidationError(errors)
    return wanted


# -- what parameters accept -----------------------------------------------------------------------


def any_text(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise BadValue(f"Ensure this value has at most {TEXT_LIMIT} characters (it has {len(text)}).")
    return _without_nulls(text)


def _without_nulls(text: str) -> str:
    if "\0" in text:
        raise BadValue("Null characters are not allowed.")
    return text


@dataclass(frozen=True)
class OneOf:
    """Accepts some words and no others."""

    choices: tuple[str, ...]

    def __call__(self, text: str) -> str:
        if text not in self.choices:
            raise BadValue(no_choice(text))
        return text


def one_of(choices: Iterable[str]) -> Clean:
    return OneOf(tuple(choices))


@dataclass(frozen=True)
class Several:
    """Accepts a comma separated list of so many values at most."""

    limit: int

    def __call__(self, text: str) -> list[str]:
        return _at_most(self.limit, [part for part in _without_nulls(text).split(",") if part])


several = Several(LIST_LIMIT)
a_few = Several(FEW_LIMIT)


def _at_most(limit: int, parts: list[str]) -> list[str]:
    if len(parts) > limit:
        raise BadValue(f"At most {limit} values can be named at once.")
    return parts


def moment(text: str) -> datetime:
    """An ISO 8601 time or date, as UTC: PostgreSQL knows no zone that is 21 hours away. Without a zone it is UTC."""
    try:
        found = parse_datetime(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
        if found is None and (day := parse_date(text)):
            found = datetime.combine(day, time())
        if found is not None:
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise BadValue("Enter a valid date/time.")


def span(text: str) -> tuple[datetime, datetime]:
    """Two times with a comma between."""
    return two(text, moment)


def two(text: str, clean: Callable[[str], V]) -> tuple[V, V]:
    """Two values with a comma between."""
    parts = [clean(each) for each in text.split(",", 2)]
    if len(parts) != 2:
        raise BadValue("Range query expects two values.")
    return parts[0], parts[1]


def yes_or_no(text: str) -> bool | None:
    """true or false, None for what is neither."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())


# -- families of parameters -----------------------------------------------------------------------


def texts(name: str, column: str, *lookups: str) -> dict[str, Filter]:
    """`name` itself and `name__<lookup>` of a text column: in, ne, contains and the like."""
    table = {name: Filter(any_text, lambda value: Q(**{column: value}))}
    for lookup in lookups:
        if lookup == "in":
            made = Filter(several, lambda values: Q(**{f"{column}__in": values}))
        elif lookup == "ne":
            made = Filter(any_text, lambda value: ~Q(**{column: value}))
        else:
            made = Filter(any_text, _by_lookup(f"{column}__{lookup}"))
        table[f"{name}__{lookup}"] = made
    return table


def _by_lookup(wanted: str) -> Condition:
    return lambda value: Q(**{wanted: value})


def times(name: str, column: str) -> dict[str, Filter]:
    """`name` and `name__lt`, lte, gt, gte, range, isnull of a time column."""

    def by(lookup: str) -> Filter:
        return Filter(moment, lambda value: Q(**{f"{column}__{lookup}": value}))

    return {
        name: by("exact"),
        **{f"{name}__{lookup}": by(lookup) for lookup in ("lt", "lte", "gt", "gte")},
        f"{name}__range": Filter(span, lambda ends: Q(**{f"{column}__range": ends})),
        f"{name}__isnull": Filter(
            yes_or_no, lambda value: Q() if value is None else Q(**{f"{column}__isnull": value})
        ),
    }


# -- order ----------------------------------------------------------------------------------------


def ordered(
    request: Request,
    rows: QuerySet[M, Any],
    columns: Mapping[str, str],
    *,
    last: tuple[str, ...],
    further: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> QuerySet[M, Any]:
    """Rows in the order that `ordering=a,-b` asks for, then by `last`. Names without a column change nothing.

    `further` says what stands before `last` where a column is the last one that was asked for. Of an order that is
    sent twice the last counts. `last` has the newest first, as the ends of times and the starts of texts have. For
    the opposite order it is turned too: so an index that has the one order has the other.
    """
    wanted: list[tuple[str, bool]] = []
    parts = [each for each in request.query_params.get("ordering", "").split(",") if each]
    for part in parts[:ORDERS_LIMIT]:
        name = part.removeprefix("-")
        if name not in columns:
            raise ValidationError({"ordering": [no_choice(part)]})
        if columns[name]:
            wanted.append((columns[name], part.startswith("-")))
    names = [column for column, _ in wanted]
    last = _needed(rows.model, names, (*further.get(names[-1], ()), *last)) if names else last
    if wanted and wanted[0][1] != _is_newest_first(rows.model, wanted[0][0]):
        last = tuple(each.removeprefix("-") if each.startswith("-") else f"-{each}" for each in last)
    return rows.order_by(*(_by(rows.model, column, down=down) for column, down in wanted), *last)


def sorted_by(request: Request, columns: Mapping[str, str]) -> str:
    """The first column of the order that `ordering` asks for; nothing if it has none."""
    return columns.get(request.query_params.get("ordering", "").split(",")[0].removeprefix("-"), "")


def _needed(model: type[Model], names: list[str], last: tuple[str, ...]) -> tuple[str, ...]:
    """So much of it as tells all rows apart that are equal by the names: an index may not have the rest."""
    uniques = [set(each.fields) for each in model._meta.total_unique_constraints]
    known = [{*names, *(each.removeprefix("-") for each in last[:count])} for count in range(len(last))]
    enough = (count for count, some in enumerate(known) if any(each <= some for each in uniques))
    return last[: next(enough, len(last))]


def _is_newest_first(model: type[Model], column: str) -> bool:
    """Is it usual to have the last of these first?"""
    kinds = ("DateTimeField", "UUIDField")
    return "__" not in column and model._meta.get_field(column).get_internal_type() in kinds


def _by(model: type[Model], column: str, *, down: bool) -> OrderBy:
    """The order by one column. Nothing counts as more than everything, as PostgreSQL has it by itself."""
    may_be_null = _may_be_null(model, column)
    if down:
        return F(column).desc(nulls_first=may_be_null or None)
    return F(column).asc(nulls_last=may_be_null or None)


def _may_be_null(model: type[Model], column: str) -> bool:
    """Can there be nothing in the column, which may be one of a related row: "role__name"?"""
    first, _, rest = column.partition("__")
    found = model._meta.get_field(first)
    related = found.related_model if rest else None
    if isinstance(related, type) and issubclass(related, Model):
        return found.null or _may_be_null(related, rest)
    return found.null


def chosen_fields(request: Request, document: dict[str, Any]) -> dict[str, Any]:
    """The document with only those keys that `fields` and `exclude_fields` leave in it."""
    given = request.query_params
    if "fields" not in given and "exclude_fields" not in given:
        return document
    only, without = (frozenset(listed(request, name)) for name in ("fields", "exclude_fields"))
    return {key: value for key, value in document.items() if (not only or key in only) and key not in without}


def listed(request: Request, name: str) -> list[str]:
    """The values of a parameter that may be repeated, or name several at once with commas. Raises ValidationError."""
    parts = [part for text in request.query_params.getlist(name) for part in text.split(",") if part]
    return understood(name, lambda: _at_most(LIST_LIMIT, parts))


def understood(name: str, read: Callable[[], V]) -> V:
    """What is read from a parameter that is in no table. Raises ValidationError."""
    try:
        return read()
    except BadValue as problem:
        raise ValidationError({name: [problem.detail]}) from None
