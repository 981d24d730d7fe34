"""A copy of a collection for linters: what they read is in it, and nothing that could be run.

Sources are there but empty, so that modules and plugins have their names; what configures linters and
Ansible is left out, as it could make them load code.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from cartwheel.kit.manifests import FILES, MANIFEST, parse_manifest
from cartwheel.kit.tarballs import Kind, Member, members

READ = frozenset((".yml", ".yaml", ".json", ".md", ".rst", ".txt", ".j2"))
CONFIGURES = frozenset(("ansible.cfg", "galaxy.yml", "setup.cfg", "setup.py", "pyproject.toml", "tox.ini"))
FILE_LIMIT = 2 << 20  # bytes; larger ones are there but empty
TOTAL_LIMIT = 128 << 20


def write_copy(packed: BinaryIO, folder: Path) -> Path:
    """Write the copy of a tarball, under the name that ansible-galaxy gives it. Raises BadTarball, BadManifest."""
    files: dict[str, bytes] = {}
    folders: list[str] = []
    left = TOTAL_LIMIT
    for member, pieces in members(packed):
        if member.kind is Kind.FOLDER and is_wanted(member.name):
            folders.append(member.name)
        elif member.kind is Kind.FILE and is_wanted(member.name):
            content = b"".join(pieces) if is_read(member, left) else b""
            files[member.name] = content
            left -= len(content)
    manifest = parse_manifest(files.pop(MANIFEST, b""))
    files.pop(FILES, None)
    listing = orjson.dumps(_listing(folders, files))
    document = {**manifest.document, "file_manifest_file": _entry(FILES, listing)}
    path = folder / f"{manifest.namespace}-{manifest.name}-{manifest.version}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, content in {MANIFEST: orjson.dumps(document), FILES: listing, **files}.items():
            _add(tar, name, content)
    return path


def is_wanted(name: str) -> bool:
    """Hidden files and folders are left out, as all else that configures programs."""
    parts = name.split("/")
    return parts[-1] not in CONFIGURES and not any(part.startswith(".") for part in parts)


def is_read(member: Member, left: int) -> bool:
    """Is it a text that linters read? Of others, only the name counts."""
    return posixpath.splitext(member.name)[1].lower() in READ and member.size <= min(FILE_LIMIT, left)


def _listing(folders: list[str], files: dict[str, bytes]) -> dict[str, Any]:
    entries: list[dict[str, Any]] = [
        {"name": name, "ftype": "dir", "chksum_type": None, "chksum_sha256": None, "format": 1}
        for name in [".", *folders]
    ]
    return {"files": entries + [_entry(name, content) for name, content in files.items()], "format": 1}


def _entry(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "ftype": "file", "chksum_type": "sha256", "chksum_sha256": digest, "format": 1}


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o644
    tar.addfile(member, io.BytesIO(content))
