"""Things that addresses name by their number."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

M = TypeVar("M", bound=Model)

DIGITS_LIMIT = 18  # of a number that fits into 63 bits


def find_numbered(rows: QuerySet[M], number: str) -> M:
    """The row with that id. Raises Http404 with the words that Pulp has for it."""
    if not (number.isascii() and number.isdigit() and len(number) <= DIGITS_LIMIT):
        raise Http404("Not found.")
    found = rows.filter(pk=int(number)).first()
    if found is None:
        raise Http404(f"No {rows.model.__name__} matches the given query.")
    return found
