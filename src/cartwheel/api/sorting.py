"""The order that Galaxy NG's lists are asked for in: `sort=name,-id`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from cartwheel.api.filters import no_choice

M = TypeVar("M", bound=Model)


def by_sort(request: Request, rows: QuerySet[M], columns: Collection[str]) -> QuerySet[M]:
    """Rows in that order, then by id. Raises ValidationError for another column."""
    wanted = [each for each in request.query_params.get("sort", "").split(",") if each]
    for each in wanted:
        if each.removeprefix("-") not in columns:
            raise ValidationError({"sort": [no_choice(each)]})
    return rows.order_by(*wanted, "id")
