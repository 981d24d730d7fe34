"""Names of files that other file systems than this one have for one, or cannot have at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NAMED_LIMIT = 10  # that the sentence names

# learn.microsoft.com, "Naming Files, Paths, and Namespaces": characters, ends and whole names that are none there.
_NOT_ON_WINDOWS = re.compile(
    r"[<>:\"|?*]|(?<=[^/])[. ](?:/|$)|(?:^|/)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.[^/]*)?(?:/|$)",
    re.I,
)


def warnings_about(paths: Iterable[str]) -> list[str]:
    """One sentence for an author whose files not every system can have beside each other; none if all can."""
    named: list[str] = []
    count = 0
    first: dict[str, str] = {}
    for path in sorted(paths):
        other = first.setdefault(unicodedata.normalize("NFC", path.casefold()), path)
        is_one = other != path
        if is_one or _NOT_ON_WINDOWS.search(path):
            count += 1
            if len(named) < NAMED_LIMIT:
                named.append(f'"{other}" and "{path}"' if is_one else f'"{path}"')
    if not count:
        return []
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return [
        f"Not every system can unpack {', '.join(named)}{more}: names are one there that differ only in case or "
        "in the form of accents, and some are not allowed. Rename them."
    ]
