"""Reading a tarball that a stranger made: forwards, in bounded memory, and nothing is unpacked to disk.

What would leave the tree, hide behind another name or never end is refused with a sentence:
absolute names, "..", the same name twice, links out of the tree, hard links, devices, and too much of
anything. Only gzip is read, which is what ansible-galaxy makes.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO

from cartwheel.kit.errors import Invalid
from cartwheel.kit.gunzip import NoGzip, unpacked

MEMBERS_LIMIT = 50_000
FILE_LIMIT = 1 << 30  # bytes of one file
TOTAL_LIMIT = 4 << 30  # bytes of all that is unpacked
RATIO_LIMIT = 200  # how many times its packed size may be unpacked, beyond RATIO_FREE bytes
RATIO_FREE = 64 << 20
NAME_LIMIT = 1000  # bytes of a name with all its folders
DEPTH_LIMIT = 50  # folders in folders
HEADER_LIMIT = 16 << 10  # bytes of all headers of one member: beside one of 512, long names stand there
HEADERS_LIMIT = 64 << 20  # bytes of the headers of all members
PIECE = 1 << 16  # bytes read at once


class BadTarball(Invalid):
    """A file is no tarball, or one that is not to be trusted."""

    code = "bad_tarball"


class Kind(Enum):
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True)
class Member:
    """A file, folder or symbolic link in a tarball. `target` is what a link points to, inside the tree."""

    name: str
    kind: Kind
    size: int = 0
    target: str = ""


def members(packed: BinaryIO) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """Each member with the pieces of its content, which must be taken before the next member.

    Raises BadTarball where it meets something wrong, at the latest at the end.
    """
    stream = _Guard(packed)
    with _damage():
        yield from _each(_open(stream), stream)
        stream.drain()  # to the end, where gzip's own checksum is compared


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, RecursionError) as problem:
        raise BadTarball(f"The tarball is damaged: {problem}.") from None


class _Tar(tarfile.TarFile):
    members: list[tarfile.TarInfo]  # all that were read so far


def _open(stream: _Guard) -> _Tar:
    try:
        return _Tar(fileobj=stream, mode="r", encoding="utf-8", errors="surrogateescape")
    except (tarfile.TarError, EOFError, NoGzip):
        # Clients know these words, each method on a line.
        raise BadTarball(
            "file could not be opened successfully:\n- method gz: ReadError('not a gzip file')"
        ) from None


def _each(tar: _Tar, stream: _Guard) -> Iterator[tuple[Member, Iterator[bytes]]]:
    kinds: dict[str, Kind] = {}
    links: list[Member] = []
    while True:
        with stream.header():
            info = tar.next()
        if info is None:
            break
        tar.members.clear()  # nobody asks for them again
        member = _checked(info)
        if member.name in kinds:
            raise BadTarball(f'"{member.name}" is in the tarball twice.')
        if len(kinds) >= MEMBERS_LIMIT:
            raise BadTarball(f"The tarball has more than {MEMBERS_LIMIT} members.")
        kinds[member.name] = member.kind
        if member.kind is Kind.LINK:
            links.append(member)
        yield member, _pieces(tar, info) if member.kind is Kind.FILE else iter(())
    _check_tree(kinds, links)


def _checked(info: tarfile.TarInfo) -> Member:
    """What a header says, if it is harmless."""
    name = info.name
    if reason := why_not_plain(name):
        raise BadTarball(f'The tarball holds "{_shown(name)}", {reason}.')
    if info.isdir():
        return Member(name, Kind.FOLDER)
    if info.issym():
        return Member(name, Kind.LINK, target=_target(name, info.linkname))
    if info.islnk():
        raise BadTarball(f'"{name}" is a hard link. Pack the file itself.')
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.issparse():
        raise BadTarball(f'"{name}" is neither a file nor a folder.')
    if not 0 <= info.size <= FILE_LIMIT:
        raise BadTarball(f'"{name}" has {info.size} bytes; at most {FILE_LIMIT} are allowed.')
    return Member(name, Kind.FILE, size=info.size)


def why_not_plain(name: str) -> str:
    """Why a name does not stand for something inside the tree, or "" if it does: "plugins/modules/ping.py"."""
    parts = name.split("/")
    if name.startswith("/"):
        return "which is an absolute path"
    if ".." in parts:
        return "which points outside"
    if "" in parts or "." in parts:
        return "which is not a plain path inside the collection"
    if len(name.encode(errors="surrogateescape")) > NAME_LIMIT or len(parts) > DEPTH_LIMIT:
        return f"which is longer than {NAME_LIMIT} bytes or {DEPTH_LIMIT} folders"
    if "\\" in name or not name.isprintable():
        return "which has characters that no path here may have"
    return ""


def _target(name: str, linkname: str) -> str:
    """Where a link leads to. It may go up to the top of the tree first, then only down."""
    parts = linkname.split("/")
    while parts and parts[0] == "..":
        parts.pop(0)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), linkname))
    if linkname.startswith("/") or ".." in parts or target == ".." or target.startswith("../"):
        raise BadTarball(f'"{name}" is a link to "{_shown(linkname)}", which points outside.')
    return target


def _check_tree(kinds: dict[str, Kind], links: list[Member]) -> None:
    """Only folders have something below them: what lies behind a link or a file is not where it says."""
    for name in [*kinds, *(link.target for link in links)]:
        for parent in parents(name):
            if kinds.get(parent, Kind.FOLDER) is not Kind.FOLDER:
                raise BadTarball(f'"{name}" lies below "{parent}", which is a {kinds[parent].value}.')


def parents(name: str) -> Iterator[str]:
    """The folders that a name lies in: "a/b/c" lies in "a/b" and "a"."""
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _pieces(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    content = tar.extractfile(info)
    left = info.size
    while content is not None and left:
        with _damage():
            piece = content.read(min(PIECE, left))
        if not piece:
            raise BadTarball(f'The tarball ends in the middle of "{info.name}".')
        left -= len(piece)
        yield piece


def _shown(text: str) -> str:
    """A name that may be anything, fit for a message."""
    return text.encode(errors="backslashreplace").decode()[:200]


class _Guard(io.BufferedIOBase):
    """What is unpacked, as it is read: counted, and only forwards."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._plain = unpacked(packed)
        self._position = 0
        self._headers = 0
        # Bytes of the member's headers so far; tarfile reads the first one when it opens.
        self._header: int | None = 0

    @contextmanager
    def header(self) -> Iterator[None]:
        """What is read meanwhile are headers."""
        self._header = 0
        try:
            yield
        finally:
            self._header = None

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise BadTarball("The tarball is damaged: a size is negative.")
        if self._header is not None:
            self._header += size
            self._headers += size
            if self._header > HEADER_LIMIT or self._headers > HEADERS_LIMIT:
                raise BadTarball("The tarball has a header that is too long.")
        piece = self._plain.read(size)
        self._position += len(piece)
        self._check_total()
        return piece

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self._position:
            raise BadTarball("The tarball is damaged: it points backwards.")
        while self._position < offset and self._skip(offset - self._position):
            pass
        return self._position

    def drain(self) -> None:
        while self._skip(PIECE):
            pass

    def _skip(self, most: int) -> bool:
        piece = self._plain.read(min(most, PIECE))
        self._position += len(piece)
        self._check_total()
        return bool(piece)

    def _check_total(self) -> None:
        if self._position > TOTAL_LIMIT:
            raise BadTarball(f"Unpacked, the tarball has more than {TOTAL_LIMIT} bytes.")
        if self._position > RATIO_FREE and self._position > RATIO_LIMIT * self._packed.tell():
            raise BadTarball(f"Unpacked, the tarball is more than {RATIO_LIMIT} times as large as packed.")
