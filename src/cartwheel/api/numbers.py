"""Things that addresses name by their number."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from cartwheel.api.references import as_uuid

M = TypeVar("M", bound=Model)

DIGITS_LIMIT = 18  # of a number that fits into 63 bits
NUMBERED = UUID("6ba7b812-9dad-11d1-80b4-000000000000")  # the last twelve digits are a row's number
NUMBERS = 1 << 48


def find_numbered(rows: QuerySet[M], number: str) -> M:
    """The row with that id. Raises Http404 with the words that Pulp has for it."""
    if not (number.isascii() and number.isdigit() and len(number) <= DIGITS_LIMIT):
        raise Http404("Not found.")
    found = rows.filter(pk=int(number)).first()
    if found is None:
        raise Http404(f"No {rows.model.__name__} matches the given query.")
    return found


def numbered_id(number: int) -> UUID:
    """The id under which Pulp's clients know a row that has a number here."""
    return UUID(int=NUMBERED.int + number)


def number_of(identifier: str) -> int | None:
    found = as_uuid(identifier)
    number = found.int - NUMBERED.int if found else 0
    return number if 0 < number < NUMBERS else None
