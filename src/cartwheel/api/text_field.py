"""Texts that clients send."""

from __future__ import annotations

from typing import Any

from rest_framework.fields import CharField
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from cartwheel.kit.texts import is_storable


class QuickSurrogateValidator(ProhibitSurrogateCharactersValidator):
    """Says the same in a hundredth of the time: the other looks at each character by itself, 0.1 s for a megabyte."""

    def __call__(self, value: Any) -> None:
        try:
            str(value).encode()
        except UnicodeEncodeError:
            super().__call__(value)


class TextField(CharField):
    """A text that every database can keep."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_storable(text):
            self.fail("invalid")
        return text
