"""What may be said of a remote, and in which form: Pulp's, and that of Galaxy's sync configuration."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField, ChoiceField, Field, FloatField, IntegerField
from rest_framework.validators import UniqueValidator

from cartwheel.api.label_input import LabelsField
from cartwheel.api.strictness import Strict
from cartwheel.api.text_field import TextField
from cartwheel.registry.models import CollectionRemote

NUMBER_LIMIT = 2_147_483_647
CERTIFICATE_LIMIT = 200_000  # characters
REQUIREMENTS_LIMIT = 1 << 20  # characters
HEADERS_LIMIT = 100
SECONDS_LIMIT = 86_400.0
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,8192}")


def _text(limit: int, **options: Any) -> TextField:
    return TextField(required=False, allow_null=True, max_length=limit, **options)


def _number(least: int, **options: Any) -> IntegerField:
    return IntegerField(required=False, allow_null=True, min_value=least, max_value=NUMBER_LIMIT, **options)


def _seconds() -> FloatField:
    return FloatField(required=False, allow_null=True, min_value=0.0, max_value=SECONDS_LIMIT)


class HeadersField(Field[list[dict[str, str]], Any, Any, Any]):
    """[{"name": "value"}]: sent with every request."""

    def to_internal_value(self, data: Any) -> list[dict[str, str]]:
        if not isinstance(data, list):
            message = f'Expected a list of items but got type "{type(data).__name__}".'
            raise ValidationError(message, code="not_a_list")
        if len(data) > HEADERS_LIMIT:
            raise ValidationError(f"At most {HEADERS_LIMIT} headers are allowed.")
        wrong = {
            str(place): [f'Expected a dictionary of items but got type "{type(each).__name__}".']
            for place, each in enumerate(data)
            if not isinstance(each, dict)
        }
        if wrong:
            raise ValidationError(wrong, code="not_a_dict")
        for each in data:
            for name, value in each.items():
                if not (
                    _HEADER_NAME.fullmatch(name) and isinstance(value, str) and _HEADER_VALUE.fullmatch(value)
                ):
                    raise ValidationError("That is no header of HTTP.")
        return data


def _unique_name() -> TextField:
    return TextField(
        max_length=255,
        validators=[
            UniqueValidator(queryset=CollectionRemote.objects.all(), message="This field must be unique.")
        ],
    )


class RemoteInput(Strict[CollectionRemote]):
    """Pulp's form. What is left out stays as it is."""

    also_known = ("pulp_href", "prn", "pulp_created", "pulp_last_updated", "hidden_fields", "last_sync_task")

    name = _unique_name()
    url = TextField(max_length=2000)
    pulp_labels = LabelsField(required=False, source="labels")
    policy = ChoiceField(choices=["immediate"], required=False)
    ca_cert = _text(CERTIFICATE_LIMIT)
    client_cert = _text(CERTIFICATE_LIMIT)
    client_key = _text(CERTIFICATE_LIMIT)
    tls_validation = BooleanField(required=False)
    proxy_url = _text(2000)
    proxy_username = _text(1000)
    proxy_password = _text(1000, trim_whitespace=False)
    username = _text(1000)
    password = _text(1000, trim_whitespace=False)
    max_retries = _number(0)
    total_timeout = _seconds()
    connect_timeout = _seconds()
    sock_connect_timeout = _seconds()
    sock_read_timeout = _seconds()
    headers = HeadersField(required=False)
    download_concurrency = _number(1)
    rate_limit = _number(-NUMBER_LIMIT)
    requirements_file = _text(REQUIREMENTS_LIMIT)
    auth_url = _text(255)
    token = _text(2000)
    sync_dependencies = BooleanField(required=False)
    signed_only = BooleanField(required=False)
    sync_highest_versions = _number(1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _columns(attrs)


class SyncConfigInput(Strict[CollectionRemote]):
    """Galaxy's form."""

    also_known = (
        "pk",
        "created_at",
        "updated_at",
        "last_sync_task",
        "repositories",
        "pulp_href",
        "write_only_fields",
    )

    name = _unique_name()
    url = TextField(max_length=2000)
    auth_url = _text(255)
    token = _text(2000)
    policy = ChoiceField(choices=["immediate"], required=False)
    requirements_file = _text(REQUIREMENTS_LIMIT)
    username = _text(1000)
    password = _text(1000, trim_whitespace=False)
    tls_validation = BooleanField(required=False)
    client_key = _text(CERTIFICATE_LIMIT)
    client_cert = _text(CERTIFICATE_LIMIT)
    ca_cert = _text(CERTIFICATE_LIMIT)
    download_concurrency = _number(1)
    proxy_url = _text(2000)
    proxy_username = _text(1000)
    proxy_password = _text(1000, trim_whitespace=False)
    rate_limit = _number(-NUMBER_LIMIT)
    signed_only = BooleanField(required=False)
    sync_highest_versions = _number(1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _columns(attrs)


class SyncConfigChange(SyncConfigInput):
    """A remote keeps its name in Galaxy's form; clients need not send it."""

    name = TextField(read_only=True)


def _columns(attrs: dict[str, Any]) -> dict[str, Any]:
    """The columns that are meant. An empty text stands for none where there may be none."""
    may_be_empty = ("name", "url")
    return {
        name: None if value == "" and name not in may_be_empty else value
        for name, value in attrs.items()
        if name != "policy"
    }
