"""Things that bodies and parameters refer to: by an address below Pulp's API, with or without the host, or by PRN."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.urls import is_valid_path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field, empty

from cartwheel.api.addresses import below_pulp
from cartwheel.registry.chunked_uploads import uploads_of
from cartwheel.registry.contents import known_artifacts
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import (
    Artifact,
    ChunkedUpload,
    CollectionRemote,
    Repository,
    RepositoryVersion,
    User,
)

REPOSITORIES, REMOTES = "repositories/ansible/ansible/", "remotes/ansible/collection/"
VERSIONS = "content/ansible/collection_versions/"
ARTIFACTS, UPLOADS = "artifacts/", "uploads/"
# What an address of each kind looks like, below Pulp's API; the first part in brackets is the id.
A_REPOSITORY = re.compile(r"repositories/ansible/ansible/([^/]+)/")
A_REPOSITORY_VERSION = re.compile(r"repositories/ansible/ansible/([^/]+)/versions/[^/]+/")
A_REMOTE = re.compile(r"remotes/ansible/(?:collection|role|git)/([^/]+)/")
A_COLLECTION_VERSION = re.compile(r"content/ansible/collection_versions/([^/]+)/")
A_SIGNING_SERVICE = re.compile(r"signing-services/([^/]+)/")
A_GUARD = re.compile(r"contentguards/core/[^/]+/([^/]+)/")
AN_ARTIFACT, AN_UPLOAD = re.compile(r"artifacts/([^/]+)/"), re.compile(r"uploads/([^/]+)/")
_BY_PRN = {
    "ansible.ansiblerepository": REPOSITORIES,
    "ansible.collectionremote": REMOTES,
    "ansible.collectionversion": VERSIONS,
    "core.artifact": ARTIFACTS,
    "core.upload": UPLOADS,
}


def path_of(reference: str) -> str:
    """The path below Pulp's API that is meant; empty if that is no reference."""
    if reference.startswith("prn:"):
        kind, _, identifier = reference.removeprefix("prn:").partition(":")
        return f"{_BY_PRN[kind]}{identifier}/" if kind in _BY_PRN else ""
    return below_pulp(reference) or ""


def id_of(reference: str, root: str) -> UUID | None:
    """The id in a reference to something in the list at `root`."""
    path = path_of(reference)
    rest = path.removeprefix(root).strip("/")
    return as_uuid(rest) if path.startswith(root) else None


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def repository_version(reference: str, user: User | AnonymousUser) -> RepositoryVersion | None:
    """The version of a repository that is meant, if the user may read that repository."""
    rows = RepositoryVersion.objects.select_related("repository")
    rows = rows.filter(repository__in=Repository.objects.filter(readable_by(user)))
    if reference.startswith("prn:core.repositoryversion:"):
        identifier = as_uuid(reference.rpartition(":")[2])
        return rows.filter(pk=identifier).first() if identifier else None
    parts = path_of(reference).removeprefix(REPOSITORIES).strip("/").split("/")
    identifier = as_uuid(parts[0])
    is_one = len(parts) == 3 and parts[1] == "versions" and parts[2].isascii() and parts[2].isdigit()
    if identifier is None or not is_one or len(parts[2]) > 9:
        return None
    return rows.filter(repository=identifier, number=int(parts[2])).first()


# -- in bodies ------------------------------------------------------------------------------------

Find = Callable[[str, Any], "Model | None"]


class ReferenceField(Field[Any, Any, Any, Any]):
    """One thing of a kind, found for the user of the serializer's request. An empty text stands for none."""

    def __init__(self, kind: re.Pattern[str], find: Find, **options: Any) -> None:
        super().__init__(**options)
        self.kind, self.find = kind, find

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(None if data == "" else data)

    def to_internal_value(self, data: Any) -> Model:
        if not isinstance(data, str):
            raise ValidationError(
                f"Incorrect type. Expected URL string, received {type(data).__name__}.", code="incorrect_type"
            )
        found = self.find(data, self.context["request"].user)
        if found is None:
            raise not_found(data, self.kind)
        return found


def not_found(reference: str, kind: re.Pattern[str]) -> ValidationError:
    """What to raise where nothing of a kind was found, in the words of Pulp."""
    is_prn, path = reference.startswith("prn:"), path_of(reference)
    if is_prn and reference.count(":") != 2:
        return ValidationError(f"PRN must be of the form 'prn:app_label.model_label:pk': {reference}")
    matched = kind.fullmatch(path)
    if matched and as_uuid(matched[1]) is None:
        return ValidationError(f"“{matched[1]}” is not a valid UUID.")
    if matched or (is_prn and not path):
        return ValidationError("Invalid hyperlink - Object does not exist.", code="does_not_exist")
    is_address = is_prn or (bool(path) and is_valid_path(f"{settings.CONFIG.api_prefix}pulp/api/v3/{path}"))
    if is_address:
        return ValidationError("Invalid hyperlink - Incorrect URL match.", code="incorrect_match")
    return ValidationError("Invalid hyperlink - No URL match.", code="no_match")


def find_repository(reference: str, user: User) -> Repository | None:
    identifier = id_of(reference, REPOSITORIES)
    return Repository.objects.filter(readable_by(user), pk=identifier).first() if identifier else None


def find_remote(reference: str, user: User) -> CollectionRemote | None:
    path = path_of(reference)
    if path.startswith("remotes/") and not path.startswith(REMOTES):
        raise ValidationError(f"Type for Remote '{reference}' does not match Repository.")
    identifier = id_of(reference, REMOTES)
    return CollectionRemote.objects.filter(pk=identifier).first() if identifier else None


def find_artifact(reference: str, user: User) -> Artifact | None:
    identifier = id_of(reference, ARTIFACTS)
    return known_artifacts(user).filter(pk=identifier).first() if identifier else None


def find_upload(reference: str, user: User) -> ChunkedUpload | None:
    identifier = id_of(reference, UPLOADS)
    return uploads_of(user).filter(pk=identifier).first() if identifier else None


def find_signing_service(reference: str, user: User) -> None:
    """There is nobody here who signs."""
