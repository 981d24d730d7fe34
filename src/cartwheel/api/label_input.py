"""Labels as they are sent: an object of texts, with names that can be searched for."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, Field

from cartwheel.api.strictness import Strict
from cartwheel.kit.texts import is_storable

LABELS_LIMIT = 1000  # of one object
TEXT_LIMIT = 1000  # characters of a name, and of a value
_KEY = re.compile(r"[\w .-]+")


class LabelsField(Field[dict[str, "str | None"], Any, Any, Any]):
    """{"name": "value" or null}"""

    def to_internal_value(self, data: Any) -> dict[str, str | None]:
        if not isinstance(data, dict):
            raise ValidationError(f'Expected a dictionary of items but got type "{type(data).__name__}".')
        if len(data) > LABELS_LIMIT:
            raise ValidationError(f"At most {LABELS_LIMIT} labels are allowed.")
        return {check_key(key): check_value(key, value) for key, value in data.items()}


class LabelInput(Strict[None]):
    """The body of set_label."""

    key = CharField(max_length=TEXT_LIMIT)
    value = CharField(max_length=TEXT_LIMIT, allow_null=True, allow_blank=True)

    def validate_key(self, key: str) -> str:
        return check_key(key)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            check_value(attrs["key"], attrs["value"])
        except ValidationError as problem:
            raise ValidationError({"value": problem.detail}) from None
        return attrs


class KeyInput(Strict[None]):
    """The body of unset_label."""

    also_known = ("value",)

    key = CharField(max_length=TEXT_LIMIT)


def check_key(key: Any) -> str:
    """Raises ValidationError."""
    if not isinstance(key, str) or len(key) > TEXT_LIMIT or not _KEY.fullmatch(key):
        raise ValidationError(
            f"Key '{str(key)[:TEXT_LIMIT]}' contains invalid characters. Only alphanumerics, underscores,"
            " spaces, hyphens, and dots are allowed."
        )
    return key


def check_value(key: str, value: Any) -> str | None:
    """Raises ValidationError."""
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not is_storable(value):
        raise ValidationError({key: ["Not a valid string."]})
    if len(value) > TEXT_LIMIT:
        raise ValidationError(f"Ensure this field has no more than {TEXT_LIMIT} characters.")
    if re.search(r"[,()]", value):
        raise ValidationError(f"Key '{key}' contains value with comma or parenthesis.")
    return value
