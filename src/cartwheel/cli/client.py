"""A hub as the command line talks to it: over HTTP, wherever it runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cartwheel.cli import Problem

if TYPE_CHECKING:
    import httpx2

PATIENCE_SECONDS = 60  # for a hub that does not answer, once it has answered
HOLD_SECONDS = 30  # the server holds a waiting request so long at a time
TASKS = "pulp/api/v3/tasks/"
PAGE = 500  # tasks fetched at a time

F = TypeVar("F", bound=Callable[..., Any])


def _default_server() -> str:
    bind = os.environ.get("CARTWHEEL_BIND", "127.0.0.1:8000")
    return f"http://{bind}{os.environ.get('CARTWHEEL_API_PREFIX', '/api/automation-hub/')}"


def hub_options(command: F) -> F:
    """The options that say which hub and who one is; the command gets a Client as `hub`."""

    def wrapped(server: str, username: str, password: str, token: str, **arguments: Any) -> Any:
        return command(hub=Client(server, username, password, token), **arguments)

    wrapped.__doc__ = command.__doc__
    wrapped.__name__ = command.__name__
    options = (
        click.option(
            "-s", "--server", envvar="CARTWHEEL_SERVER", default=_default_server, metavar="URL",
            help="The hub's API; default http://127.0.0.1:8000/api/automation-hub/.",
        ),
        click.option("-u", "--username", envvar="CARTWHEEL_USERNAME", default="admin", help="Default admin."),
        click.option(
            "-p", "--password", envvar=["CARTWHEEL_PASSWORD", "CARTWHEEL_ADMIN_PASSWORD"], default="",
            help="Default CARTWHEEL_PASSWORD, else CARTWHEEL_ADMIN_PASSWORD.",
        ),
        click.option("-t", "--token", envvar="CARTWHEEL_TOKEN", default="", help="An API token instead."),
    )  # fmt: skip
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]  # click's decorators keep the function, with options


@dataclass
class Client:
    """Sends requests to a hub. What goes wrong is a Problem with one line."""

    server: str
    username: str
    password: str
    token: str

    def __post_init__(self) -> None:
        import httpx2

        if not self.server.startswith(("http://", "https://")):
            raise click.UsageError(f"{self.server} is no address; use http://HOST:PORT/api/automation-hub/.")
        self.server = self.server.rstrip("/") + "/"
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        auth = None if self.token else (self.username, self.password)
        self._http = httpx2.Client(
            base_url=self.server, auth=auth, headers=headers, timeout=httpx2.Timeout(30, read=HOLD_SECONDS + 30),
            trust_env=False,
        )  # fmt: skip
        self._has_answered = False

    def get(self, path: str, *, wait: int = 0, **parameters: Any) -> Any:
        """The JSON behind a path. With `wait`, the hub holds the answer for at most so many seconds."""
        headers = {"Prefer": f"wait={wait}"} if wait else {}
        return self._send("GET", path, params=parameters, headers=headers).json()

    def stop(self, task: str) -> tuple[bool, dict[str, Any]]:
        """Ask for a task to be stopped; whether it could be, and the task."""
        response = self._send("PATCH", f"{TASKS}{task}/", json={"state": "canceled"}, accept=(409,))
        return response.status_code == 200, response.json()

    def run_again(self, task: str) -> str:
        """Ask for a task to be run again; the address of the new one."""
        return str(self._send("POST", f"{TASKS}{task}/run-again/").json()["task"])

    def all_tasks(self, *, wait: int = 0, **filters: Any) -> list[dict[str, Any]]:
        """All tasks that the filters leave, oldest first.

        What ends meanwhile leaves the list, and the rest moves up: so a page is asked for by the moment where
        the one before it ended, not by how many came before.
        """
        filters = {"limit": PAGE, "ordering": "pulp_created", **filters}
        found: dict[str, dict[str, Any]] = {}
        while True:
            page = self.get(TASKS, wait=wait, **filters)
            found |= {task["pulp_href"]: task for task in page["results"]}
            if not page["next"] or not page["results"]:
                return list(found.values())
            last = page["results"][-1]["pulp_created"]
            is_full = last == filters.get("pulp_created__gte")  # more than a page, all made in one moment
            filters |= {
                "pulp_created__gte": last,
                "offset": filters.get("offset", 0) + PAGE if is_full else 0,
            }
            wait = 0

    def _send(
        self, method: str, path: str, *, accept: tuple[int, ...] = (), **request: Any
    ) -> httpx2.Response:
        import httpx2

        for pause in self._pauses():
            try:
                response = self._http.request(method, path, **request)
            except httpx2.TransportError as problem:
                if not self._has_answered:
                    raise Problem(f"{self.server} does not answer: {problem}.") from None
                if method == "POST" and not isinstance(problem, (httpx2.ConnectError, httpx2.ConnectTimeout)):
                    raise Problem(
                        "The hub did not answer, but may have done it; see cartwheel task list."
                    ) from None
                click.echo("The hub does not answer; trying again.", err=True)
                time.sleep(pause)
                continue
            self._has_answered = True
            return self._checked(response, accept)
        raise Problem(f"{self.server} has not answered for {PATIENCE_SECONDS} s.")

    def _pauses(self) -> Iterator[float]:
        end, pause = time.monotonic() + PATIENCE_SECONDS, 0.25
        while time.monotonic() < end:
            yield pause
            pause = min(2 * pause, 4.0)

    def _checked(self, response: httpx2.Response, accept: tuple[int, ...]) -> httpx2.Response:
        if response.is_success or response.status_code in accept:
            return response
        where = response.request.url.path
        if response.status_code == 401:
            raise Problem(
                "The hub does not know that username and password, or token. See --help for how to give them."
            )
        if response.status_code == 404:
            raise Problem(f"The hub has nothing at {where}.")
        raise Problem(f"The hub answered {response.status_code} to {where}: {_detail(response)}")


def _detail(response: httpx2.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return response.reason_phrase
    return str(body.get("detail", body)) if isinstance(body, dict) else str(body)


def task_id(text: str) -> str:
    """The id in what a person typed: an id, or any address that holds one. Raises Problem."""
    from cartwheel.kit.ids import is_uuid

    found = next((part for part in text.split("/") if is_uuid(part)), None)
    if found is None:
        raise Problem(f"{text} is no task: give an id such as 018a41d4-161c-7edf-bcaa-6246188c9a7f.")
    return found
