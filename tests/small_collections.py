"""Small collections, good and bad ones."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from typing import Any

from real_collections import build

MODULE = '''#!/usr/bin/python
DOCUMENTATION = """
module: ping2
short_description: Return pong
description:
  - Returns pong.
version_added: 1.0.0
options:
  data:
    description: Data to return.
    type: str
    default: pong
author:
  - Ref Author (@ref)
"""
EXAMPLES = """
- name: Ping
  acme.tools.ping2:
    data: hi
"""
RETURN = """
ping:
  description: Value given in data.
  returned: success
  type: str
"""
raise SystemExit("nobody runs this")
'''
FILES = {
    "README.md": "# acme.tools\n\nReference collection.\n",
    "meta/runtime.yml": "requires_ansible: '>=2.15.0'\n",
    "plugins/modules/ping2.py": MODULE,
    "roles/hello/README.md": "# hello\n\nSays hello.\n",
    "roles/hello/meta/main.yml": "galaxy_info:\n  description: hello role\n",
    "roles/hello/tasks/main.yml": "- ansible.builtin.debug:\n    msg: hello\n",
}


def info(**changes: Any) -> dict[str, Any]:
    """The collection_info of acme.tools 1.0.0, with changes; None takes a key away."""
    whole: dict[str, Any] = {
        "namespace": "acme",
        "name": "tools",
        "version": "1.0.0",
        "authors": ["Ref Author <ref@example.com>"],
        "readme": "README.md",
        "tags": ["tools", "linux"],
        "description": "reference collection tools",
        "license": ["GPL-2.0-or-later"],
        "license_file": None,
        "dependencies": {},
        "repository": "https://example.com/repo",
        "documentation": "https://example.com/docs",
        "homepage": "https://example.com",
        "issues": "https://example.com/issues",
    }
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


def collection(files: dict[str, str] | None = None, **changes: Any) -> bytes:
    """The tarball of acme.tools 1.0.0; `files` are added, `changes` are of its collection_info."""
    contents = {**FILES, **(files or {})}
    return build(info(**changes), ((name, text.encode()) for name, text in contents.items()))


def entry(name: str, content: bytes | None = None, **changes: Any) -> dict[str, Any]:
    """An entry of FILES.json: of a folder, or of a file with that content."""
    digest = None if content is None else hashlib.sha256(content).hexdigest()
    made = {
        "name": name,
        "ftype": "dir" if content is None else "file",
        "chksum_type": None if content is None else "sha256",
        "chksum_sha256": digest,
        "format": 1,
    }
    return {**made, **changes}


def member(name: str, content: bytes = b"", **attributes: Any) -> tuple[tarfile.TarInfo, bytes]:
    """A member of a tarball; `attributes` are those of its header: type, linkname."""
    header = tarfile.TarInfo(name)
    header.size = len(content)
    for key, value in attributes.items():
        setattr(header, key, value)
    return header, content


def tarball(members: Iterable[tuple[tarfile.TarInfo, bytes]], format: int = tarfile.PAX_FORMAT) -> bytes:  # noqa: A002, tarfile's word
    """A tarball of exactly these members, whatever they are."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as plain,
        tarfile.open(fileobj=plain, mode="w", format=format) as tar,
    ):
        for header, content in members:
            tar.addfile(header, io.BytesIO(content))
    return packed.getvalue()


def with_members(
    *more: tuple[tarfile.TarInfo, bytes],
    entries: Iterable[dict[str, Any]] = (),
    manifest: Any = None,
    listing: Any = None,
) -> bytes:
    """A collection with a README, and with these members and entries of FILES.json beside it.

    `manifest` and `listing` change the documents before they are packed, or are their bytes.
    """
    readme = b"# acme.tools\n"
    files: dict[str, Any] = {"files": [entry("."), entry("README.md", readme), *entries], "format": 1}
    packed_files = listing if isinstance(listing, bytes) else json.dumps(files | (listing or {})).encode()
    whole: dict[str, Any] = {
        "collection_info": info(),
        "file_manifest_file": entry("FILES.json", packed_files),
        "format": 1,
    }
    packed_manifest = (
        manifest if isinstance(manifest, bytes) else json.dumps(whole | (manifest or {})).encode()
    )
    return tarball(
        [
            member("MANIFEST.json", packed_manifest),
            member("FILES.json", packed_files),
            member("README.md", readme),
            *more,
        ]
    )
