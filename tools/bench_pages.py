"""Measure what people feel of the pages: how long the server takes, how soon a change is on the screen, and what
pages cost that are merely open.

    python tools/bench_pages.py [--quick]

Prints a table, for the database that CARTWHEEL_TEST_DATABASE names. `make bench` takes the same figures.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

from hub import Hub, running_hub
from measuring import Figures, cpu_seconds, family, spread
from playwright.sync_api import sync_playwright

ENDED, OPEN = 20_000, 300  # tasks on the hub
PAGES = 50  # that are open
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PATHS = {
    "list of tasks": "/",
    "list of failed tasks": "/?state=failed",
    "search in the list": "/?q=nothing-is-called-that",
    "page of a task": "/tasks/{task}/",
    "overview": "/overview/",
    "workers": "/workers/",
    "schedules": "/schedules/",
}
EACH_SECONDS = {"list of tasks": 60, "workers": 20}  # how often a page that nobody touches asks for something
ASKED = {"list of tasks": "/notices/", "workers": "/workers/"}
FILL = f"""
from datetime import timedelta
from django.utils import timezone
now = timezone.now()
admin = User.objects.get(username="admin")
def ended(n):
    at = now - timedelta(seconds=5 * n + 60)
    state = "failed" if n % 10 == 0 else "completed"
    error = {{"description": "acme.tools 1.0.0 is already published. Publish a higher version."}} if n % 10 == 0 else None
    return Task(name="galaxy_ng.app.tasks.publishing.import_to_staging", title=f"Import acme.tools 1.{{n}}.0", state=state,
                created_by=admin, created_at=at, unblocked_at=at, started_at=at, finished_at=at, error=error)
for start in range(0, {ENDED}, 5000):
    Task.objects.bulk_create(map(ended, range(start, start + 5000)))
for n in range({OPEN}):
    task = Task.objects.create(name="iamopen", title=f"Open {{n}}", state="running", created_by=admin)
print(task.pk)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    quick = parser.parse_args().quick
    found = figures(requests_=5 if quick else 40, changes=5 if quick else 40, seconds=3 if quick else 20)
    print(json.dumps(found, indent=2))
    return 0


def figures(*, requests_: int, changes: int, seconds: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder, running_hub(Path(folder) / "data") as hub:
        task = filled(hub)
        session = signed_in(hub)
        found: Figures = {}
        for name, path in PATHS.items():
            took, cpu = server_time(hub, session, path.format(task=task), requests_)
            found |= {f"{name}, ms": took, f"{name}, ms of CPU": cpu}
        if program := next(filter(None, map(shutil.which, BROWSERS)), None):
            found["change of a state until it is on the screen, ms"] = until_seen(hub, program, changes)
        else:
            print(
                "Chromium is not installed: when a change is on the screen is not measured.", file=sys.stderr
            )
        for name in EACH_SECONDS:
            found[f"{PAGES} open pages ({name}), % of a core"] = at_rest(hub, session, name, seconds)
        return found


def filled(hub: Hub) -> str:
    """Put many tasks into it; returns the id of one of them."""
    done = hub.run("console", "-c", FILL, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def signed_in(hub: Hub) -> requests.Session:
    session = requests.Session()
    address = f"{hub.url}login/"
    session.get(address, timeout=30)
    form = {
        "username": "admin", "password": hub.password, "csrfmiddlewaretoken": session.cookies["csrftoken"], "next": "/"
    }  # fmt: skip
    session.post(address, form, headers={"Referer": address}, timeout=30).raise_for_status()
    return session


def server_time(hub: Hub, session: requests.Session, path: str, count: int) -> tuple[Figures, float]:
    """Milliseconds from a request until its answer is there, one at a time; and of CPU, which others do not slow."""
    address = hub.url.rstrip("/") + path
    session.get(address, timeout=60).raise_for_status()  # reads templates
    processes = family(hub.process.pid)
    before, took = sum(map(cpu_seconds, processes)), []
    for _ in range(count):
        began = time.perf_counter()
        session.get(address, timeout=60).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
    used = sum(map(cpu_seconds, processes)) - before
    return spread(took), round(used / count * 1000, 1)


def until_seen(hub: Hub, program: str, count: int) -> Figures:
    """Milliseconds from the commit of a task's new state until the row in an open list says it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=hub.url)
        page.goto("/login/?next=/%3Fq=seen.soon")
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill(hub.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("Live", exact=True).wait_for()
        code = "import time\nfor _ in range({}):\n    task = Task.objects.create(state='running', name='seen.soon')\n    time.sleep(0.6)"
        hub.console(code.format(count))
        page.locator("#tasks [data-task]").nth(count - 1).wait_for()
        page.evaluate(
            """() => {
                window.seen = {};
                const look = () => {
                    for (const row of document.querySelectorAll("#tasks [data-task]"))
                        if (row.querySelector('[data-state="canceled"]')) window.seen[row.id] ??= Date.now();
                };
                new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
            }"""
        )
        ended = json.loads(
            hub.console(
                "import json, time\n"
                "from cartwheel.engine.stopping import cancel\n"
                "said = {}\n"
                "for task in Task.objects.filter(name='seen.soon'):\n"
                "    cancel(task)\n"
                "    said[f'task-{task.pk}'] = time.time() * 1000\n"
                "    time.sleep(0.6)\n"
                "print(json.dumps(said))"
            ).splitlines()[-1]
        )
        page.wait_for_function("count => Object.keys(window.seen).length === count", arg=count)
        seen = page.evaluate("window.seen")
        browser.close()
    return spread([seen[row] - at for row, at in ended.items()])


def at_rest(hub: Hub, session: requests.Session, name: str, seconds: int) -> float:
    """Share of a core that all processes of the hub use while so many pages are open and nothing happens."""
    with ExitStack() as stack:
        for _ in range(PAGES):
            stack.enter_context(stream(hub, session))
        stack.enter_context(asking(hub, session, ASKED[name], PAGES / EACH_SECONDS[name]))
        time.sleep(2)
        processes = family(hub.process.pid)
        before = sum(map(cpu_seconds, processes))
        time.sleep(seconds)
        used = sum(map(cpu_seconds, processes)) - before
    return round(100 * used / seconds, 2)


@contextmanager
def stream(hub: Hub, session: requests.Session) -> Iterator[None]:
    """An open stream of events. The little that comes while nothing happens finds place in the socket."""
    place = urlsplit(hub.url)
    cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    with socket.create_connection((place.hostname or "", place.port or 80)) as connection:
        request = f"GET /events/ HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookies}\r\n\r\n"
        connection.sendall(request.encode())
        assert b" 200 " in connection.recv(1024)
        yield


@contextmanager
def asking(hub: Hub, session: requests.Session, path: str, per_second: float) -> Iterator[None]:
    """What open pages ask for by themselves, as often as all of them together do."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(1 / per_second):
            session.get(hub.url.rstrip("/") + path, headers={"HX-Request": "true"}, timeout=30)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
