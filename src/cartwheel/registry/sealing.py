"""Secrets that the hub must be able to use, such as tokens for other hubs: encrypted wherever they are kept.

The key is derived from the hub's secret key. Whoever changes that has to enter the secrets again.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from cartwheel.engine.scrubbing import keep_secret
from cartwheel.kit.errors import Conflict


class CannotReveal(Conflict):
    """What was sealed was sealed with another key."""

    code = "secret_unreadable"

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be read, because the hub's secret key is not the one that it was "
            "stored with. Enter the secret again."
        )


def seal(secret: str | None) -> str | None:
    """The secret as it may be stored; None where there is none."""
    if not secret:
        return None
    return _fernet(settings.SECRET_KEY).encrypt(secret.encode()).decode()


def reveal(sealed: str | None) -> str | None:
    """The secret behind what was stored. It never appears in the log or the error of the current task.

    Raises CannotReveal.
    """
    if not sealed:
        return None
    try:
        secret = _fernet(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        raise CannotReveal from None
    keep_secret(secret)
    return secret


def is_same(sealed: str | None, other: str | None) -> bool:
    """Do both hold the same secret? One that cannot be read is like no other."""
    try:
        return reveal(sealed) == reveal(other)
    except CannotReveal:
        return False


@cache
def _fernet(secret_key: str) -> Fernet:
    digest = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"cartwheel.seal").digest()
    return Fernet(base64.urlsafe_b64encode(digest))
