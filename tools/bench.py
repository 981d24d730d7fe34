"""Measure the hub, each figure beside a yardstick taken in the same run.

    python tools/bench.py [--quick] [--only sqlite|postgresql] [--no-write]

Prints a table and writes docs/performance.json and docs/images/performance.svg. The yardstick is the
least that three changes of a row cost: insert, claim and finish, one commit each, by pgbench with two
clients, or by the bare driver of SQLite.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
os.environ["CARTWHEEL_TEST_FSYNC"] = "on"

import bench_pages
import postgres
from bench_plot import plot
from hub import CARTWHEEL, Hub, running_hub
from measuring import Figures, cpu_seconds, family, pss_mb, spread
from processes import at_rest as standing_still
from processes import parent
from small_collections import collection

ONLINE_SECONDS = 10  # of engine/models/workers.py
DUMMY = "pulpcore.app.tasks.test.dummy_task"


@dataclass
class Size:
    """How long to measure."""

    latencies: int = 200
    drained: int = 4000
    serial: int = 400
    waiters: int = 40
    requests: int = 300
    page_requests: int = 40
    blocked: tuple[int, ...] = (1_000, 10_000, 100_000)
    yard_seconds: int = 8
    idle_seconds: int = 15


QUICK = Size(40, 600, 60, 10, 60, 5, (1_000,), 2, 3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--no-write", action="store_true", help="print the figures only")
    given = parser.parse_args()
    size = QUICK if given.quick else Size()
    found: Figures = {
        "taken": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load": os.getloadavg()[0],
    }
    for database in ("sqlite", "postgresql"):
        if given.only in (None, database):
            found[database] = measure(database, size)
    table(found)
    if not given.no_write:
        (ROOT / "docs" / "performance.json").write_text(json.dumps(found, indent=2) + "\n")
        (ROOT / "docs" / "images" / "performance.svg").write_text(plot(found))
    return 0


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def measure(database: str, size: Size) -> Figures:
    os.environ["CARTWHEEL_TEST_DATABASE"] = database
    say(database, "yardstick")
    yard = pgbench(size) if database == "postgresql" else bare_sqlite(size)
    found: Figures = {"yardstick tasks/s": yard}
    for workers in (1, 2):
        with hub(workers) as running:
            say(database, f"throughput with {workers}")
            found[f"tasks/s with {workers} workers"] = drain(running, size.drained)
    found["ratio to the yardstick, 2 workers"] = round(found["tasks/s with 2 workers"] / yard, 2)
    with hub(4) as running:
        say(database, "one resource, enqueue, latencies, waiters, HTTP")
        found["tasks/s all on one exclusive resource"] = drain(
            running, size.serial, 'exclusive_resources=["r"]'
        )
        found["enqueued/s, one client"] = enqueue(running, size.drained // 4)
        found |= latency(running, size.latencies, "idle")
        found["end to waiter, ms"] = end_to_waiter(running, size.waiters)
        found["publish to installable, s"] = publish(running, 10)
        found |= http(running, size.requests)
    for count in size.blocked:
        with hub(4) as running:
            say(database, f"{count} blocked tasks")
            block(running, count)
            found |= latency(running, size.latencies, f"{count} blocked")
            found[f"enqueued/s, {count} blocked"] = enqueue(running, size.drained // 10)
    if database == "postgresql":
        say(database, "a host that falls silent")
        with hub(1) as running:
            found["host silent to its task settled, s"] = silence(running)
    say(database, "pages")
    found |= bench_pages.figures(
        requests_=size.page_requests, changes=size.waiters, seconds=size.idle_seconds
    )
    found |= at_rest(size)
    return found


@contextmanager
def hub(workers: int) -> Iterator[Hub]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_hub(Path(folder) / "data", workers=str(workers)) as found,
    ):
        time.sleep(1)  # the workers are warm, as on a hub that has run for a while
        yield found


def on_console(running: Hub, code: str) -> Any:
    """What the code printed last, as JSON."""
    done = running.run("console", "-c", code, timeout=900)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


# -- yardsticks -------------------------------------------------------------------------------------

YARD = """INSERT INTO yard (state) VALUES ('waiting') RETURNING id \\gset
UPDATE yard SET state = 'running' WHERE id = :id;
UPDATE yard SET state = 'completed' WHERE id = :id;
"""


def pgbench(size: Size) -> float:
    url = postgres.new_database()
    programs = max(
        Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda path: int(path.parts[-3])
    ).parent
    table_sql = "CREATE TABLE yard (id bigserial PRIMARY KEY, state text)"
    subprocess.run([str(programs / "psql"), "-q", "-c", table_sql, url], check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(YARD)
        script.flush()
        options = ["-n", "-c", "2", "-j", "2", "-T", str(size.yard_seconds), "-f", script.name]
        done = subprocess.run(
            [str(programs / "pgbench"), *options, url], capture_output=True, text=True, check=True
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return round(float(found.group(1)))


def bare_sqlite(size: Size) -> float:
    with tempfile.TemporaryDirectory() as folder:
        yard = sqlite3.connect(Path(folder) / "yard.sqlite3", isolation_level=None)
        yard.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        yard.execute("CREATE TABLE yard (id INTEGER PRIMARY KEY, state TEXT)")
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < size.yard_seconds:
            row = yard.execute("INSERT INTO yard (state) VALUES ('waiting')").lastrowid
            yard.execute("UPDATE yard SET state = 'running' WHERE id = ?", [row])
            yard.execute("UPDATE yard SET state = 'completed' WHERE id = ?", [row])
            done += 1
        return round(done / (time.perf_counter() - began))


# -- the queue --------------------------------------------------------------------------------------


def drain(running: Hub, count: int, resources: str = "") -> float:
    """Tasks per second while so many that wait already are run."""
    return float(
        on_console(
            running,
            f"""
import json, time
from django.db import transaction
from django.db.models import Max, Min
from cartwheel.engine.pausing import pause, resume
pause("hub")
with transaction.atomic():
    ids = [dispatch({DUMMY!r}, {resources}).pk for _ in range({count})]
resume("hub")
while Task.objects.filter(state__in=["waiting", "running"]).exists():
    time.sleep(0.05)
span = Task.objects.filter(pk__gte=ids[0]).aggregate(a=Min("started_at"), b=Max("finished_at"))
print(json.dumps(round({count} / (span["b"] - span["a"]).total_seconds())))
""",
        )
    )


def enqueue(running: Hub, count: int) -> float:
    """Dispatches per second by one client, a commit each, while tasks are held back."""
    return float(
        on_console(
            running,
            f"""
import json, time
from cartwheel.engine.pausing import pause, resume
pause("hub")
began = time.perf_counter()
for _ in range({count}):
    dispatch({DUMMY!r})
took = time.perf_counter() - began
resume("hub")
while Task.objects.ready().order_by("rank", "id").first():
    time.sleep(0.05)
print(json.dumps(round({count} / took)))
""",
        )
    )


def latency(running: Hub, count: int, beside: str) -> Figures:
    """Milliseconds from the creation of a task to its start and to its end, one at a time.

    The start is noted before the claim is written: what that costs is seen in the end.
    """
    started, ended = on_console(
        running,
        f"""
import json, time
started, ended = [], []
for _ in range({count}):
    task = dispatch({DUMMY!r})
    time.sleep(0.02)
    while not Task.objects.filter(pk=task.pk, state="completed").exists():
        time.sleep(0.005)
    task.refresh_from_db()
    started.append((task.started_at - task.created_at).total_seconds() * 1000)
    ended.append((task.finished_at - task.created_at).total_seconds() * 1000)
print(json.dumps([started, ended]))
""",
    )
    return {
        f"created to started, {beside}, ms": spread(started),
        f"created to ended, {beside}, ms": spread(ended),
    }


def block(running: Hub, count: int) -> None:
    """Put so many tasks behind one that has their resource."""
    on_console(
        running,
        f"""
import json
from datetime import timedelta
from django.utils import timezone
holder = Task.objects.create(name="iamholder", state="running")
Reservation.objects.create(task=holder, resource="crowd", exclusive=True, hold=1)
now = timezone.now()
for start in range(0, {count}, 5000):
    tasks = [Task(name={DUMMY!r}, pending=1, created_at=now, rank=now, reserved_resources_record=["crowd"])
             for _ in range(min(5000, {count} - start))]
    for task in tasks:
        task.root = task.pk
    Task.objects.bulk_create(tasks)
    Reservation.objects.bulk_create([Reservation(task=task, resource="crowd", exclusive=True) for task in tasks])
print(json.dumps(Task.objects.filter(state="waiting").count()))
""",
    )


def end_to_waiter(running: Hub, count: int) -> Figures:
    """Milliseconds from the end of a task to the return of a request that was held for it."""
    values = []
    headers = {"Prefer": "wait=60"}
    for _ in range(count):
        task = running.dispatch('Task.objects.create(state="running", name="iamwaitedfor")')
        returned: list[datetime] = []

        def hold(address: str = f"v3/tasks/{task}/", into: list[datetime] = returned) -> None:
            running.request("GET", address, headers=headers)
            into.append(datetime.now(UTC))

        waiter = threading.Thread(target=hold)
        waiter.start()
        time.sleep(0.2)
        running.request("PATCH", f"pulp/api/v3/tasks/{task}/", json={"state": "canceled"})
        waiter.join()
        ended = datetime.fromisoformat(running.task(task)["finished_at"])
        values.append((returned[0] - ended).total_seconds() * 1000)
    return spread(values)


def silence(running: Hub) -> float:
    """Seconds from the moment in which all workers of a host stand still until another has settled their task."""
    task = running.dispatch("dispatch('pulpcore.app.tasks.test.gooey_task', args=(600,))")
    running.wait(task, "running")
    child = running.process_of(task)
    with another_host(running), standing_still(parent(child), child):
        stopped = time.monotonic()
        running.wait(task, "failed")
        return round(time.monotonic() - stopped, 1)


@contextmanager
def another_host(running: Hub) -> Iterator[None]:
    """Workers with a data directory of their own over the same database, for long enough to judge others."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**running.environ, "CARTWHEEL_DATA": folder}
        worker = subprocess.Popen([CARTWHEEL, "worker"], env=environ, stderr=subprocess.DEVNULL)
        try:
            time.sleep(ONLINE_SECONDS + 5)
            yield
        finally:
            worker.terminate()
            worker.wait()


def publish(running: Hub, count: int) -> Figures:
    """Seconds from the beginning of an upload until the version is in the repository."""
    running.request("POST", "v3/namespaces/", json={"name": "bench", "groups": []})
    values = []
    for number in range(count):
        content = collection(namespace="bench", version=f"1.0.{number}")
        began = time.perf_counter()
        answer = running.request(
            "POST",
            "v3/artifacts/collections/",
            files={"file": (f"bench-tools-1.0.{number}.tar.gz", content)},
            headers={"Prefer": "wait=60"},
        )
        assert answer.ok, answer.text
        version = f"v3/plugin/ansible/content/staging/collections/index/bench/tools/versions/1.0.{number}/"
        assert running.request("GET", version).ok
        values.append(time.perf_counter() - began)
    return spread(values, digits=3)


def http(running: Hub, count: int) -> Figures:
    """Milliseconds of the web server's CPU for reading one task, and a page of 100."""
    token = running.request("POST", "v3/auth/token/").json()["token"]
    session = requests.Session()
    session.headers["Authorization"] = f"Token {token}"
    task = running.get("pulp/api/v3/tasks/?limit=1")["results"][0]["pulp_href"]
    web = web_process(running)

    def cost(path: str) -> float:
        session.get(running.url.rstrip("/") + path, timeout=30).raise_for_status()
        before = cpu_seconds(web)
        for _ in range(count):
            session.get(running.url.rstrip("/") + path, timeout=30).raise_for_status()
        return round((cpu_seconds(web) - before) / count * 1000, 2)

    return {
        "one task over HTTP, ms of CPU": cost(task),
        "a page of 100 tasks, ms of CPU": cost("/api/automation-hub/pulp/api/v3/tasks/?limit=100"),
    }


# -- at rest ----------------------------------------------------------------------------------------


def at_rest(size: Size) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with running_hub(Path(folder) / "data"):
            first = time.perf_counter() - began
        began = time.perf_counter()
        with running_hub(Path(folder) / "data") as running:
            ready = time.perf_counter() - began
            time.sleep(3)
            processes = family(running.process.pid)
            before = sum(map(cpu_seconds, processes))
            time.sleep(size.idle_seconds)
            used = sum(map(cpu_seconds, processes)) - before
            return {
                "ready after the first start, s": round(first, 2),
                "ready after start, s": round(ready, 2),
                "idle hub, MB (PSS)": round(sum(map(pss_mb, processes))),
                "idle hub, processes": len(processes),
                "idle hub, % of a core": round(100 * used / size.idle_seconds, 2),
            }


def web_process(running: Hub) -> int:
    """The child of the hub that has no children itself."""
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
    return next(int(each) for each in children if len(family(int(each))) == 1)


# -- telling ----------------------------------------------------------------------------------------


@dataclass
class Row:
    name: str
    values: list[str] = field(default_factory=list)


def table(found: Figures) -> None:
    databases = [each for each in ("sqlite", "postgresql") if each in found]
    names = list(dict.fromkeys(name for each in databases for name in found[each]))
    width = max(map(len, names))
    print(
        f"\n{found['machine']}, load {found['load']:.1f}\n{'':<{width}}  "
        + "".join(f"{each:>28}" for each in databases)
    )
    for name in names:
        print(f"{name:<{width}}  " + "".join(f"{shown(found[each].get(name)):>28}" for each in databases))


def shown(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['median']} (p95 {value['p95']}, max {value['max']})"
    return "" if value is None else f"{value:g}"


def say(*words: str) -> None:
    print(": ".join(words), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
