"""The files behind artifacts, by digest."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from cartwheel.registry.models import Artifact


def path_of(artifact: Artifact) -> Path:
    root: Path = settings.CONFIG.artifact_root
    return root / artifact.sha256[:2] / artifact.sha256[2:]


def open_artifact(artifact: Artifact) -> BinaryIO:
    """The file, open for reading. Raises FileNotFoundError."""
    return path_of(artifact).open("rb")


def remove(artifact: Artifact) -> None:
    """Remove the file; it may be gone already."""
    path_of(artifact).unlink(missing_ok=True)
