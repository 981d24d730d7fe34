"""Artifacts on disk, or in an object store: `make test-on-s3`, or CARTWHEEL_TEST_STORAGE=s3.

Tests that ask what is in the store ask here.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from cartwheel.registry.models import Artifact

SHARED = "TESTS_OBJECT_STORE"  # in the environment: where the server is that all tests share
AFTER_ALL = 1e12  # a time when everything is old

on_disk = pytest.mark.skipif(
    os.environ.get("CARTWHEEL_TEST_STORAGE") == "s3", reason="it is about files on disk"
)


def is_remote() -> bool:
    return os.environ.get("CARTWHEEL_TEST_STORAGE") == "s3"


def new_storage(**options: str) -> str:
    """Storage of its own in a bucket that all tests share, as CARTWHEEL_STORAGE_URL names it."""
    from object_stores import running_bucket, set_credentials, storage_url

    set_credentials()
    if SHARED not in os.environ:  # processes that this one starts find it there
        running = running_bucket()
        os.environ[SHARED] = running.__enter__().endpoint
        atexit.register(running.__exit__, None, None, None)
    return storage_url(os.environ[SHARED], uuid4().hex, **options)


def stored() -> list[str]:
    """What the hub keeps, uploads and what is on its way included."""
    from django.conf import settings

    from cartwheel.registry.store import store

    root: Path = settings.CONFIG.artifact_root
    here = {str(each.relative_to(root)) for each in root.rglob("*") if each.is_file()}
    there = store().older("", AFTER_ALL) if is_remote() else ()
    return sorted(here | set(there))


def has_file(artifact: Artifact) -> bool:
    from cartwheel.registry.files import key_of

    return key_of(artifact) in stored()


def write_file(artifact: Artifact, content: bytes) -> None:
    """Let an artifact have that file, whatever its digest is."""
    from django.conf import settings

    from cartwheel.registry.files import key_of
    from cartwheel.registry.store import store

    drop_file(artifact)
    source: Path = settings.CONFIG.artifact_root / uuid4().hex
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(content)
    store().put(source, key_of(artifact))


def drop_file(artifact: Artifact) -> None:
    from cartwheel.registry.files import remove

    remove(artifact)
