"""The digests of a file, all in one pass."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

ALGORITHMS = ("sha224", "sha256", "sha384", "sha512")


@dataclass(frozen=True)
class Digests:
    """What identifies a file: its digests in hexadecimal digits, and its size in bytes."""

    sha224: str
    sha256: str
    sha384: str
    sha512: str
    size: int


class Digesting:
    """Takes a file piece by piece."""

    def __init__(self) -> None:
        self.size = 0
        self._hashes = [hashlib.new(name) for name in ALGORITHMS]

    def update(self, piece: bytes) -> None:
        self.size += len(piece)
        for each in self._hashes:
            each.update(piece)

    def result(self) -> Digests:
        sha224, sha256, sha384, sha512 = (each.hexdigest() for each in self._hashes)
        return Digests(sha224, sha256, sha384, sha512, self.size)
