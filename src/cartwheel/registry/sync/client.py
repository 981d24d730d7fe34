"""Requests to a remote's server, from several threads: credentials, limits, retries, redirects.

What comes from there is not trusted: answers have a greatest size and a longest time, and redirects go
through the fence.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx2
import orjson

from cartwheel import __version__
from cartwheel.engine.scrubbing import keep_secret
from cartwheel.registry.sync.account import Account
from cartwheel.registry.sync.connections import FencedTransport, ProxiedTransport
from cartwheel.registry.sync.deadlines import Deadline, until
from cartwheel.registry.sync.errors import Again, UpstreamProblem, plain
from cartwheel.registry.sync.fences import Fence
from cartwheel.registry.sync.pace import RETRY_AFTER_LIMIT, Pace, pause, retry_after

# The longest answers tell of one version, with its files: 0.9 MB of community.general's 4,351, and 10 MB if it had as
# many as a tarball may. Short values take thirty times as many in memory as they have bytes.
JSON_LIMIT = 16 << 20  # bytes
VALUES_LIMIT = 1_000_000  # commas and opening brackets; 50,000 files have 300,000
TOKEN_LIMIT = 1 << 20  # bytes of an answer with a token
HOPS_LIMIT = 10  # redirects after another
AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
TOKENS_LIMIT = 3  # are tried for one answer
TOKEN_SPARE_SECONDS = 30.0  # a token is renewed so long before it expires

T = TypeVar("T")


class NotThere(UpstreamProblem):
    """404"""

    code = "upstream_not_found"


class Client:
    """One for a sync, used by all of its threads. Close it at the end."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.fence = Fence(account.url, auth_url=account.auth_url, has_proxy=account.proxy is not None)
        self.pace = Pace(account.per_second)
        self._bearer = _Bearer()
        try:
            self._http = httpx2.Client(
                transport=self._transport(account.concurrency + 2),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx2.Timeout(account.read_seconds, connect=account.connect_seconds, pool=None),
                headers={"User-Agent": f"cartwheel/{__version__}", "Accept-Encoding": "identity"},
            )
        except (ValueError, ImportError, httpx2.InvalidURL) as problem:
            raise UpstreamProblem(f"The proxy of {self.fence.home.host} cannot be used: {problem}") from None

    def _transport(self, connections: int) -> httpx2.HTTPTransport:
        tls, proxy = self.account.tls, self.account.proxy
        if proxy is None:
            return FencedTransport(self.fence, tls=tls, connections=connections)
        return ProxiedTransport(proxy, tls=tls, connections=connections)

    def close(self) -> None:
        """End what is under way: threads that wait for an answer get an error."""
        self.pace.stop()
        self._http.close()

    def json(self, url: str) -> tuple[str, Any]:
        """The address that an answer came from in the end, and what it says. Raises UpstreamProblem, Stopped."""
        return self.retrying(lambda: self._json(url))

    def retrying(self, act: Callable[[], T]) -> T:
        """Do something that may raise Again, a few times. Raises UpstreamProblem, Stopped."""
        attempt = 1
        while True:
            try:
                return act()
            except Again as again:
                if attempt > self.account.retries:
                    raise again.problem from None
                if again.seconds is not None and again.seconds > RETRY_AFTER_LIMIT:
                    raise again.problem from None
                self.pace.rest(pause(attempt) if again.seconds is None else again.seconds)
                attempt += 1

    @contextmanager
    def stream(self, url: str, *, accept: str = "*/*") -> Iterator[tuple[str, httpx2.Response, Deadline]]:
        """An answer with 200, its body still to be read, after all redirects. Raises Again, UpstreamProblem."""
        tokens = 1
        for _ in range(HOPS_LIMIT):
            with self._answer(url, accept) as (response, deadline):
                if response.has_redirect_location:
                    url = self._next(url, response)
                    continue
                if tokens < TOKENS_LIMIT and self._is_token_refused(url, response):
                    tokens += 1
                    continue
                self._require_ok(url, response)
                yield url, response, deadline
                return
        raise UpstreamProblem(f"{self.fence.home.host} redirects without end, at last to {plain(url)}.")

    @contextmanager
    def _answer(self, url: str, accept: str) -> Iterator[tuple[httpx2.Response, Deadline]]:
        self.pace.take_turn()
        request = self._request(url, accept)
        with until(self._deadline(url)) as deadline:
            try:
                response = self._http.send(request, stream=True)
            except httpx2.HTTPError as problem:
                self.pace.check()
                raise Again(_unreachable(url, problem)) from None
            except RuntimeError:  # closed by whoever stopped all this
                self.pace.check()
                raise
            try:
                yield response, deadline
            except httpx2.HTTPError as problem:
                self.pace.check()
                raise Again(_unreachable(url, problem)) from None
            finally:
                response.close()

    def _deadline(self, url: str) -> Deadline:
        return Deadline(url, self.account.total_seconds, self.pace)

    def _request(self, url: str, accept: str) -> httpx2.Request:
        self.fence.check(url)
        headers = {"Accept": accept}
        if self.fence.is_home(url):
            headers.update(self.account.headers)
            headers.update(self._credentials())
        try:
            return self._http.build_request("GET", httpx2.URL(url), headers=headers)
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            raise UpstreamProblem(f"{plain(url)} is no address of a web server.") from None

    def _is_token_refused(self, url: str, response: httpx2.Response) -> bool:
        """Was it one of those that are fetched, and may another one be taken?"""
        if response.status_code != 401 or not self.account.has_bearer or not self.fence.is_home(url):
            return False
        self._bearer.forget(response.request.headers["Authorization"])
        return True

    def _next(self, url: str, response: httpx2.Response) -> str:
        try:
            return urljoin(url, response.headers["Location"])
        except ValueError:
            raise UpstreamProblem(f"{plain(url)} redirects to what is no address.") from None

    def _require_ok(self, url: str, response: httpx2.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        if status in (401, 403):
            raise UpstreamProblem(
                f"{plain(url)} does not let us in ({status}). Check the remote's credentials."
            )
        if status == 404:
            raise NotThere(f"{plain(url)} is not there (404).")
        problem = UpstreamProblem(f"{plain(url)} answers {status} {response.reason_phrase}".rstrip() + ".")
        if status in AGAIN:
            raise Again(problem, retry_after(response.headers.get("Retry-After")))
        raise problem

    def _json(self, url: str) -> tuple[str, Any]:
        with self.stream(url, accept="application/json") as (final, response, deadline):
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise UpstreamProblem(f"{plain(final)} answers in a packed form that was not asked for.")
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                deadline.received(len(body))
                if len(body) > JSON_LIMIT:
                    raise UpstreamProblem(
                        f"{plain(final)} answers with more than {JSON_LIMIT} bytes of JSON."
                    )
        if sum(body.count(each) for each in b",[{") > VALUES_LIMIT:
            raise UpstreamProblem(f"{plain(final)} answers with more than {VALUES_LIMIT} values in JSON.")
        try:
            return final, orjson.loads(body)
        except (orjson.JSONDecodeError, RecursionError):
            raise UpstreamProblem(
                f"{plain(final)} does not answer with JSON. Check the remote's URL."
            ) from None

    def _credentials(self) -> dict[str, str]:
        account = self.account
        if account.has_bearer:
            return {"Authorization": self._bearer.get(self)}
        if account.token:
            return {"Authorization": f"Token {account.token}"}
        if account.username:
            pair = f"{account.username}:{account.password or ''}".encode()
            encoded = base64.b64encode(pair).decode()
            keep_secret(encoded)
            return {"Authorization": f"Basic {encoded}"}
        return {}

    def fetch_bearer(self) -> tuple[str, float]:
        """Change the remote's token for one that is good for a while (OpenID Connect, refresh).

        Gives it and the seconds that it is good for. Raises Again, UpstreamProblem.
        """
        url = self.account.auth_url or ""
        form = {
            "grant_type": "refresh_token",
            "client_id": "cloud-services",
            "refresh_token": self.account.token or "",
        }
        status, said = self._post(url, form)
        token = said.get("access_token") if isinstance(said, dict) else None
        if status == 200 and isinstance(token, str) and token.isascii() and token.isprintable():
            keep_secret(token)
            seconds = said.get("expires_in")
            return token, float(seconds) if isinstance(seconds, int | float) else 300.0
        refusal = UpstreamProblem(
            f"{plain(url)} gives no token for the remote's ({status}). Check the remote's token and auth_url."
        )
        raise Again(refusal) if status in AGAIN else refusal

    def _post(self, url: str, form: dict[str, str]) -> tuple[int, Any]:
        """Status and JSON, None where it is none. Raises Again, UpstreamProblem."""
        self.fence.require_open(url)
        body = bytearray()
        try:
            with (
                until(self._deadline(url)) as deadline,
                self._http.stream("POST", url, data=form) as answer,
            ):
                for piece in answer.iter_raw():
                    body += piece
                    deadline.received(len(body))
                    if len(body) > TOKEN_LIMIT:
                        raise UpstreamProblem(f"{plain(url)} answers with more than {TOKEN_LIMIT} bytes.")
            return answer.status_code, orjson.loads(bytes(body))
        except httpx2.HTTPError as problem:
            raise Again(_unreachable(url, problem)) from None
        except httpx2.InvalidURL:
            raise UpstreamProblem(f"{plain(url)} is no address of a web server.") from None
        except orjson.JSONDecodeError:
            return answer.status_code, None


class _Bearer:
    """A token for some minutes, fetched by whichever thread needs it first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._header = ""
        self._until = 0.0

    def get(self, client: Client) -> str:
        with self._lock:
            if not self._header or time.monotonic() > self._until:
                token, seconds = client.fetch_bearer()
                self._header = f"Bearer {token}"
                self._until = time.monotonic() + max(seconds - TOKEN_SPARE_SECONDS, 1.0)
            return self._header

    def forget(self, header: str) -> None:
        """The server no longer takes it. Requests that were under way with it may be told so one after another."""
        with self._lock:
            if self._header == header:
                self._header = ""


def _unreachable(url: str, problem: httpx2.HTTPError) -> UpstreamProblem:
    reason = " ".join(str(problem).split())[:300].rstrip(".") or type(problem).__name__
    if isinstance(problem, httpx2.TimeoutException):
        return UpstreamProblem(f"{plain(url)} does not answer in time.")
    if isinstance(problem, httpx2.ConnectError):
        return UpstreamProblem(f"Cannot connect to {plain(url)}: {reason}.")
    return UpstreamProblem(f"The connection to {plain(url)} broke: {reason}.")
