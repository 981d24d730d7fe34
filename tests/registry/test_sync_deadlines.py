"""Servers that send something all the time, and never an answer: whatever it is, it has an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from certificates import Authority, served_with
from proxies import running_proxy
from upstream import Answer, Asked, Upstream, running_upstream

from cartwheel.registry.sync import deadlines
from cartwheel.registry.sync.account import Account
from cartwheel.registry.sync.client import Client
from cartwheel.registry.sync.deadlines import Deadline
from cartwheel.registry.sync.errors import Again, UpstreamProblem
from cartwheel.registry.sync.pace import Pace

LIMIT_SECONDS = 0.3
TOO_LONG = r"takes longer than 0\.3 s|does not answer in time|sends too slowly"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
DRIPS = {
    "headers": [b"HTTP/1.1 200 OK\r\nX-Long: ", *[b"x"] * 300],
    "answers before the answer": [b"HTTP/1.1 100 Continue\r\n\r\n"] * 300,
    "the length of a chunk": [CHUNKED, b"1;long=", *[b"x"] * 300],
    "what follows the last chunk": [CHUNKED, b"0\r\n", b"X-Long: ", *[b"x"] * 300],
    "the body": [CHUNKED, *[b"1\r\nx\r\n"] * 300],
}

Connected = AbstractContextManager[tuple[Upstream, Account]]


def dripping(what: str, sent: list[bytes]) -> Answer:
    def drip(asked: Asked) -> None:
        for piece in DRIPS[what]:
            asked.wfile.write(piece)
            asked.wfile.flush()
            sent.append(piece)
            time.sleep(0.02)  # this is the dripping
        asked.close_connection = True

    return drip


@contextmanager
def plain(folder: Path) -> Iterator[tuple[Upstream, Account]]:
    with running_upstream() as upstream:
        yield upstream, Account(upstream.url, retries=0)


@contextmanager
def over_tls(folder: Path) -> Iterator[tuple[Upstream, Account]]:
    with running_upstream(served_with(Authority().sign(), folder)) as upstream:
        yield upstream, Account(upstream.url, retries=0, tls=False)


@contextmanager
def through_a_proxy(folder: Path) -> Iterator[tuple[Upstream, Account]]:
    with running_proxy() as proxy, running_upstream(served_with(Authority().sign(), folder)) as upstream:
        yield upstream, Account(upstream.url, retries=0, tls=False, proxy=proxy.url)


@pytest.mark.parametrize("what", DRIPS)
@pytest.mark.parametrize("connected", [plain, over_tls, through_a_proxy])
def test_an_answer_that_never_comes_is_given_up(
    what: str, connected: Callable[[Path], Connected], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "GRACE_SECONDS", LIMIT_SECONDS)
    sent: list[bytes] = []
    with connected(tmp_path) as (upstream, account), closing(Client(account)) as client:
        upstream.instead["/"] = dripping(what, sent)

        with pytest.raises(UpstreamProblem, match=TOO_LONG):
            client.json(upstream.url)

        assert len(sent) < len(DRIPS[what])


@pytest.mark.parametrize("what", DRIPS)
def test_a_remote_s_own_limit_is_kept_to(what: str) -> None:
    sent: list[bytes] = []
    with running_upstream() as upstream:
        account = Account(upstream.url, retries=0, total_seconds=LIMIT_SECONDS)
        upstream.instead["/"] = dripping(what, sent)

        with closing(Client(account)) as client, pytest.raises(UpstreamProblem, match=TOO_LONG):
            client.json(upstream.url)

    assert len(sent) < len(DRIPS[what])


@pytest.mark.parametrize("what", DRIPS)
def test_a_token_that_never_comes_is_given_up(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "GRACE_SECONDS", LIMIT_SECONDS)
    sent: list[bytes] = []
    with running_upstream() as upstream:
        account = Account(upstream.url, retries=0, token="secret", auth_url=f"{upstream.url}token")
        upstream.instead["/token"] = dripping(what, sent)

        with closing(Client(account)) as client, pytest.raises(UpstreamProblem, match=TOO_LONG):
            client.json(upstream.url)

    assert len(sent) < len(DRIPS[what])
    assert not upstream.asked["/"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """What time it is for deadlines: `return_value`, which a test moves on."""
    clock = Mock(return_value=0.0)
    monkeypatch.setattr(deadlines, "time", Mock(monotonic=clock))
    return clock


def test_what_is_slow_and_goes_on_is_waited_for(clock: Mock) -> None:
    deadline = Deadline("http://elsewhere/", None, Pace(None))

    for second in range(1000):
        clock.return_value = float(second)
        deadline.received(second * 2 * deadlines.SLOWEST)


def test_what_comes_fast_at_first_has_to_go_on(clock: Mock) -> None:
    deadline = Deadline("http://elsewhere/", None, Pace(None))
    deadline.received(1 << 30)

    clock.return_value = deadlines.GRACE_SECONDS

    with pytest.raises(Again, match=r"^http://elsewhere/ sends too slowly: 1073741825 bytes so far\.$"):
        deadline.received((1 << 30) + 1)
