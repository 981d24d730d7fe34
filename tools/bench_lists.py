"""Measure every list of the API with 100,000 tasks, collections and results of a search.

    python tools/bench_lists.py [--rows N] [--only sqlite|postgresql] [--times N] [WORD ...]

Prints what ten rows cost, the dearest first: CPU of the process that serves, on PostgreSQL that of its
server besides, and both of a request when nothing is remembered, and of one just after a repository has
changed; with words, only of the requests that hold one of them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))


@dataclass
class Cost:
    address: str
    wall: float  # ms, the median
    cpu: float  # ms
    server: float  # ms of CPU of PostgreSQL
    first: float  # ms of CPU of both, with no number remembered
    changed: float  # the same, with those of before a change of a repository
    statements: int
    status: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=7, help="how often each request is made")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--by", default="admin", help="who asks: a superuser, or user0, who has no roles")
    parser.add_argument("--plans", action="store_true", help="print the slowest statement of what is dear")
    parser.add_argument("--data", help="a directory whose database is kept, or there from an earlier run")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    if given.only:
        os.environ["CARTWHEEL_TEST_DATABASE"] = given.only
        return measure(given)
    command = [sys.executable, __file__, *sys.argv[1:], "--only"]
    return max(subprocess.run([*command, each], check=False).returncode for each in ("sqlite", "postgresql"))


def measure(given: argparse.Namespace) -> int:
    start(given)
    from lists import addresses

    signed_in = client(given.by)
    found = [cost(signed_in, each, given.times) for each in addresses() if fits(each, given.words)]
    print(
        f"\n{given.only}, {given.rows} rows\n\n"
        "| CPU (ms) | first | after a change | wall (ms) | statements | request |\n|---|---|---|---|---|---|"
    )
    for each in sorted(found, key=lambda one: -(one.cpu + one.server)):
        beside = f" + {each.server:.1f}" if given.only == "postgresql" else ""
        status = "" if each.status == 200 else f" ({each.status})"
        print(
            f"| {each.cpu:.1f}{beside} | {each.first:.1f} | {each.changed:.1f} | {each.wall:.1f} | {each.statements} "
            f"| `{each.address}`{status} |"
        )
    for each in found if given.plans else ():
        if each.cpu + each.server > 10:
            print(f"\n{each.address}\n{slowest(signed_in, each.address)}")
    return 0


def fits(address: str, words: list[str]) -> bool:
    return not words or any(each in address for each in words)


def start(given: argparse.Namespace) -> None:
    import postgres

    os.environ["CARTWHEEL_DATA"] = given.data or tempfile.mkdtemp(prefix="cartwheel-lists-")
    Path(os.environ["CARTWHEEL_DATA"]).mkdir(parents=True, exist_ok=True)
    if postgres.is_wanted() and "CARTWHEEL_DATABASE_URL" not in os.environ:
        os.environ["CARTWHEEL_DATABASE_URL"] = postgres.new_database()
    os.environ["DJANGO_SETTINGS_MODULE"] = "cartwheel.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    import many_rows
    from django.db import connection

    from cartwheel.engine.models import Task

    if not Task.objects.exists():
        begun = time.monotonic()
        many_rows.fill(given.rows)
        if (
            connection.vendor == "postgresql"
        ):  # which does that by itself after a while; a hub's SQLite never does
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)


def client(name: str) -> Any:
    from django.test import Client

    from cartwheel.registry.credentials import renew_token
    from cartwheel.registry.models import User

    key = renew_token(User.objects.get(username=name))
    return Client(headers={"authorization": f"Token {key}"})


def cost(client: Any, address: str, times: int) -> Cost:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from cartwheel.registry import counting

    with CaptureQueriesContext(connection) as asked:
        status = client.get(f"/api/automation-hub/{address}").status_code
    statements = len(asked)  # which a later request forgets
    counting._known.clear()
    _, *first = once(client, address)
    change()
    _, *changed = once(client, address)
    walls, cpus, servers = zip(*(once(client, address) for _ in range(times)), strict=True)
    return Cost(
        address,
        statistics.median(walls),
        statistics.median(cpus),
        statistics.median(servers),
        sum(first),
        sum(changed),
        statements,
        status,
    )


def change() -> None:
    """Let the largest repository seem to have changed, as it has whenever something is published."""
    from django.db.models import F

    from cartwheel.registry.models import Repository

    Repository.objects.filter(name="published").update(next_number=F("next_number") + 1)


def once(client: Any, address: str) -> tuple[float, float, float]:
    """Ask once: how many ms, those of CPU here, and of PostgreSQL."""
    wall, cpu, server = time.perf_counter(), time.process_time(), of_server()
    client.get(f"/api/automation-hub/{address}")
    taken = 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)
    return *taken, of_server() - server


def of_server() -> float:
    """The CPU that PostgreSQL has spent for this process until now, in ms."""
    from django.db import connection

    if connection.vendor != "postgresql" or connection.connection is None:
        return 0
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def slowest(client: Any, address: str) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/api/automation-hub/{address}")
    statements = [each for each in asked.captured_queries if each["sql"]]
    statement = max(statements, key=lambda each: float(each["time"]))
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {statement['sql'].replace('%', '%%')}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    return f"    {statement['time']} {statement['sql'][:1500]}\n{plan}"


if __name__ == "__main__":
    raise SystemExit(main())
