"""A database that is away for a while: everybody is told so, and that it will pass."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import postgres
import psycopg
import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from hub import Hub, running_hub
from own_server import own_server
from patience import eventually

from cartwheel.engine.away import is_database_away

TASKS = "pulp/api/v3/tasks/"


@pytest.mark.skipif(not postgres.is_wanted(), reason="SQLite has no server that could go away")
def test_while_the_database_is_away_everybody_is_told_to_try_again(tmp_path: Path) -> None:
    with own_server() as server, running_hub(tmp_path / "data", database_url=server.url) as hub:
        task = hub.dispatch('Task.objects.create(state="running", name="x")')
        ended: list[dict[str, object]] = []
        waiter = threading.Thread(target=lambda: ended.append(held(hub, task)))
        waiter.start()

        server.crash()
        answer = hub.request("GET", TASKS)
        first_held = hub.request("GET", f"{TASKS}{task}/", headers={"Prefer": "wait=60"})
        stream = hub.request("GET", "events/", stream=True)
        galaxy = hub.request("GET", "v3/namespaces/")
        page = hub.request("GET", "/", auth=None, cookies={"sessionid": "x" * 32})

        for each in (answer, first_held, stream, galaxy, page):
            assert (each.status_code, each.headers["Retry-After"]) == (503, "5"), each.text
        assert answer.json() == {
            "detail": "The hub's database does not answer just now. Try again in a few seconds."
        }
        assert galaxy.json()["errors"][0]["code"] == "service_unavailable"
        assert "Just a moment" in page.text

        server.start()
        eventually(lambda: hub.request("GET", TASKS).ok, what="the return of the database")
        hub.request("PATCH", f"{TASKS}{task}/", json={"state": "canceled"})
        waiter.join()
        assert ended[0]["state"] == "canceled"


def held(hub: Hub, task: str) -> dict[str, object]:
    """The task once it has ended: by one request, unless that comes just when the database is away."""
    address, wait = f"{TASKS}{task}/", {"Prefer": "wait=100"}

    def ended() -> dict[str, object] | None:
        answer = hub.request("GET", address, headers=wait)
        return answer.json() if answer.ok and answer.json()["state"] == "canceled" else None

    return eventually(ended, what="the end of the task") or {}


def because_of(cause: BaseException | None, problem: Exception) -> Exception:
    problem.__cause__ = cause
    return problem


def of_sqlite(code: int) -> sqlite3.Error:
    cause = sqlite3.OperationalError("x")
    cause.sqlite_errorcode = code
    return cause


@pytest.mark.parametrize(
    ("problem", "is_away"),
    [
        (because_of(psycopg.OperationalError("connection refused"), OperationalError("x")), True),
        (because_of(psycopg.errors.AdminShutdown("x"), OperationalError("x")), True),
        (because_of(psycopg.errors.DeadlockDetected("x"), OperationalError("x")), True),
        (because_of(psycopg.errors.LockNotAvailable("x"), OperationalError("x")), True),
        (because_of(psycopg.errors.QueryCanceled("x"), OperationalError("x")), False),
        (because_of(psycopg.errors.UndefinedTable("x"), ProgrammingError("x")), False),
        (because_of(of_sqlite(sqlite3.SQLITE_BUSY), OperationalError("x")), True),
        (because_of(of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), OperationalError("x")), True),
        (because_of(of_sqlite(sqlite3.SQLITE_ERROR), OperationalError("no such table: x")), False),
        (because_of(None, InterfaceError("connection already closed")), True),
        (ValueError("x"), False),
    ],
)
def test_what_passes_is_told_from_what_is_a_fault(problem: Exception, is_away: bool) -> None:
    assert is_database_away(problem) is is_away
