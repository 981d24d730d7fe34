"""Start a hub, do with it what a person would, show the tasks, and serve until Ctrl-C.

Everything goes through the API, but for the long task: that is made on the console. Ends with an
error if anything fails.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from real_collections import Unavailable, build, real_collection

CARTWHEEL = str(Path(sys.executable).with_name("cartwheel"))
DATA = ROOT / "demo-data"
BIND = os.environ.get("CARTWHEEL_BIND", "127.0.0.1:8000")
URL = f"http://{BIND}/"
API = f"{URL}api/automation-hub/"
PASSWORD = os.environ.get("CARTWHEEL_ADMIN_PASSWORD") or secrets.token_urlsafe(9)
COLLECTIONS = ("community.general", "community.crypto", "community.postgresql")
READY_SECONDS = 30
LONG_TASK = 'dispatch("pulpcore.app.tasks.test.sleep", args=(3600,))'
ENVIRON = {
    **{name: value for name, value in os.environ.items() if not name.startswith("CARTWHEEL_")},
    "CARTWHEEL_DATA": str(DATA),
    "CARTWHEEL_BIND": BIND,
    "CARTWHEEL_ADMIN_PASSWORD": PASSWORD,
}


class Failed(Exception):
    """The demonstration did not work; the message is one line."""


def main() -> int:
    if is_taken():
        print(
            f"demo: something listens on {BIND} already; set CARTWHEEL_BIND to another address.",
            file=sys.stderr,
        )
        return 2
    shutil.rmtree(DATA, ignore_errors=True)
    tarballs = collections()
    say(f"cartwheel serve --bind {BIND} --data {DATA.name}")
    hub = subprocess.Popen([CARTWHEEL, "serve"], env=ENVIRON)
    signal.signal(signal.SIGTERM, lambda *_: hub.terminate())
    try:
        wait_until_ready(hub)
        show(tarballs)
        tell_where()
        return hub.wait()
    except KeyboardInterrupt:
        return 0
    except Failed as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return hub.poll() or 1
    finally:
        hub.terminate()
        hub.wait()


def is_taken() -> bool:
    host, _, port = BIND.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def collections() -> list[Path]:
    """Three real collections, or, where they cannot be downloaded, small ones made here."""
    say(f"Getting the collections {', '.join(COLLECTIONS)}")
    try:
        return [real_collection(name) for name in COLLECTIONS]
    except Unavailable as problem:
        print(f"Not to be had ({problem}); making small ones of these names instead.")
    folder = DATA / "made"
    folder.mkdir(parents=True)
    return [small_collection(name, folder) for name in COLLECTIONS]


def small_collection(fqcn: str, folder: Path) -> Path:
    namespace, _, name = fqcn.partition(".")
    info = {
        "namespace": namespace,
        "name": name,
        "version": "1.0.0",
        "authors": ["Nobody"],
        "readme": "README.md",
        "license": ["MIT"],
        "description": f"A small collection in the place of {fqcn}",
        "tags": [],
        "dependencies": {},
    }
    path = folder / f"{namespace}-{name}-1.0.0.tar.gz"
    path.write_bytes(build(info, [("README.md", f"# {fqcn}\n".encode())]))
    return path


def wait_until_ready(hub: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        if hub.poll() is not None:
            raise Failed("the hub did not start.")
        try:
            httpx2.get(f"{URL}healthz", trust_env=False).raise_for_status()
        except httpx2.HTTPError:
            if time.monotonic() > deadline:
                raise Failed(f"the hub was not ready after {READY_SECONDS} s.") from None
            time.sleep(0.05)
        else:
            return


def show(tarballs: list[Path]) -> None:
    """What a person would do."""
    with httpx2.Client(base_url=API, auth=("admin", PASSWORD), timeout=120, trust_env=False) as api:
        send(api, "POST", "v3/namespaces/", json={"name": "community", "groups": []})
        for path in tarballs:
            with path.open("rb") as file:
                send(api, "POST", "v3/artifacts/collections/", files={"file": (path.name, file)})
        wait_for_all_tasks()
        for path in tarballs:
            namespace, name, version = path.name.removesuffix(".tar.gz").split("-", 2)
            address = f"v3/collections/{namespace}/{name}/versions/{version}/move/staging/published/"
            send(api, "POST", address)
        wait_for_all_tasks()
        say("What the hub has now")
        page = send(api, "GET", "v3/plugin/ansible/content/published/collections/index/")
        for each in page["data"]:
            print(f"  {each['namespace']}.{each['name']} {each['highest_version']['version']}")
    say(f"cartwheel console -c '{LONG_TASK}'")
    run("console", "-c", LONG_TASK)
    say("cartwheel task list")
    run("task", "list")


def send(api: httpx2.Client, method: str, path: str, **request: Any) -> Any:
    """Send a request and show it, and its answer in short."""
    told = ""
    if "files" in request:
        told = f" with {request['files']['file'][0]}"
    elif "json" in request:
        told = f" {json.dumps(request['json'])}"
    say(f"{method} {API}{path}{told}")
    response = api.request(method, path, **request)
    print(f"  {response.status_code} {response.text[:160]}{'…' if len(response.text) > 160 else ''}")
    if not response.is_success:
        raise Failed(f"{method} {path} was answered {response.status_code}.")
    return response.json()


def wait_for_all_tasks() -> None:
    say("cartwheel task wait all")
    run("task", "wait", "all")


def run(*arguments: str) -> None:
    done = subprocess.run([CARTWHEEL, *arguments], env=ENVIRON, check=False)
    if done.returncode:
        raise Failed(f"cartwheel {' '.join(arguments[:3])} ended with {done.returncode}.")


def tell_where() -> None:
    print(
        f"""
The hub is at {URL}
Log in as admin with the password {PASSWORD}

  ansible-galaxy collection install community.crypto -s {API} --token $TOKEN
  galaxykit -s {API} -u admin -p {PASSWORD} task list
  cartwheel task wait all          stop the long task on its page, and this returns

Ctrl-C ends the hub. Its data is in {DATA.name}/ until the next demonstration.""",
        flush=True,
    )


def say(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
