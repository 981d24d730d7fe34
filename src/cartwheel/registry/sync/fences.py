"""Where a server may send us: to itself, and to the outside; to the inside only if it is there itself.

Whoever runs a server that somebody syncs from could otherwise make the hub ask for addresses that only
the hub can reach: databases, the metadata of its cloud.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from cartwheel.registry.sync.errors import UpstreamProblem, plain

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
OUTSIDE, PRIVATE, LOOPBACK, FORBIDDEN = range(4)
# Where clouds keep the credentials of their machines, beside the link-local 169.254.169.254.
METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port: credentials are for one of these."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin:
    """Raises UpstreamProblem for what is no address of a web server."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in PORTS or "@" in parts.netloc:
        raise UpstreamProblem(f"{plain(url)} is no address of a web server.")
    return Origin(parts.scheme, host, port or PORTS[parts.scheme])


def kind_of(address: Address) -> int:
    """How far inside an address is."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return kind_of(inner)
    if address.is_loopback:
        return LOOPBACK
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA:
        return FORBIDDEN
    return OUTSIDE if address.is_global else PRIVATE


class Fence:
    """Decides for one remote. With a proxy, which looks names up itself, only plain addresses are judged."""

    def __init__(self, url: str, *, has_proxy: bool = False) -> None:
        self.home = origin_of(url)
        self._has_proxy = has_proxy
        self._allowed: dict[str, str | None] = {}
        self._reach: int | None = None

    def pin(self, url: str) -> str | None:
        """The address to connect to for a URL that the server named; None to look its name up as usual.

        Raises UpstreamProblem if the hub should not go there.
        """
        host = origin_of(url).host
        if host not in self._allowed:
            if host == self.home.host:
                self.require_open(url)
            self._allowed[host] = None if host == self.home.host else self._judge(host, url)
        return self._allowed[host]

    def require_open(self, url: str) -> None:
        """Raises UpstreamProblem for where nobody may go, whoever says so.

        What a remote names itself may be anywhere but where clouds keep the credentials of their machines.
        """
        host = origin_of(url).host
        try:
            addresses = self._look_up(host)
        except UpstreamProblem:
            return  # whoever connects is told so, and may try again
        if any(kind_of(each) == FORBIDDEN for each in addresses):
            raise UpstreamProblem(f"{host} is at an address from which nobody may sync.")

    def is_home(self, url: str) -> bool:
        """Is it on the remote's own server, so that credentials may go there?"""
        return origin_of(url) == self.home

    def _judge(self, host: str, url: str) -> str | None:
        addresses = self._look_up(host)
        for address in addresses:
            kind = kind_of(address)
            if kind == FORBIDDEN or kind > self._reach_of_home():
                raise UpstreamProblem(
                    f"{self.home.host} sends the hub to {plain(url)}, which is inside the hub's own network."
                )
        return str(addresses[0]) if addresses else None

    def _reach_of_home(self) -> int:
        """A remote that is inside itself may name others that are as far inside."""
        if self._reach is None:
            kinds = [kind_of(each) for each in self._look_up(self.home.host)]
            self._reach = max((each for each in kinds if each != FORBIDDEN), default=OUTSIDE)
        return self._reach

    def _look_up(self, host: str) -> list[Address]:
        try:
            return [ipaddress.ip_address(host.partition("%")[0])]
        except ValueError:
            pass
        if self._has_proxy and host != "localhost":
            return []
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise UpstreamProblem(f"The host name {host[:200]} is not known.") from None
        return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
