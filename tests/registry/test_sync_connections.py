"""Syncs over TLS and through proxies: what a remote says of these is kept to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import make
import pytest
from certificates import Authority, served_with
from proxies import running_proxy
from upstream import Upstream, running_upstream

from cartwheel.engine.scrubbing import forget_secrets
from cartwheel.registry.models import CollectionRemote, CollectionVersion, Repository, User
from cartwheel.registry.remotes import sealed
from cartwheel.registry.sync.account import Account
from cartwheel.registry.sync.client import Client
from cartwheel.registry.sync.errors import UpstreamProblem
from cartwheel.registry.sync.start import sync

pytestmark = pytest.mark.django_db

Sync = Callable[..., list[str]]


@pytest.fixture
def run(admin: User) -> Iterator[Sync]:
    """Syncs all that a server has and gives it; `details` are the remote's."""
    community = make.served("community")

    def run(upstream: Upstream, **details: Any) -> list[str]:
        upstream.add("acme.tools")
        remote = CollectionRemote.objects.create(
            name="elsewhere", url=upstream.url, max_retries=0, **sealed(details)
        )
        make.perform(sync(Repository.objects.get(pk=community.pk), remote, by=admin))
        return [str(each) for each in CollectionVersion.objects.all()]

    yield run
    forget_secrets()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def secured(authority: Authority, tmp_path: Path) -> Iterator[Upstream]:
    """A server whose certificate that authority has signed."""
    with running_upstream(served_with(authority.sign(), tmp_path)) as started:
        yield started


def test_a_server_whose_certificate_nobody_knows_is_not_synced_from(secured: Upstream, run: Sync) -> None:
    with pytest.raises(UpstreamProblem, match=r"Cannot connect to .*certificate verify failed"):
        run(secured)

    assert not secured.asked


def test_a_remote_may_bring_the_authority_that_it_trusts(
    secured: Upstream, authority: Authority, run: Sync
) -> None:
    assert run(secured, ca_cert=authority.certificate) == ["acme.tools 1.0.0"]


def test_another_authority_s_word_counts_for_nothing(secured: Upstream, run: Sync) -> None:
    with pytest.raises(UpstreamProblem, match="certificate verify failed"):
        run(secured, ca_cert=Authority().certificate)


def test_a_certificate_is_for_one_address(authority: Authority, tmp_path: Path, run: Sync) -> None:
    tls = served_with(authority.sign("127.0.0.2"), tmp_path)
    with running_upstream(tls) as other, pytest.raises(UpstreamProblem, match="certificate verify failed"):
        run(other, ca_cert=authority.certificate)


@pytest.mark.parametrize("with_authority", [False, True])
def test_certificates_are_not_looked_at_where_a_remote_says_so(
    tmp_path: Path, authority: Authority, run: Sync, with_authority: bool
) -> None:
    trusted = {"ca_cert": authority.certificate} if with_authority else {}
    with running_upstream(served_with(Authority().sign("127.0.0.2"), tmp_path)) as other:
        assert run(other, tls_validation=False, **trusted) == ["acme.tools 1.0.0"]


def test_a_remote_shows_its_certificate_to_a_server_that_wants_one(
    authority: Authority, tmp_path: Path, run: Sync
) -> None:
    tls = served_with(authority.sign(), tmp_path, only_for=authority)
    shown = authority.sign("127.0.0.3")
    with running_upstream(tls) as strict:
        found = run(
            strict, ca_cert=authority.certificate, client_cert=shown.certificate, client_key=shown.key
        )

    assert found == ["acme.tools 1.0.0"]


def test_without_a_certificate_such_a_server_lets_nobody_in(
    authority: Authority, tmp_path: Path, run: Sync
) -> None:
    tls = served_with(authority.sign(), tmp_path, only_for=authority)
    with running_upstream(tls) as strict:
        with pytest.raises(UpstreamProblem, match="certificate"):
            run(strict, ca_cert=authority.certificate)

        assert not strict.asked


@pytest.mark.parametrize("what", ["ca_cert", "client_cert", "another's key"])
def test_certificates_that_cannot_be_used_are_told(
    secured: Upstream, authority: Authority, run: Sync, what: str
) -> None:
    mine, other = authority.sign(), authority.sign()
    given = {
        "ca_cert": {"ca_cert": "no certificate"},
        "client_cert": {"client_cert": "no certificate", "client_key": mine.key},
        "another's key": {"client_cert": mine.certificate, "client_key": other.key},
    }[what]

    with pytest.raises(
        UpstreamProblem, match=r"^The certificates of remote elsewhere cannot be used: "
    ) as told:
        run(secured, **given)

    assert other.key not in str(told.value)


def test_all_requests_go_through_the_proxy(run: Sync) -> None:
    with running_upstream() as upstream, running_proxy() as proxy:
        assert run(upstream, proxy_url=proxy.url) == ["acme.tools 1.0.0"]

    assert len(proxy.asked) == upstream.asked.total()
    assert all(each.startswith(f"GET {upstream.url}") for each in proxy.asked)


def test_a_proxy_is_told_who_asks_and_the_server_is_not(run: Sync) -> None:
    with running_upstream() as upstream, running_proxy("us er:pass:w@rd/") as proxy:
        found = run(
            upstream,
            proxy_url=proxy.url,
            proxy_username="us er",
            proxy_password="pass:w@rd/",
            token="for-the-server",
        )

    assert found == ["acme.tools 1.0.0"]
    sent = [headers for _, headers in upstream.headers]
    assert not [each for each in sent if "Proxy-Authorization" in each]
    assert {each["Authorization"] for each in sent} == {"Token for-the-server"}


def test_a_proxy_that_lets_nobody_in_is_told(run: Sync) -> None:
    with running_upstream() as upstream, running_proxy("user:password") as proxy:
        with pytest.raises(UpstreamProblem, match="answers 407"):
            run(upstream, proxy_url=proxy.url, proxy_username="user", proxy_password="wrong-secret")

        assert not upstream.asked


@pytest.mark.parametrize("password", ["password", "wrong-secret"])
def test_a_proxy_sees_nothing_of_what_is_sent_over_tls(
    secured: Upstream, authority: Authority, run: Sync, password: str
) -> None:
    details = {"ca_cert": authority.certificate, "proxy_username": "user", "proxy_password": password}
    with running_proxy("user:password") as proxy:
        if password == "password":
            assert run(secured, proxy_url=proxy.url, **details) == ["acme.tools 1.0.0"]
        else:
            with pytest.raises(UpstreamProblem, match="407") as told:
                run(secured, proxy_url=proxy.url, **details)
            assert "wrong-secret" not in str(told.value)

    host = secured.url.split("/")[2]
    assert set(proxy.asked) == {f"CONNECT {host}"}


def test_a_proxy_that_is_not_there_is_told(run: Sync) -> None:
    with running_proxy() as proxy:
        gone = proxy.url
    with running_upstream() as upstream, pytest.raises(UpstreamProblem, match="Cannot connect to"):
        run(upstream, proxy_url=gone)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "http://169.254.169.254/", "http://localhost/x"])
def test_through_a_proxy_nobody_is_sent_to_addresses_inside(address: str) -> None:
    with running_proxy() as proxy:
        account = Account("http://outside.example/", proxy=proxy.url)
        with closing(Client(account)) as client, pytest.raises(UpstreamProblem, match="inside the hub's own"):
            client.json(address)

    assert proxy.asked == []
