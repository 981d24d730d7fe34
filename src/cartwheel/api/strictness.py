"""Fields that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rest_framework.exceptions import ValidationError


def only_known(given: object, fields: Collection[str]) -> None:
    """Pulp refuses a body with fields that it does not know. Raises ValidationError."""
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in fields and name != "csrfmiddlewaretoken"]
        if unknown:
            raise ValidationError({str(name): ["Unexpected field"] for name in unknown})
