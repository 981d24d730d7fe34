"""Texts that clients send."""

from __future__ import annotations

from typing import Any

from rest_framework.fields import CharField

from cartwheel.kit.texts import is_storable


class TextField(CharField):
    """A text that every database can keep."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_storable(text):
            self.fail("invalid")
        return text
