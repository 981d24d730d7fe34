"""What the hub remembers, but for its tasks."""

from cartwheel.registry.models.collections import (
    Artifact,
    Collection,
    CollectionImport,
    CollectionVersion,
    DocFragments,
)
from cartwheel.registry.models.facts import Fact
from cartwheel.registry.models.namespaces import Namespace
from cartwheel.registry.models.people import Role, RoleGrant, Token, User, WrongPassword
from cartwheel.registry.models.remotes import CollectionRemote
from cartwheel.registry.models.repositories import (
    Deprecation,
    Distribution,
    Mark,
    Repository,
    RepositoryContent,
    RepositoryVersion,
)
from cartwheel.registry.models.uploads import Chunk, ChunkedUpload

__all__ = [
    "Artifact",
    "Chunk",
    "ChunkedUpload",
    "Collection",
    "CollectionImport",
    "CollectionRemote",
    "CollectionVersion",
    "Deprecation",
    "Distribution",
    "DocFragments",
    "Fact",
    "Mark",
    "Namespace",
    "Repository",
    "RepositoryContent",
    "RepositoryVersion",
    "Role",
    "RoleGrant",
    "Token",
    "User",
    "WrongPassword",
]
