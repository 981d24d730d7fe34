"""Texts from outside."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Can every database keep it? Null characters and halves of surrogate pairs cannot be kept."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def storable(text: str) -> str:
    """The text with question marks for what not every database can keep."""
    return text if is_storable(text) else text.replace("\0", "?").encode(errors="replace").decode()
