"""Reading a collection: its tarball is taken in one pass, and every file is compared with FILES.json."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, Protocol

from cartwheel.kit.filenames import Filename
from cartwheel.kit.manifests import (
    FILES,
    LIMITS,
    MANIFEST,
    BadManifest,
    Listing,
    Manifest,
    parse_listing,
    parse_manifest,
    require_promised,
)
from cartwheel.kit.tarballs import BadTarball, Kind, Member, members

LINKS_LIMIT = 20  # links that lead to links


class Reader(Protocol):
    """Somebody who wants to see some of the files as they pass by, before they are known to be right."""

    def wants(self, path: str, size: int) -> bool: ...

    def take(self, path: str, content: bytes) -> None: ...


@dataclass(frozen=True)
class CollectionFiles:
    """A collection whose files are what it says."""

    manifest: Manifest
    listing: Listing


def read_collection(
    packed: BinaryIO, *, promised: Filename | None = None, reader: Reader | None = None
) -> CollectionFiles:
    """Read the tarball of a collection to its end and check all of it.

    `promised` is what its file name says. Raises BadTarball, BadManifest or NameMismatch, each with one
    sentence. A `reader` must forget what it took when this raises.
    """
    contents = _Contents()
    for member, pieces in members(packed):
        content = contents.add(member, pieces, keep=_is_kept(member, reader))
        if content is None:
            continue
        if member.name in LIMITS:
            contents.documents[member.name] = content
        elif reader is not None:
            reader.take(member.name, content)
        if promised is not None and member.name == MANIFEST:
            require_promised(parse_manifest(content), promised)  # no need to read on
    manifest = parse_manifest(contents.document(MANIFEST))
    _require_digest(contents, manifest)
    listing = parse_listing(contents.document(FILES))
    _compare(contents, listing)
    return CollectionFiles(manifest, listing)


def read_manifest(packed: BinaryIO) -> Manifest:
    """What the tarball of a collection says it is. Nothing behind its MANIFEST.json is looked at.

    Raises BadTarball, BadManifest.
    """
    for member, pieces in members(packed):
        if member.name == MANIFEST and _is_kept(member, None):
            return parse_manifest(b"".join(pieces))
    raise BadManifest(f"The tarball has no {MANIFEST}.")


def _is_kept(member: Member, reader: Reader | None) -> bool:
    if member.kind is not Kind.FILE:
        return False
    if member.name in LIMITS:
        if member.size > LIMITS[member.name]:
            raise BadManifest(
                f"{member.name} has {member.size} bytes; at most {LIMITS[member.name]} are allowed."
            )
        return True
    return reader is not None and reader.wants(member.name, member.size)


@dataclass
class _Contents:
    """What was in the tarball: the digest of each file, and where each link leads."""

    digests: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    documents: dict[str, bytes] = field(default_factory=dict)

    def add(self, member: Member, pieces: Iterator[bytes], *, keep: bool) -> bytes | None:
        """Take a member; its content comes back if it is to be kept."""
        if member.kind is Kind.FOLDER:
            self.folders.add(member.name)
        elif member.kind is Kind.LINK:
            self.links[member.name] = member.target
        else:
            digest, kept = hashlib.sha256(), []
            for piece in pieces:
                digest.update(piece)
                if keep:
                    kept.append(piece)
            self.digests[member.name] = digest.hexdigest()
            return b"".join(kept) if keep else None
        return None

    def document(self, name: str) -> bytes:
        if name not in self.documents:
            raise BadManifest(f"The tarball has no {name}.")
        return self.documents[name]

    def is_folder(self, name: str) -> bool:
        """Is there such a folder, or something in it? Asked for links only, once all is there."""
        if name == "." or name in self.folders:
            return True
        inside = f"{name}/"
        at = bisect_left(self._in_order, inside)
        return at < len(self._in_order) and self._in_order[at].startswith(inside)

    @cached_property
    def _in_order(self) -> list[str]:
        # Not all folders that names lie in: a small tarball may have millions of those.
        return sorted([*self.folders, *self.digests, *self.links])

    def behind(self, name: str) -> str:
        """What a name stands for in the end, if it is a link; else the name itself."""
        for _ in range(LINKS_LIMIT):
            if name not in self.links:
                return name
            name = self.links[name]
        raise BadTarball(f'"{name}" is one of too many links that lead to links.')


def _require_digest(contents: _Contents, manifest: Manifest) -> None:
    if FILES not in contents.digests:
        raise BadManifest(f"The tarball has no {FILES}.")
    if contents.digests[FILES] != manifest.files_sha256:
        raise BadManifest(
            f"{FILES} has the sha256 {contents.digests[FILES]}, but {MANIFEST} says {manifest.files_sha256}."
        )


def _compare(contents: _Contents, listing: Listing) -> None:
    """Everything listed is there and as listed; nothing else is there."""
    for name, sha256 in listing.files.items():
        found = contents.digests.get(contents.behind(name))
        if found is None:
            raise BadManifest(f'{FILES} lists "{name}", which is not in the tarball.')
        if found != sha256:
            raise BadManifest(f'"{name}" has the sha256 {found}, but {FILES} says {sha256}.')
    for name in listing.folders:
        real = contents.behind(name)
        if real in contents.digests or (name in contents.links and not contents.is_folder(real)):
            raise BadManifest(f'{FILES} says that "{name}" is a folder, which it is not.')
    for name in (*contents.digests, *contents.links):
        if name not in listing.files and name not in listing.folders and name not in LIMITS:
            raise BadManifest(f'"{name}" is in the tarball, but not in {FILES}.')
