"""What may be said of a namespace, and in which form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError as NotValid
from django.core.validators import URLValidator
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, Field, URLField
from rest_framework.serializers import ListSerializer, Serializer

from cartwheel.kit.errors import Invalid
from cartwheel.kit.texts import is_storable
from cartwheel.registry.models import Namespace, User
from cartwheel.registry.namespaces import Holder, check_name
from cartwheel.registry.people import NAMED_LIMIT, find_groups, find_users

RESOURCES_LIMIT = 1_048_576  # characters of Markdown
ROLES_LIMIT = 100  # of one group or user


class HoldersField(Field[list[Holder], Any, Any, Any]):
    """A list of {"id" or "name", "object_roles": [names of roles]}; other keys do not matter."""

    def __init__(
        self,
        kind: str,
        find: Callable[[Sequence[Mapping[str, Any]]], Sequence[User | Group]],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.kind = kind
        self.find = find

    def to_internal_value(self, data: Any) -> list[Holder]:
        if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
            raise self._problem(f"{self.kind}s must be a list of {self.kind.lower()} objects")
        if len(data) > NAMED_LIMIT:
            raise self._problem(f"At most {NAMED_LIMIT} {self.kind.lower()}s can be named at once.")
        roles = [self._roles(each) for each in data]
        try:
            found = self.find(data)
        except Invalid as problem:
            raise ValidationError({problem.field or self.field_name or "": problem.message}) from None
        return [Holder(who, names) for who, names in zip(found, roles, strict=True)]

    def _roles(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        if "object_roles" not in given:
            raise self._problem("object_roles field is required")
        if not {"id", "name", "username"} & set(given):
            raise self._problem("id or name field is required")
        names = given["object_roles"]
        is_list = isinstance(names, list) and len(names) <= ROLES_LIMIT
        if not is_list or not all(isinstance(each, str) and is_storable(each) for each in names):
            raise self._problem("object_roles must be a list of strings")
        return tuple(names)

    def _problem(self, message: str) -> ValidationError:
        return ValidationError({f"{self.kind.lower()}s": [message]})


class _Link(Serializer[Any]):
    name = CharField(max_length=32)
    url = CharField(max_length=256)

    def validate_url(self, value: str) -> str:
        try:
            URLValidator()(value)
        except NotValid:
            raise ValidationError(f"'{value}' is not a valid url.") from None
        return value


class _Links(ListSerializer[Any]):
    """Names the fields of what is wrong "links__url", as clients expect."""

    def run_child_validation(self, data: Any) -> Any:
        try:
            return super().run_child_validation(data)
        except ValidationError as problem:
            details = problem.detail if isinstance(problem.detail, dict) else {"": problem.detail}
            raise ValidationError(
                {f"links__{field}" if field else "links": messages for field, messages in details.items()}
            ) from None


class NamespaceInput(Serializer[Namespace]):
    """The body of a POST, PUT or PATCH. Only what was sent is in `validated_data`."""

    name = CharField(max_length=64)
    company = CharField(max_length=64, allow_blank=True, required=False)
    email = CharField(max_length=256, allow_blank=True, required=False)
    avatar_url = URLField(max_length=256, allow_blank=True, required=False)
    description = CharField(max_length=256, allow_blank=True, required=False)
    links = _Links(child=_Link(), required=False, max_length=100)
    groups = HoldersField("Group", find_groups, required=False)
    users = HoldersField("User", find_users, required=False)
    resources = CharField(max_length=RESOURCES_LIMIT, allow_blank=True, required=False)

    def validate_name(self, value: str) -> str:
        try:
            check_name(value)
        except Invalid as problem:
            raise ValidationError(problem.message) from None
        return value
