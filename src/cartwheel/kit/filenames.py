"""The file names of collections: namespace-name-version.tar.gz.

The sentences are those that clients of Galaxy know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cartwheel.kit.errors import Invalid
from cartwheel.kit.versions import is_version

NAME_LIMIT = 64  # characters of a namespace, and of a name
VERSION_LIMIT = 128  # characters

_FILENAME = re.compile(r"(\w+)-(\w+)-([0-9A-Za-z.+-]+)\.tar\.gz", re.ASCII)


class BadFilename(Invalid):
    """A file is not named as collections are."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="filename")


@dataclass(frozen=True)
class Filename:
    """Which collection a file's name promises."""

    namespace: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.namespace}-{self.name}-{self.version}.tar.gz"


def parse_filename(filename: str) -> Filename:
    """Take a name apart. Raises BadFilename if its form, its version or a length is not right."""
    match = _FILENAME.fullmatch(filename)
    if match is None:
        raise BadFilename(f"Invalid filename {filename}. Expected format: namespace-name-version.tar.gz")
    parsed = Filename(*match.groups())
    for what, limit in (("namespace", NAME_LIMIT), ("name", NAME_LIMIT), ("version", VERSION_LIMIT)):
        if len(getattr(parsed, what)) > limit:
            raise BadFilename(f"Expected {what} to be max length of {limit}")
    if not is_version(parsed.version):
        raise BadFilename(
            f"Invalid version string {parsed.version} from filename {filename}. Expected semantic version format."
        )
    return parsed
