"""A role in a body: by its name."""

from __future__ import annotations

from typing import Any

from rest_framework.serializers import SlugRelatedField

from cartwheel.kit.texts import is_storable
from cartwheel.registry.models import Role


class RoleField(SlugRelatedField[Role]):
    def __init__(self) -> None:
        super().__init__(
            slug_field="name",
            queryset=Role.objects.all(),
            error_messages={"does_not_exist": "Object with {slug_name}={value} does not exist."},
        )

    def to_internal_value(self, data: Any) -> Role:
        if not isinstance(data, str) or not is_storable(data):
            self.fail("invalid")
        return super().to_internal_value(data)
