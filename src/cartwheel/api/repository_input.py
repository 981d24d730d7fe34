"""What may be said of repositories and distributions, and in which form. Only what was sent is read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField, IntegerField
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.validators import UniqueValidator

from cartwheel.api.label_input import LabelsField
from cartwheel.api.references import (
    A_REMOTE,
    A_REPOSITORY,
    A_REPOSITORY_VERSION,
    ReferenceField,
    find_remote,
    find_repository,
    repository_version,
)
from cartwheel.api.strictness import Strict
from cartwheel.api.text_field import TextField
from cartwheel.registry.distribution_settings import BOTH, Overlaps, check_path
from cartwheel.registry.models import Distribution, Repository

NAME_LIMIT = 255
TEXT_LIMIT = 100_000  # characters
NUMBER_LIMIT = 2_147_483_647

SHOWN = ("pulp_href", "prn", "pulp_created", "pulp_last_updated")  # may be sent back, and change nothing


def unique(rows: QuerySet[Any]) -> UniqueValidator:
    return UniqueValidator(queryset=rows, message="This field must be unique.")


class RepositoryInput(Strict[Repository]):
    also_known = (
        *SHOWN,
        "versions_href",
        "latest_version_href",
        "last_synced_metadata_time",
        "last_sync_task",
    )

    pulp_labels = LabelsField(required=False, source="labels")
    name = TextField(max_length=NAME_LIMIT, validators=[unique(Repository.objects.all())])
    description = TextField(required=False, allow_null=True, max_length=TEXT_LIMIT)
    retain_repo_versions = IntegerField(required=False, allow_null=True, min_value=1, max_value=NUMBER_LIMIT)
    remote = ReferenceField(A_REMOTE, find_remote, required=False, allow_null=True)
    gpgkey = TextField(required=False, allow_null=True, max_length=TEXT_LIMIT)
    private = BooleanField(required=False)


class DistributionInput(Strict[Distribution]):
    also_known = (*SHOWN, "client_url", "content_guard", "no_content_change_since")

    base_path = TextField(max_length=NAME_LIMIT, validators=[unique(Distribution.objects.all())])
    hidden = BooleanField(required=False)
    pulp_labels = LabelsField(required=False, source="labels")
    name = TextField(max_length=NAME_LIMIT, validators=[unique(Distribution.objects.all())])
    repository = ReferenceField(A_REPOSITORY, find_repository, required=False, allow_null=True)
    repository_version = ReferenceField(
        A_REPOSITORY_VERSION, repository_version, required=False, allow_null=True
    )

    def validate_base_path(self, value: str) -> str:
        if value.startswith("/") or value.endswith("/"):
            raise ValidationError("Relative path cannot begin or end with slashes.")
        if " " in value:
            raise ValidationError("Relative path cannot contain spaces.")
        if any(part in ("", ".", "..") for part in value.split("/")) or any(
            each.isspace() or not each.isprintable() or each in "?#%\\" for each in value
        ):
            raise ValidationError("That is no path: use letters, digits, dots, dashes, and slashes between.")
        try:
            check_path(value, self.instance, by=self.context["request"].user)
        except Overlaps as problem:
            raise ValidationError({"base_path": problem.message}) from None  # nested, as clients know it
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("repository") and attrs.get("repository_version"):
            raise ValidationError(BOTH)
        return attrs


class RebuildInput(Strict[None]):
    namespace = TextField(required=False, max_length=64)
    name = TextField(required=False, max_length=64)
    version = TextField(required=False, max_length=128)


class RepairInput(Serializer[None]):
    verify_checksums = BooleanField(required=False, default=True)


def read(
    form: type[Serializer[Any]],
    request: Request,
    row: Any = None,
    *,
    is_partial: bool = False,
) -> dict[str, Any]:
    """What was sent, checked. Raises ValidationError, where the form is strict also for fields that nobody knows."""
    given = form(row, data=request.data, partial=is_partial, context={"request": request})
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
