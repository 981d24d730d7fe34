"""Secrets stay out of errors and logs: known ones are replaced wherever they turn up."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

SECRET_NAMES = frozenset(
    (
        "password",
        "passwd",
        "secret",
        "token",
        "api_key",
        "client_key",
        "private_key",
        "proxy_password",
        "authorization",
    )
)
SHORTEST = 4  # characters; replacing anything shorter would make texts unreadable and tell its length
INSTEAD = "***"

_known: ContextVar[tuple[str, ...]] = ContextVar("secrets", default=())


def keep_secret(*values: str | None) -> None:
    """Let these never appear in the error or the log of the current task."""
    new = tuple(value for value in values if value and len(value) >= SHORTEST)
    # The longest first: one may be a part of another.
    _known.set(tuple(sorted({*_known.get(), *new}, key=len, reverse=True)))


def forget_secrets() -> None:
    """Begin anew, with the next task."""
    _known.set(())


def scrub(text: str) -> str:
    """The text without the secrets that are known here."""
    for secret in _known.get():
        text = text.replace(secret, INSTEAD)
    return text


def secrets_in(value: Any) -> Iterator[str]:
    """The texts that stand under a name that means a secret, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and str(name).lower() in SECRET_NAMES:
                yield inner
            else:
                yield from secrets_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner)
