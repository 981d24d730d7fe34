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
# Where clouds keep the credentials of their machines, or what else is only for these, beside the link-local
# 169.254.169.254: Amazon, Google, Alibaba, Oracle, Azure.
METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    )
)
UNICAST = ipaddress.IPv6Network("2000::/3")  # all of IPv6 that is outside
# Whose last 32 bits are an IPv4 address, which is where they lead: RFC 4291, 2.5.5; RFC 6052, 2.1; RFC 2765, 2.1.
WITH_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "::ffff:0:0:0/96")))
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
    if address.is_loopback:
        return LOOPBACK
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA:
        return FORBIDDEN
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return kind_of(inner)
        if address not in UNICAST:
            return PRIVATE
    return OUTSIDE if address.is_global else PRIVATE


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that it stands for, if it does."""
    if any(address in each for each in WITH_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


class UnknownHost(UpstreamProblem):
    """Nobody knows the name, at the moment."""


class Fence:
    """Decides for one remote. With a proxy, which looks names up itself, only plain addresses are judged.

    Names are looked up again for each connection, and may mean something else by then. So a request is
    judged before it is made, and its connection again: it goes to no other address than was judged. The remote's
    own host may be anywhere but at FORBIDDEN addresses, as whoever may set a remote may name any: also if its name
    means another machine from one connection to the next.
    """

    def __init__(self, url: str, *, auth_url: str | None = None, has_proxy: bool = False) -> None:
        self.home = origin_of(url)
        self._named = {self.home.host} | ({origin_of(auth_url).host} if auth_url else set())
        self._has_proxy = has_proxy
        self._judged: set[str] = set()
        self._reach: int | None = None

    def check(self, url: str) -> None:
        """Raises UpstreamProblem if the hub should not go where the server sends it."""
        host = origin_of(url).host
        if host in self._judged:
            return
        if host == self.home.host:
            self.require_open(url)
        else:
            for address in _look_up(host) if self._is_known(host) else ():
                if not self._is_fine(address):
                    raise UpstreamProblem(
                        f"{self.home.host} sends the hub to {plain(url)}, which is inside the hub's own network."
                    )
        self._judged.add(host)

    def require_open(self, url: str) -> None:
        """Raises UpstreamProblem for where nobody may go, whoever says so.

        What a remote names itself may be anywhere but where clouds keep the credentials of their machines.
        """
        host = origin_of(url).host
        try:
            addresses = _look_up(host) if self._is_known(host) else []
        except UnknownHost:
            return  # whoever connects is told so, and may try again
        if any(kind_of(each) == FORBIDDEN for each in addresses):
            raise _nobody_may(host)

    def addresses(self, host: str) -> list[Address]:
        """What to connect to for a name, looked up and judged just now. Raises UpstreamProblem."""
        found = _look_up(host)
        is_named = host.rstrip(".").lower() in self._named
        for each in found:
            if kind_of(each) == FORBIDDEN if is_named else not self._is_fine(each):
                raise _nobody_may(host)
        return found

    def is_home(self, url: str) -> bool:
        """Is it on the remote's own server, so that credentials may go there?"""
        return origin_of(url) == self.home

    def _is_known(self, host: str) -> bool:
        """Is it for the hub to find out what a name means?"""
        return not self._has_proxy or host == "localhost" or _plain_address(host) is not None

    def _is_fine(self, address: Address) -> bool:
        """May a server send us there? One that is inside itself may name others that are as far inside."""
        if self._reach is None:
            home = self.home.host
            kinds = [kind_of(each) for each in _look_up(home)] if self._is_known(home) else []
            self._reach = max((each for each in kinds if each != FORBIDDEN), default=OUTSIDE)
        return kind_of(address) <= self._reach


def _plain_address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _look_up(host: str) -> list[Address]:
    """Raises UnknownHost."""
    address = _plain_address(host)
    if address is not None:
        return [address]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnknownHost(f"The host name {host[:200]} is not known.") from None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _nobody_may(host: str) -> UpstreamProblem:
    return UpstreamProblem(f"{host} is at an address from which nobody may sync.")
