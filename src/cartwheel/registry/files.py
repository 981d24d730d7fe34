"""The files behind artifacts, by digest."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from cartwheel.registry.models import Artifact
from cartwheel.registry.store import store


def key_of(artifact: Artifact) -> str:
    """Under which it is in the store."""
    return f"{artifact.sha256[:2]}/{artifact.sha256[2:]}"


def path_of(artifact: Artifact) -> Path:
    """Where it is, if the store is on this host's disk."""
    root: Path = settings.CONFIG.artifact_root
    return root / key_of(artifact)


def open_artifact(artifact: Artifact) -> BinaryIO:
    """The file, open for reading. Raises FileNotFoundError, StoreUnavailable."""
    return store().open(key_of(artifact))


def link_to(artifact: Artifact, seconds: int) -> str | None:
    """An address in the store where whoever has it may fetch the file for so long, if there is one."""
    return store().link(key_of(artifact), seconds)


def remove(artifact: Artifact) -> None:
    """Remove the file; it may be gone already."""
    store().delete(key_of(artifact))
