"""Connections that go only to addresses that the fence has judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from cartwheel.registry.sync.fences import Fence, UnknownHost


class FencedTransport(httpx2.HTTPTransport):
    """For connections without a proxy: a proxy looks names up itself, out of our sight."""

    def __init__(self, fence: Fence, *, tls: Any, connections: int) -> None:
        context = httpx2.create_ssl_context(verify=tls, trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, max_connections=connections, network_backend=_Fenced(fence)
        )


class _Fenced(httpcore2.SyncBackend):
    def __init__(self, fence: Fence) -> None:
        self._fence = fence

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        problem: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in self._addresses(host):
            try:
                return super().connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                problem = failed
        raise problem

    def _addresses(self, host: str) -> Iterable[Any]:
        try:
            return self._fence.addresses(host)
        except UnknownHost as problem:
            raise httpcore2.ConnectError(problem.message) from None
