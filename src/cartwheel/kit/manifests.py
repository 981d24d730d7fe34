"""MANIFEST.json and FILES.json: what a collection says of itself, and which files it says it has.

Format: docs.ansible.com, "Collection structure"; ansible-galaxy collection build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cartwheel.kit.errors import Invalid
from cartwheel.kit.filenames import NAME_LIMIT, Filename
from cartwheel.kit.tarballs import why_not_plain
from cartwheel.kit.versions import is_range, is_version

MANIFEST = "MANIFEST.json"
FILES = "FILES.json"
LIMITS = {MANIFEST: 4 << 20, FILES: 16 << 20}  # bytes; 3,800 files make 1 MB of FILES.json

TEXT_LIMIT = 20_000  # characters of a description
ADDRESS_LIMIT = 2000  # characters of an address
ITEM_LIMIT = 1000  # characters of a tag, an author, a license
LIST_LIMIT = 2000  # elements of a list
RANGE_LIMIT = 255  # characters of a range of versions

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAG = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BadManifest(Invalid):
    """MANIFEST.json or FILES.json is missing, broken, or says what is not so."""

    code = "bad_manifest"


class NameMismatch(Invalid):
    """The file is named for one collection and holds another. Clients know the sentence."""

    code = "name_mismatch"

    def __init__(self, what: str, promised: str, found: str) -> None:
        super().__init__(f'Filename {what} "{promised}" did not match metadata "{found}"')


@dataclass(frozen=True)
class Manifest:
    """What MANIFEST.json says, checked. `document` is all of it, as it was."""

    namespace: str
    name: str
    version: str
    authors: list[str]
    readme: str
    tags: list[str]
    description: str
    license: list[str]
    dependencies: dict[str, str]
    repository: str
    documentation: str
    homepage: str
    issues: str
    files_sha256: str
    document: dict[str, Any]


def parse_manifest(content: bytes) -> Manifest:
    """Read a MANIFEST.json. Raises BadManifest."""
    document = _object(content, MANIFEST)
    info = document.get("collection_info")
    if not isinstance(info, dict):
        raise BadManifest(f"{MANIFEST} has no object collection_info.")
    namespace, name = _identifier(info, "namespace"), _identifier(info, "name")
    version = info.get("version")
    if not isinstance(version, str) or not is_version(version):
        raise BadManifest(f"The version in {MANIFEST} is {version!r}, which is no semantic version.")
    return Manifest(
        namespace=namespace,
        name=name,
        version=version,
        authors=_list(info, "authors"),
        readme=_text(info, "readme", ADDRESS_LIMIT),
        tags=_tags(info),
        description=_text(info, "description", TEXT_LIMIT),
        license=_list(info, "license"),
        dependencies=_dependencies(info, f"{namespace}.{name}"),
        repository=_text(info, "repository", ADDRESS_LIMIT),
        documentation=_text(info, "documentation", ADDRESS_LIMIT),
        homepage=_text(info, "homepage", ADDRESS_LIMIT),
        issues=_text(info, "issues", ADDRESS_LIMIT),
        files_sha256=_files_sha256(document),
        document=document,
    )


def require_promised(manifest: Manifest, promised: Filename) -> None:
    """Raises NameMismatch if a file's name promised something else than its manifest says."""
    for what in ("namespace", "name", "version"):
        if getattr(promised, what) != getattr(manifest, what):
            raise NameMismatch(what, getattr(promised, what), getattr(manifest, what))


@dataclass(frozen=True)
class Listing:
    """What FILES.json says: path -> sha256 of each file, and the folders. `document` is that in its own form."""

    files: dict[str, str]
    folders: frozenset[str]
    document: dict[str, Any]


def parse_listing(content: bytes) -> Listing:
    """Read a FILES.json. Raises BadManifest."""
    document = _object(content, FILES)
    entries = document.get("files")
    if not isinstance(entries, list):
        raise BadManifest(f"{FILES} has no list of files.")
    listed: dict[str, str | None] = {}
    for entry in entries:
        name, sha256 = _entry(entry)
        if name in listed:
            raise BadManifest(f'{FILES} lists "{name}" twice.')
        listed[name] = sha256
    files = {name: sha256 for name, sha256 in listed.items() if sha256 is not None}
    folders = frozenset(name for name, sha256 in listed.items() if sha256 is None)
    return Listing(files, folders, {"files": [_document(*each) for each in listed.items()], "format": 1})


def _document(name: str, sha256: str | None) -> dict[str, Any]:
    """An entry as ansible-galaxy writes it, and no more than that."""
    return {
        "name": name,
        "ftype": "dir" if sha256 is None else "file",
        "chksum_type": None if sha256 is None else "sha256",
        "chksum_sha256": sha256,
        "format": 1,
    }


def _entry(entry: object) -> tuple[str, str | None]:
    """The name of an entry, and its sha256 if it is a file."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise BadManifest(f"{FILES} has an entry without a name.")
    name, kind, sha256 = entry["name"], entry.get("ftype"), entry.get("chksum_sha256")
    if name != "." and (reason := why_not_plain(name)):
        raise BadManifest(f"{FILES} lists {name[:200]!r}, {reason}.")
    if kind == "dir":
        return name, None
    if kind != "file":
        raise BadManifest(f'{FILES} says that "{name}" is of type {kind!r}; use "file" or "dir".')
    if entry.get("chksum_type") != "sha256" or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise BadManifest(f'{FILES} has no sha256 for "{name}".')
    return name, sha256


def _object(content: bytes, name: str) -> dict[str, Any]:
    if b"\\u0000" in content:
        raise BadManifest(f"{name} has a NUL character in a text.")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as problem:
        raise BadManifest(f"{name} is no JSON: {problem}.") from None
    if not isinstance(document, dict):
        raise BadManifest(f"{name} is no JSON object.")
    if document.get("format") != 1:
        raise BadManifest(f"{name} has the format {document.get('format')!r}; only 1 is understood.")
    return document


def _files_sha256(document: Mapping[str, Any]) -> str:
    entry = document.get("file_manifest_file")
    if not isinstance(entry, dict) or entry.get("name") != FILES:
        raise BadManifest(f"{MANIFEST} does not name {FILES} in file_manifest_file.")
    sha256 = entry.get("chksum_sha256")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise BadManifest(f"{MANIFEST} has no sha256 for {FILES}.")
    return sha256


def _identifier(info: Mapping[str, Any], key: str) -> str:
    value = info.get(key)
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > NAME_LIMIT:
        raise BadManifest(
            f"The {key} in {MANIFEST} is {_shown(value)}; use lower-case letters, digits and underscores,"
            f" a letter first, at most {NAME_LIMIT}."
        )
    return value


def _text(info: Mapping[str, Any], key: str, limit: int) -> str:
    value = info.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadManifest(f"The {key} in {MANIFEST} is {_shown(value)}, which is no text.")
    if len(value) > limit:
        raise BadManifest(f"The {key} in {MANIFEST} has {len(value)} characters; at most {limit} fit.")
    return value


def _list(info: Mapping[str, Any], key: str) -> list[str]:
    value = info.get(key)
    if value is None:
        return []
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadManifest(f"The {key} in {MANIFEST} is {_shown(value)}, which is no list of texts.")
    if len(value) > LIST_LIMIT or any(len(each) > ITEM_LIMIT for each in value):
        raise BadManifest(
            f"The {key} in {MANIFEST} is too long; at most {LIST_LIMIT} texts of {ITEM_LIMIT} characters fit."
        )
    return value


def _tags(info: Mapping[str, Any]) -> list[str]:
    tags = _list(info, "tags")
    for tag in tags:
        if not _TAG.fullmatch(tag) or len(tag) > NAME_LIMIT:
            raise BadManifest(
                f"A tag in {MANIFEST} is {_shown(tag)}; use lower-case letters, digits and underscores,"
                f" at most {NAME_LIMIT}."
            )
    return tags


def _dependencies(info: Mapping[str, Any], itself: str) -> dict[str, str]:
    value = info.get("dependencies")
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > LIST_LIMIT:
        raise BadManifest(f"The dependencies in {MANIFEST} are {_shown(value)}, which is no object.")
    for name, wanted in value.items():
        namespace, _, short = name.partition(".")
        if not _NAME.fullmatch(namespace) or not _NAME.fullmatch(short) or len(name) > 2 * NAME_LIMIT + 1:
            raise BadManifest(f"A dependency in {MANIFEST} is {_shown(name)}; use namespace.name.")
        if name == itself:
            raise BadManifest(f"{MANIFEST} says that {itself} depends on itself.")
        if not isinstance(wanted, str) or len(wanted) > RANGE_LIMIT or not is_range(wanted):
            raise BadManifest(
                f"{MANIFEST} depends on {name} in version {_shown(wanted)}, which is no range of versions."
            )
    return value


def _shown(value: object) -> str:
    return repr(value)[:200]
