"""What may be said of users and groups, and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField, CharField, EmailField, Field
from rest_framework.serializers import ModelSerializer
from rest_framework.validators import UniqueValidator

from cartwheel.api.strictness import Strict
from cartwheel.kit.errors import Invalid
from cartwheel.registry.models import User
from cartwheel.registry.people import find_groups, find_users

PASSWORD_LIMIT = 128  # characters
NAMES = ("username", "first_name", "last_name", "email")


class GroupsField(Field[list[Group], Any, Any, Any]):
    """A list of {"id", "name"}, either or both; other keys do not matter."""

    def to_internal_value(self, data: Any) -> list[Group]:
        if not isinstance(data, list):
            raise ValidationError(
                f'Expected a list of items but got type "{type(data).__name__}".', code="not_a_list"
            )
        if not all(isinstance(each, dict) for each in data):
            raise ValidationError({"group": "Invalid group name or ID"})
        try:
            return find_groups(data)
        except Invalid as problem:
            raise ValidationError({problem.field or "groups": problem.message}) from None


class _UserInput(ModelSerializer[User]):
    """Only what was sent is in `validated_data`."""

    class Meta:
        model = User
        fields: tuple[str, ...] = (*NAMES, "password")

    def validate_password(self, value: str | None) -> str | None:
        if value:
            validate_password(value)
        return value


class UiUserInput(_UserInput):
    """As the web UI and galaxykit send it. An empty password is none."""

    password = CharField(max_length=PASSWORD_LIMIT, required=False, allow_blank=True, trim_whitespace=False)
    is_superuser = BooleanField(required=False)
    groups = GroupsField(required=False)

    class Meta(_UserInput.Meta):
        fields = (*NAMES, "password", "is_superuser", "groups")


class MyselfInput(UiUserInput):
    """As one sends it of oneself; groups are not read."""

    groups = None  # type: ignore[assignment]  # how a field of the parent is left out

    class Meta(_UserInput.Meta):
        fields = (*NAMES, "password", "is_superuser")


class PulpUserInput(_UserInput):
    password = CharField(max_length=PASSWORD_LIMIT, required=False, allow_null=True, trim_whitespace=False)
    email = EmailField(max_length=254, allow_blank=True, required=False)
    is_staff = BooleanField(required=False)
    is_active = BooleanField(required=False)

    class Meta(_UserInput.Meta):
        fields = (*NAMES, "password", "is_staff", "is_active")
        extra_kwargs = {
            "username": {
                "validators": [User.username_validator, UniqueValidator(queryset=User.objects.all())]
            }
        }

    def validate_password(self, value: str | None) -> str | None:
        return value  # below: Pulp names no field

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("password"):
            validate_password(attrs["password"])
        return attrs


class GroupInput(Strict[Group]):
    also_known = ("pulp_href", "prn", "id")

    name = CharField(max_length=150)


class PulpGroupInput(Strict[Group]):
    name = CharField(max_length=150, validators=[UniqueValidator(queryset=Group.objects.all())])


def named_user(given: object) -> User:
    """The user that a body names by username or id. Raises ValidationError."""
    if not isinstance(given, Mapping) or not {"username", "id", "pk"} & set(given):
        raise ValidationError("Please provide one of the following values for User: 'pk', 'id', 'username'")
    reference = {"username": given.get("username"), "id": given.get("id", given.get("pk"))}
    try:
        return find_users([reference])[0]
    except Invalid:
        raise ValidationError(f"Could not find user {given.get('username', reference['id'])}") from None
