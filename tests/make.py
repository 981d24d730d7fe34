"""Makes what tests need; a test names only what it is about."""

from __future__ import annotations

import hashlib
from typing import Any

from semantic_version import Version

from cartwheel.kit.versions import sort_key
from cartwheel.registry.models import Artifact, Collection, CollectionVersion, Repository, User

PASSWORD = "correct-horse-battery"


def user(name: str, **details: Any) -> User:
    """A user who can sign in with PASSWORD, hashed cheaply."""
    made = User(username=name, **details)
    made.password = f"md5$salt${hashlib.md5(f'salt{PASSWORD}'.encode(), usedforsecurity=False).hexdigest()}"
    made.save()
    return made


def repository(name: str = "published", **details: Any) -> Repository:
    return Repository.objects.get_or_create(name=name, defaults=details)[0]


def version(name: str = "acme.tools", number: str = "1.0.0", **details: Any) -> CollectionVersion:
    """A collection version whose artifact is only a row."""
    namespace, _, short = name.partition(".")
    collection, _ = Collection.objects.get_or_create(namespace=namespace, name=short)
    digest = hashlib.sha256(f"{name}-{number}".encode()).hexdigest()
    artifact, _ = Artifact.objects.get_or_create(sha256=digest, defaults={"size": 1000})
    return CollectionVersion.objects.create(
        collection=collection,
        namespace=namespace,
        name=short,
        version=number,
        version_key=sort_key(Version(number)),
        is_prerelease=bool(Version(number).prerelease),
        artifact=artifact,
        **details,
    )
