"""What Python runs first in all processes that tests start: passwords are hashed once there, not a million times.

That takes 0.3 s, on purpose, wherever a hub is made, somebody signs in, or a minute has gone by since.
tests/cli/test_console.py looks at a hash that a hub makes elsewhere.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

hash_slowly = hashlib.pbkdf2_hmac


def hash_once(
    hash_name: str, password: Buffer, salt: Buffer, iterations: int, dklen: int | None = None
) -> bytes:
    return hash_slowly(hash_name, password, salt, 1, dklen)


hashlib.pbkdf2_hmac = hash_once
