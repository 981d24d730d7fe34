"""Texts from outside."""

from __future__ import annotations

from typing import Any


def is_storable(text: str) -> bool:
    """Can every database keep it? Null characters and halves of surrogate pairs cannot be kept."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def is_all_storable(document: Any) -> bool:
    """The same of each text in a JSON document, the keys of objects among them. It may be nested as deep as one likes."""
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, str) and not is_storable(value):
            return False
        if isinstance(value, dict):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            left += value
    return True


def storable(text: str) -> str:
    """The text with question marks for what not every database can keep."""
    return text if is_storable(text) else text.replace("\0", "?").encode(errors="replace").decode()
