"""Secrets stay out of errors and logs: known ones are replaced wherever they turn up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

# A name that ends like this means a secret.
SECRET_NAME = re.compile(
    r"(password|passwd|secret|token|authorization|(api|client|private|secret|access)_key)$", re.I
)
IN_ADDRESS = re.compile(r"(?<=://)[^\s/?#'\"@:]*:[^\s/?#'\"]*(?=@)")  # https://name:password@host
SHORTEST = 4  # characters; replacing anything shorter would make texts unreadable and tell its length
INSTEAD = "***"

# Of the process, which has one task at a time: what one of its threads learns must not be told by another.
_known: set[str] = set()


def keep_secret(*values: str | None) -> None:
    """Let these never appear in the error or the log of the current task, however they are written there."""
    global _known
    new = {form for value in values if value and len(value) >= SHORTEST for form in _forms(value)}
    if not new <= _known:
        _known = _known | new  # a new one: another thread may be looking through the old one


def forget_secrets() -> None:
    """Begin anew, with the next task."""
    global _known
    _known = set()


def scrub(text: str) -> str:
    """The text without the secrets that are known here, and without what addresses hold."""
    for secret in sorted(_known, key=len, reverse=True):  # the longest first: one may be a part of another
        text = text.replace(secret, INSTEAD)
    return IN_ADDRESS.sub(INSTEAD, text) if "@" in text else text


def secrets_in(value: Any, *, is_secret: bool = False) -> Iterator[str]:
    """The texts that stand under a name that means a secret, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from secrets_in(inner, is_secret=is_secret or bool(SECRET_NAME.search(str(name))))
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner, is_secret=is_secret)
    elif is_secret and isinstance(value, str):
        yield value


def _forms(secret: str) -> Iterable[str]:
    """As it is, and as it stands in Python's and JSON's texts, and in addresses."""
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe=""), quote(secret)}
