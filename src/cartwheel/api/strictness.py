"""Fields that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, TypeVar

from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

T = TypeVar("T")


class Strict(Serializer[T]):
    """As Pulp reads what it is sent: each field must be right, and then there may be no others.

    `also_known` are fields that it shows and does not read: they may be sent back.
    """

    also_known: ClassVar[Collection[str]] = ()

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        only_known(data, {*self.fields, *self.also_known})
        return given


def only_known(given: object, fields: Collection[str]) -> None:
    """Pulp refuses a body with fields that it does not know. Raises ValidationError."""
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in fields and name != "csrfmiddlewaretoken"]
        if unknown:
            raise ValidationError({str(name): ["Unexpected field"] for name in unknown})
