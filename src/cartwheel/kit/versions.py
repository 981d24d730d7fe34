"""Versions of collections: SemVer 2, their order, and ranges of them.

Format: semver.org; docs.ansible.com, "Collection versions" and "Dependencies".
"""

from __future__ import annotations

from semantic_version import SimpleSpec, Version

KEY_LIMIT = 255  # characters of a sort key


def is_version(text: str) -> bool:
    """Is it a full version such as 1.0.0-beta.1?"""
    return bool(parse(text))


def parse(text: str) -> Version | None:
    """The version, or None for what is none. At most 128 characters."""
    if len(text) > 128:
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


def _number(value: int) -> str:
    digits = str(value)
    return f"{len(digits):02d}{digits}"


def _identifier(part: str) -> str:
    return f"0{_number(int(part))}" if part.isdigit() else f"1{part}"
