"""Connections that go only to addresses that the fence has judged, and that keep to deadlines."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from cartwheel.registry.sync.deadlines import within_deadline
from cartwheel.registry.sync.fences import Fence, UnknownHost


class FencedTransport(httpx2.HTTPTransport):
    """For connections without a proxy: a proxy looks names up itself, out of our sight."""

    def __init__(self, fence: Fence, *, tls: Any, connections: int) -> None:
        context = httpx2.create_ssl_context(verify=tls, trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, max_connections=connections, network_backend=_Fenced(fence)
        )


class ProxiedTransport(httpx2.HTTPTransport):
    """For connections through a proxy."""

    def __init__(self, proxy: str, *, tls: Any, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections)
        super().__init__(verify=tls, proxy=proxy, trust_env=False, limits=limits)
        self._pool._network_backend = _Timed()


class _Timed(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        return _TimedStream(
            super().connect_tcp(host, port, within_deadline(timeout), local_address, socket_options)
        )


class _Fenced(_Timed):
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


class _TimedStream(httpcore2.NetworkStream):
    """A connection: nothing on it takes longer than is left to whoever uses it just now."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, within_deadline(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, within_deadline(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, within_deadline(timeout)))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
