"""Secrets of a remote are for where it leads: when it leads elsewhere, they stay behind.

Who may change a remote need not know its token. Without this, they could have it sent to a server of
their own. Whoever knows it gives it again with the new address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cartwheel.registry.models import CollectionRemote

SENT = ("token", "username", "password")
SENT_BY = {  # address -> what is sent there, or may be seen there
    "url": SENT,
    "auth_url": ("token",),
    "proxy_url": (*SENT, "proxy_username", "proxy_password"),
}
PORTS = {"http": 80, "https": 443}


def left_behind(remote: CollectionRemote, change: Mapping[str, Any], given: Mapping[str, Any]) -> set[str]:
    """The secrets that a change takes away, as it lets the remote lead to another server and does not give them."""
    return {
        secret
        for address, secrets in SENT_BY.items()
        if address in change and _leads_elsewhere(getattr(remote, address), change[address])
        for secret in secrets
        if secret not in given and getattr(remote, secret)
    }


def _leads_elsewhere(before: str | None, after: str | None) -> bool:
    return bool(after) and _origin(after) != _origin(before)


def _origin(url: str | None) -> tuple[str, str, int | None]:
    parts = urlsplit(url or "")
    return parts.scheme, (parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme)
