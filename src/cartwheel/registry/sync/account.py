"""What a remote is, ready to be used: its secrets opened, its limits with their defaults."""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings

from cartwheel.registry.models import CollectionRemote
from cartwheel.registry.sealing import reveal
from cartwheel.registry.sync.errors import UpstreamProblem

CONCURRENCY = 10  # downloads at the same time, where the remote does not say
CONCURRENCY_LIMIT = 50
RETRIES = 3
CONNECT_SECONDS = 30.0
READ_SECONDS = 60.0


@dataclass(frozen=True)
class Account:
    """How to talk to a remote. It holds secrets: keep it out of logs and errors."""

    url: str
    token: str | None = field(default=None, repr=False)
    auth_url: str | None = None
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | bool = True
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    concurrency: int = CONCURRENCY
    per_second: int | None = None
    retries: int = RETRIES
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    total_seconds: float | None = None  # of one request and its answer
    file_limit: int = 2 << 30  # bytes of one artifact

    @property
    def has_bearer(self) -> bool:
        """Is its token changed for others, each good for some minutes?"""
        return bool(self.token and self.auth_url)


def account_of(remote: CollectionRemote) -> Account:
    """Raises CannotReveal, UpstreamProblem."""
    return Account(
        url=remote.url,
        token=reveal(remote.token),
        auth_url=remote.auth_url,
        username=reveal(remote.username),
        password=reveal(remote.password),
        proxy=_proxy(remote),
        tls=_tls(remote),
        headers=tuple(item for each in remote.headers or () for item in each.items()),
        concurrency=min(remote.download_concurrency or CONCURRENCY, CONCURRENCY_LIMIT),
        per_second=remote.rate_limit,
        retries=RETRIES if remote.max_retries is None else min(remote.max_retries, 100),
        connect_seconds=remote.sock_connect_timeout or remote.connect_timeout or CONNECT_SECONDS,
        read_seconds=remote.sock_read_timeout or READ_SECONDS,
        total_seconds=remote.total_timeout or None,
        file_limit=settings.CONFIG.upload_limit_mb << 20,
    )


def _proxy(remote: CollectionRemote) -> str | None:
    if not remote.proxy_url:
        return None
    username, password = reveal(remote.proxy_username), reveal(remote.proxy_password)
    if not username:
        return remote.proxy_url
    parts = urlsplit(remote.proxy_url)
    who = f"{quote(username, safe='')}:{quote(password or '', safe='')}"
    return urlunsplit(parts._replace(netloc=f"{who}@{parts.netloc}"))


def _tls(remote: CollectionRemote) -> ssl.SSLContext | bool:
    """How to check the server's certificate, and which one to show."""
    key = reveal(remote.client_key)
    if not (remote.ca_cert or remote.client_cert):
        return remote.tls_validation
    try:
        context = ssl.create_default_context(cadata=remote.ca_cert or None)
        if not remote.tls_validation:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if remote.client_cert:
            _show(context, remote.client_cert, key)
    except (ssl.SSLError, ValueError, OSError) as problem:
        reason = getattr(problem, "reason", None) or "they are not understood"
        raise UpstreamProblem(f"The certificates of remote {remote} cannot be used: {reason}.") from None
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    """Python reads certificates from files only, so there is one for a moment, which only we can read."""
    handle, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{certificate}\n{key or ''}\n")
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
