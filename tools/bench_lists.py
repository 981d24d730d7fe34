"""Measure every list of the API with 100,000 tasks, collections and results of a search.

    python tools/bench_lists.py [--rows N] [--only sqlite|postgresql] [--times N] [WORD ...]

Prints what ten rows cost, the dearest first: CPU of the process that serves, on PostgreSQL that of its
server besides; with words, only of the requests that hold one of them.
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

API = "/api/automation-hub/"
TASKS = ("pulp/api/v3/tasks/", "v3/tasks/")
INDEX = "v3/plugin/ansible/content/published/collections/index/"
SEARCH = "v3/plugin/ansible/search/collection-versions/"
VERSIONS = "pulp/api/v3/content/ansible/collection_versions/"
IMPORTS = "_ui/v1/imports/collections/"
ASKED = {  # what clients ask of the long lists, besides a page near the start and one near the end
    "pulp/api/v3/tasks/": (
        "state=completed",
        "state=failed",
        "state__in=waiting,running",
        "name=app.tasks.t3",
        "name__contains=t3",
        "name__contains=nothing",
        "ordering=pulp_created",
        "ordering=-pulp_created",
        "ordering=name",
        "ordering=-name",
        "ordering=state",
        "ordering=started_at",
        "ordering=-started_at",
        "ordering=finished_at",
        "ordering=-finished_at",
        "ordering=-pulp_last_updated",
        "state=completed&ordering=-started_at",
        "reserved_resources=prn:r3",
        "exclusive_resources=prn:r3",
        "created_resources=/pulp/api/v3/content/77/",
        "logging_cid=0000000000000000000000000000004d",
        "started_at__gte=2020-01-01",
        "pulp_created__lt=2020-01-01",
        "fields=pulp_href,state",
    ),
    INDEX: ("namespace=ns3", "name=c77", "namespace=ns77&name=c77", "deprecated=false", "deprecated=true"),
    SEARCH: (
        "is_highest=true",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=name&offset=90000",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=-pulp_created",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&keywords=cloud&order_by=name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&tags=tools&order_by=name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&repository_name=validated&order_by=name",
        "is_highest=true&namespace=ns3&repository_label=!hide_from_search&order_by=name",
        "repository_name=published&namespace=ns77&name=c77&is_highest=true",
        "repository_name=published&namespace=ns77&name=c77&order_by=-version",
        "namespace=ns77&name=c77&version=1.0.0",
        "order_by=-pulp_created&repository_label=pipeline=staging",
        "is_highest=false",
        "is_deprecated=true",
        "is_deprecated=false",
        "repository_name=published",
        "distribution_base_path=published",
        "namespace=ns3",
        "name=c77",
        "version=1.0.0",
        "keywords=c9999",
        "keywords=cloud",
        "keywords=cloud people",
        "keywords=nothing",
        "tags=tools",
        "tags=tools,cloud",
        "tags=nothing",
        "dependency=ns0.c3",
        "version_range=>=1.0&namespace=ns3",
        "order_by=name",
        "order_by=-name",
        "order_by=namespace",
        "order_by=-namespace",
        "order_by=version",
        "order_by=-version",
        "order_by=pulp_created",
        "order_by=-pulp_created",
        "repository_version=5",
    ),
    VERSIONS: (
        "namespace=ns77&name=c77&version=1.0.0",
        "namespace=ns3",
        "name=c77",
        "version=1.0.0",
        "q=cloud",
        "q=c9999",
        "tags=tools",
        "ordering=name",
        "ordering=-name",
        "ordering=-pulp_created",
        "ordering=pulp_created",
        "ordering=-pulp_last_updated",
        "ordering=version",
        "repository_version=PUBLISHED",
        "repository_version_added=PUBLISHED",
        "orphaned_for=0",
    ),
    "_ui/v1/collection-versions/": (
        "repository=published",
        "namespace=ns3",
        "name=c77",
        "namespace=ns77&name=c77",
        "keywords=cloud",
        "keywords=c9999",
        "tags=tools",
        "sort=name",
        "sort=-name",
        "sort=-pulp_created",
        "sort=version",
    ),
    "_ui/v1/repo/published/": (
        "deprecated=false",
        "deprecated=true",
        "namespace=ns3",
        "keywords=cloud",
        "keywords=c9999",
        "tags=tools",
    ),
    IMPORTS: (
        "namespace=ns4&sort=-created",
        "sort=-created",
        "sort=created",
        "keywords=c77",
        "state=failed",
        "name=c77",
        "namespace=ns4&state=completed&sort=-created",
    ),
    "pulp/api/v3/artifacts/": ("sha256=" + "0" * 62 + "4d",),
}


@dataclass
class Cost:
    address: str
    wall: float  # ms, the median
    cpu: float  # ms
    server: float  # ms of CPU of PostgreSQL
    statements: int
    status: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=7, help="how often each request is made")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
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
    found = [cost(each, given.times) for each in addresses() if fits(each, given.words)]
    print(
        f"\n{given.only}, {given.rows} rows\n\n| CPU (ms) | wall (ms) | statements | request |\n|---|---|---|---|"
    )
    for each in sorted(found, key=lambda one: -(one.cpu + one.server)):
        beside = f" + {each.server:.1f}" if given.only == "postgresql" else ""
        status = "" if each.status == 200 else f" ({each.status})"
        print(f"| {each.cpu:.1f}{beside} | {each.wall:.1f} | {each.statements} | `{each.address}`{status} |")
        if given.plans and each.cpu + each.server > 7:
            print(slowest(each.address))
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

    from cartwheel.engine.models import Task

    if not Task.objects.exists():
        begun = time.monotonic()
        many_rows.fill(given.rows)
        print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)


def addresses() -> list[str]:
    """Every list, from the URL resolver; the long ones also as clients ask for them."""
    from endpoints import API as ROOT_PATH
    from endpoints import endpoints

    from cartwheel.registry.models import Repository

    published = Repository.objects.get(name="published")
    known = {
        "<str:distro>": "published",
        "<str:distribution>": "published",
        "<str:namespace>": "ns77",
        "<str:name>": "c77",
        "<str:number>": "1",
    }
    found = []
    for method, path in endpoints():
        if method != "get" or not path.startswith(ROOT_PATH) or "<str:path>" in path:
            continue
        if "repositories/ansible/ansible/<str:identifier>/" in path:
            path = path.replace("<str:identifier>", str(published.pk))
        for name, value in known.items():
            path = path.replace(name, value)
        if "<" not in path and path.endswith("/"):
            found.append(path.removeprefix(API))
    asked = []
    for each in dict.fromkeys(found):
        asked += [f"{each}?limit=10", f"{each}?limit=10&offset=90000"]
        asked += [f"{each}?limit=10&{query}" for query in ASKED.get(each, ())]
    where = f"{API}pulp/api/v3/{published.path}versions/{published.latest_number}/"
    return [each.replace("PUBLISHED", where) for each in asked if not each.startswith("_ui/v1/auth")]


def client() -> Any:
    from django.test import Client

    from cartwheel.registry.credentials import renew_token
    from cartwheel.registry.models import User

    if not hasattr(client, "made"):
        key = renew_token(User.objects.get(username="admin"))
        client.made = Client(headers={"authorization": f"Token {key}"})  # type: ignore[attr-defined]
    return client.made  # type: ignore[attr-defined]


def cost(address: str, times: int) -> Cost:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        status = client().get(API + address).status_code
    statements = len(asked)
    walls, cpus, servers = [], [], []
    for _ in range(times):
        wall, cpu, server = time.perf_counter(), time.process_time(), of_server()
        client().get(API + address)
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
        servers.append(of_server() - server)
    return Cost(
        address,
        statistics.median(walls),
        statistics.median(cpus),
        statistics.median(servers),
        statements,
        status,
    )


def of_server() -> float:
    """The CPU that PostgreSQL has spent for this process until now, in ms."""
    from django.db import connection

    if connection.vendor != "postgresql" or connection.connection is None:
        return 0
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def slowest(address: str) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client().get(API + address)
    statement = max(asked.captured_queries, key=lambda each: float(each["time"]))
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {statement['sql'].replace('%', '%%')}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    return f"    {statement['time']} {statement['sql'][:1500]}\n{plan}"


if __name__ == "__main__":
    raise SystemExit(main())
