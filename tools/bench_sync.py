"""Measure syncs of real collections from a second hub on the same machine.

    python tools/bench_sync.py [--only sqlite|postgresql] [--some 20]

The first hub gets all collections of the package `ansible` by upload, the second one syncs them all, then
again when nothing has changed, then again without believing that. Prints seconds of the clock and of CPU.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
os.environ["CARTWHEEL_TEST_FSYNC"] = "on"

from hub import Hub, running_hub
from real_collections import all_names, real_collection

TICKS = os.sysconf("SC_CLK_TCK")
SIDE_BY_SIDE = 4  # uploads
REMOTES = "pulp/api/v3/remotes/ansible/collection/"
REPOSITORIES = "pulp/api/v3/repositories/ansible/ansible/"


@dataclass
class Taken:
    """What something took: seconds of the clock, and of CPU in the processes of one hub."""

    seconds: float = 0.0
    cpu: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--some", type=int, help="only so many collections")
    given = parser.parse_args()
    tarballs = [real_collection(name) for name in all_names()[: given.some]]
    size = sum(path.stat().st_size for path in tarballs) / 1e6
    print(
        f"{len(tarballs)} collections, {size:.0f} MB, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    for database in ("sqlite", "postgresql"):
        if given.only in (None, database):
            os.environ["CARTWHEEL_TEST_DATABASE"] = database
            for what, taken in measure(tarballs):
                print(f"{database}: {what}: {taken.seconds:.1f} s, {taken.cpu:.1f} s of CPU", flush=True)
    return 0


def measure(tarballs: list[Path]) -> Iterator[tuple[str, Taken]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_hub(Path(folder) / "first", require_content_approval="false") as first,
    ):
        with timed(first) as taken:
            upload(first, tarballs)
        yield "uploaded and installable", taken
        with running_hub(Path(folder) / "second") as second:
            remote = made(
                second,
                REMOTES,
                url=f"{first.api}content/published/",
                username="admin",
                password=first.password,
            )
            repository = made(second, REPOSITORIES, remote=remote)
            for what, optimize in (("synced", True), ("nothing new", True), ("looked at all again", False)):
                with timed(second) as taken:
                    sync(second, repository, optimize=optimize)
                yield what, taken
            latest = second.get(second.get(repository)["latest_version_href"])["content_summary"]
            assert latest["present"]["ansible.collection_version"]["count"] == len(tarballs)


def upload(hub: Hub, tarballs: list[Path]) -> None:
    for namespace in sorted({path.name.partition("-")[0] for path in tarballs}):
        hub.request("POST", "v3/namespaces/", json={"name": namespace, "groups": []}).raise_for_status()

    def one(path: Path) -> None:
        with path.open("rb") as file:
            answer = hub.request("POST", "v3/artifacts/collections/", files={"file": (path.name, file)})
        ended = hub.request("GET", answer.json()["task"], headers={"Prefer": "wait=80"}).json()
        assert ended["state"] == "completed", ended

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        list(threads.map(one, tarballs))


def made(hub: Hub, path: str, **given: object) -> str:
    answer = hub.request("POST", path, json={"name": "bench", **given})
    assert answer.status_code == 201, answer.text
    href: str = answer.json()["pulp_href"]
    return href


def sync(hub: Hub, repository: str, *, optimize: bool) -> None:
    answer = hub.request("POST", f"{repository}sync/", json={"optimize": optimize})
    task = answer.json()["task"]
    while (ended := hub.request("GET", task, headers={"Prefer": "wait=80"}).json())["state"] == "running":
        pass
    assert ended["state"] == "completed", ended["error"]


@contextmanager
def timed(hub: Hub) -> Iterator[Taken]:
    taken, start, cpu = Taken(), time.monotonic(), cpu_of(hub)
    yield taken
    taken.seconds, taken.cpu = time.monotonic() - start, cpu_of(hub) - cpu


def cpu_of(hub: Hub) -> float:
    """Seconds of CPU that the hub's processes have used, those that have ended included."""
    parents = {pid: stat for pid in pids() if (stat := stat_of(pid))}
    family, found = {hub.process.pid}, -1
    while len(family) != found:
        found = len(family)
        family |= {pid for pid, stat in parents.items() if int(stat[1]) in family}
    return sum(sum(map(int, parents[pid][11:15])) for pid in family if pid in parents) / TICKS


def pids() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def stat_of(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(main())
