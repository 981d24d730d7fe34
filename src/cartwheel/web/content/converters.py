"""How addresses of pages name a repository: by its name, or by its id where the name cannot stand in a path."""

from __future__ import annotations

import re
from uuid import UUID

from django.urls import register_converter

from cartwheel.kit.ids import is_uuid
from cartwheel.registry.models import Repository

PLAIN = re.compile(r"[\w~-][\w .~-]*")


class RepositoryConverter:
    """Takes a Repository, or a name that can stand in a path; gives what `name_or_id` understands."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: Repository | str) -> str:
        return value if isinstance(value, str) else segment(value.name, value.pk)


def segment(name: str, pk: UUID) -> str:
    """The part of an address that names a repository."""
    return name if PLAIN.fullmatch(name) and not is_uuid(name) else str(pk)


register_converter(RepositoryConverter, "repository")
