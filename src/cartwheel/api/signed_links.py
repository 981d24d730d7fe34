"""Addresses that need no further authentication: signed, for one file, and for some time only.

ansible-galaxy does not send its credentials along when a download is redirected.
"""

from __future__ import annotations

import hmac
import secrets
import time
from urllib.parse import quote, urlencode

from django.conf import settings

VALID_SECONDS = 3600


def signed(path: str) -> str:
    """The path, with a query that lets everybody in who has it, until it expires."""
    expires = int(time.time()) + VALID_SECONDS
    salt = secrets.token_hex(32)
    token = f"{salt}:{_signature(path, expires, salt)}"
    return f"{quote(path)}?{urlencode({'expires': expires, 'validate_token': token}, safe=':')}"


def is_valid(path: str, expires: str, token: str) -> bool:
    """Was that path signed like this, and is it still good?"""
    if not (expires.isascii() and expires.isdigit() and len(expires) < 16 and int(expires) > time.time()):
        return False
    salt, _, signature = token.partition(":")
    wanted = _signature(path, int(expires), salt)
    return hmac.compare_digest(wanted.encode(), signature.encode(errors="surrogateescape"))


def _signature(path: str, expires: int, salt: str) -> str:
    message = f"cartwheel.download\n{path}\n{expires}\n{salt}".encode(errors="surrogateescape")
    return hmac.new(settings.SECRET_KEY.encode(), message, "sha256").hexdigest()
