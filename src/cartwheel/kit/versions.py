"""Versions of collections: SemVer 2, their order, and ranges of them.

Format: semver.org; docs.ansible.com, "Collection versions" and "Dependencies".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from semantic_version import SimpleSpec, Version
from semantic_version.base import AllOf, AnyOf, Range

KEY_LIMIT = 255  # characters of a sort key

_TOO_LARGE = re.compile(r"[0-9]{100}")


def is_version(text: str) -> bool:
    """Is it a full version such as 1.0.0-beta.1?"""
    return bool(parse(text))


def parse(text: str) -> Version | None:
    """The version, or None for what is none. At most 128 characters, and no number of 100 digits or more."""
    if len(text) > 128 or _TOO_LARGE.search(text):
        return None
    try:
        return Version(text)
    except ValueError:
        return None


def sort_key(version: Version) -> str:
    """A text that sorts, byte by byte, as SemVer orders versions.

    Numbers get their number of digits in front. A release sorts behind all its prereleases, a
    numeric identifier before one with letters, and a shorter list of identifiers before a longer one.
    Build metadata has no rank in SemVer and stands last, to make the order total. At most KEY_LIMIT
    characters are kept; what is longer than that differs in its last identifiers only.
    """
    release = ".".join(_number(part) for part in (version.major, version.minor, version.patch))
    if version.prerelease:
        rank = "-" + "".join(f"{_identifier(part)}!" for part in version.prerelease)
    else:
        rank = "~"
    build = "+" + ".".join(version.build) if version.build else ""
    return f"{release}{rank}{build}"[:KEY_LIMIT]


def matches(version: Version, wanted: str) -> bool:
    """Is the version in a range as dependencies state it: ">=1.0.0,<2.0.0", "*", "1.2.3" or ""?"""
    text = wanted.strip()
    if text in ("", "*"):
        return True
    try:
        return version in SimpleSpec(text.replace(" ", ""))
    except ValueError:
        return False


def is_range(text: str) -> bool:
    """Is it a range as `matches` understands it?"""
    try:
        SimpleSpec(text.replace(" ", "") or "*")
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Span:
    """Sort keys from `low` on and below `high`; None: all that are lower, or higher."""

    low: str | None = None
    high: str | None = None


def spans(wanted: str) -> list[list[Span]]:
    """Where the sort keys of the versions in a range are: in one of each list.

    It selects what `matches` does, so that a database can. Raises ValueError for what is no range.
    """
    text = wanted.replace(" ", "")
    return [] if text in ("", "*") else _spans_of(SimpleSpec(text).clause)


def _spans_of(clause: Any) -> list[list[Span]]:
    if isinstance(clause, AllOf):
        return [each for part in clause.clauses for each in _spans_of(part)]
    if isinstance(clause, AnyOf):
        return [[span for part in clause.clauses for [span] in _spans_of(part)]]
    return [_spans_of_one(clause)] if isinstance(clause, Range) else []


def _spans_of_one(part: Range) -> list[Span]:
    """Build metadata has no rank, unless the range names some: then it means these very versions."""
    target, is_exact = part.target, part.build_policy == Range.BUILD_STRICT
    first = sort_key(target)
    behind = (
        f"{first} " if is_exact else f"{first}0"
    )  # a build is behind a plus, another version behind a digit
    is_before_prereleases = not (
        is_exact or target.prerelease or part.prerelease_policy == Range.PRERELEASE_ALWAYS
    )
    below = Span(high=f"{first.removesuffix('~')}-" if is_before_prereleases else first)
    return {
        Range.OP_EQ: [Span(first, behind)],
        Range.OP_NEQ: [below, Span(low=behind)],
        Range.OP_GT: [Span(low=behind)],
        Range.OP_GTE: [Span(low=first)],
        Range.OP_LT: [below],
        Range.OP_LTE: [Span(high=behind)],
    }[part.operator]


def _number(value: int) -> str:
    digits = str(value)
    if len(digits) > 99:
        raise ValueError("A number of a version has 100 digits or more.")
    return f"{len(digits):02d}{digits}"


def _identifier(part: str) -> str:
    return f"0{_number(int(part))}" if part.isdigit() else f"1{part}"
