"""Passwords and tokens: who is it?"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from threading import Lock
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from cartwheel.engine.prepared import Given, Query
from cartwheel.registry.guessing import guess_key, note_right, note_wrong, require_patience
from cartwheel.registry.models import Token, User

REMEMBERED_SECONDS = 60  # a password that was right is not hashed again for so long
REMEMBERED_LIMIT = 1000

_secret = secrets.token_bytes(32)
_remembered: dict[bytes, tuple[float, int, str]] = {}
# Whose wrong passwords this process counted, and nobody has given the right one since.
_guessed: set[str] = set()
_lock = Lock()


def user_by_password(username: str, password: str, *, address: str = "") -> User | None:
    """The active user with that password, or None. `address` is where it came from.

    Clients send the password with every request and hashing one takes 0.3 s of CPU, so a password
    that was right is remembered for a minute, in this process and as a keyed digest only. It is
    forgotten at once when the user's password changes. Raises TooManyGuesses after many wrong ones.
    """
    if "\0" in username:
        return None  # PostgreSQL refuses even to look for it
    key = hmac.digest(_secret, f"{username}\0{password}".encode(errors="surrogatepass"), "sha256")
    guess = guess_key(username, address)
    user = _still_known(key, username)
    if user is None:
        require_patience(guess)
        user = _checked(username, password)
        if user is None:
            _note_wrong(guess)
            return None
        _remember(key, user)
    if guess in _guessed:
        note_right(guess)
        _guessed.discard(guess)
    return user


def _still_known(key: bytes, username: str) -> User | None:
    known = _remembered.get(key)
    if known is None or known[0] <= time.monotonic():
        return None
    return User.objects.filter(pk=known[1], username=username, password=known[2], is_active=True).first()


def _checked(username: str, password: str) -> User | None:
    found = authenticate(username=username, password=password)
    return found if isinstance(found, User) and found.is_active else None


def _note_wrong(guess: str) -> None:
    note_wrong(guess)
    with _lock:
        if len(_guessed) >= REMEMBERED_LIMIT:
            _guessed.clear()
        _guessed.add(guess)


def _remember(key: bytes, user: User) -> None:
    with _lock:
        if len(_remembered) >= REMEMBERED_LIMIT:
            _remembered.clear()
        _remembered[key] = (time.monotonic() + REMEMBERED_SECONDS, user.pk, user.password)


COLUMNS = [each.attname for each in User._meta.concrete_fields]
DIGEST = Given("digest", Token._meta.get_field("sha256"))
_by_digest = Query(
    lambda: Token.objects.filter(sha256=DIGEST, user__is_active=True).values(
        *(f"user__{name}" for name in COLUMNS)
    )
)


def user_by_token(key: str) -> User | None:
    """The active user whose token this is, or None."""
    found = _by_digest(digest=_digest(key))
    return User.from_db(connection.alias, COLUMNS, list(found[0].values())) if found else None


def renew_token(user: User) -> str:
    """Give the user a new token, 40 hexadecimal digits; the old one is dead."""
    key = secrets.token_hex(20)
    Token.objects.update_or_create(user=user, defaults={"sha256": _digest(key)})
    return key


def revoke_token(user: User) -> None:
    """Take the user's token away. Doing it twice is fine."""
    Token.objects.filter(user=user).delete()


def forget_expired_sessions(**_: Any) -> None:
    """Done when somebody signs in: else those of who never signs out would stay for ever."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
