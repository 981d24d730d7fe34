"""Where a server may send a sync, and where its connections may go."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_address
from typing import Any

import pytest
from upstream import Upstream, running_upstream

from cartwheel.registry.sync.account import Account
from cartwheel.registry.sync.client import Client
from cartwheel.registry.sync.errors import UpstreamProblem
from cartwheel.registry.sync.fences import FORBIDDEN, LOOPBACK, OUTSIDE, PRIVATE, Fence, kind_of


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as started:
        yield started


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost:8000/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://2130706433/",
    ],
)
def test_a_server_outside_sends_nobody_inside(address: str) -> None:
    fence = Fence("http://93.184.216.34/api/")

    with pytest.raises(UpstreamProblem, match=r"inside the hub's own network|is not known"):
        fence.check(address)


KINDS = {
    OUTSIDE: ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34", "2002:5db8:d822::"),
    PRIVATE: ("10.0.0.1", "100.64.0.1", "fd00::1", "fec0::1", "4000::1", "64:ff9b::a00:1", "64:ff9b:1::1", "::10.0.0.1"),
    LOOPBACK: ("127.0.0.1", "::1", "::127.0.0.1", "64:ff9b::7f00:1", "::ffff:0:127.0.0.1", "2002:7f00:1::"),
    FORBIDDEN: (
        "169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "::ffff:0:169.254.169.254", "2002:a9fe:a9fe::",
        "168.63.129.16", "192.0.0.192", "100.100.100.200", "64:ff9b::a83f:8110", "fd00:ec2::254", "fd20:ce::254",
        "fe80::1", "ff02::1", "::",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind"), [(each, kind) for kind, addresses in KINDS.items() for each in addresses]
)
def test_how_far_inside_an_address_is(address: str, kind: int) -> None:
    assert kind_of(ip_address(address)) == kind


def test_a_server_inside_may_name_others_there_but_nothing_further_in() -> None:
    fence = Fence("http://10.0.0.5/api/")

    for address in ("http://10.0.0.6/file", "http://10.0.0.5:9000/file", "http://93.184.216.34/file"):
        fence.check(address)
    for address in ("http://127.0.0.1/", "http://169.254.169.254/"):
        with pytest.raises(UpstreamProblem, match="inside the hub's own network"):
            fence.check(address)


def asking(url: str, **details: Any) -> closing[Client]:
    return closing(Client(Account(url, retries=0, **details)))


class Resolver:
    """Names that mean something else each time they are looked up, and 127.0.0.1 in the end."""

    def __init__(self, **meanings: list[str]) -> None:
        self.meanings = {name.replace("_", "."): iter(found) for name, found in meanings.items()}

    def __call__(self, host: str, port: object, *rest: object, **options: object) -> list[Any]:
        address = next(self.meanings.get(host, iter(())), host if host[:1].isdigit() else "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0))]


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_a_name_that_changes_its_meaning_leads_nowhere(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    outside = "93.184.216.34"
    resolver = Resolver(other_example=[outside, inside], home_example=[outside, outside])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with (
        asking("http://home.example/") as client,
        pytest.raises(UpstreamProblem, match=r"^other\.example is at an address from which nobody may sync"),
    ):
        client.json(f"http://other.example:{upstream.url.rpartition(':')[2]}")

    assert not upstream.asked


def test_not_even_a_remote_s_own_name_may_become_that_of_a_cloud_s_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(home_example=["93.184.216.34", "169.254.169.254"]))
    with (
        asking("http://home.example/") as client,
        pytest.raises(UpstreamProblem, match=r"^home\.example is at an address from which nobody may sync"),
    ):
        client.json("http://home.example/")


def test_of_several_addresses_the_first_that_answers_is_taken(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two(host: str, port: object, *rest: object, **options: object) -> list[Any]:
        found = ["127.0.0.9", "127.0.0.1"] if host == "home.example" else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port or 0)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    url = upstream.url.replace("127.0.0.1", "home.example")

    with asking(url) as client:
        _, said = client.json(url)

    assert "available_versions" in said
    assert upstream.headers[0][1]["Host"] == url.split("/")[2]
