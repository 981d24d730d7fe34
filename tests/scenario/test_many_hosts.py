"""Two web hosts and two worker hosts, each with a data directory of its own, serve one hub."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import postgres
import processes
import pytest
import requests
from hub import CARTWHEEL, PASSWORD, Hub
from object_stores import Bucket
from patience import PATIENCE_SECONDS, eventually
from ports import free_port
from small_collections import collection
from upstream import Asked, Upstream, running_upstream

FILES = 8  # versions that the scripted server has
START = "CARTWHEEL_SECRET_KEY"
LEFT_BY_UPLOADS = ("tasks/?name__contains=import", "artifacts/", "content/ansible/collection_versions/")


@dataclass
class Hosts:
    web: tuple[Hub, Hub]
    workers: tuple[Hub, Hub]


@pytest.fixture
def hosts(tmp_path: Path, bucket: Bucket) -> Iterator[Hosts]:
    shared = {
        "CARTWHEEL_DATABASE_URL": postgres.new_database(),
        "CARTWHEEL_STORAGE_URL": bucket.url(tmp_path.name),
        "CARTWHEEL_SECRET_KEY": "the-same-for-all-hosts",
        "CARTWHEEL_REQUIRE_CONTENT_APPROVAL": "false",
    }
    with ExitStack() as running:
        started = [
            running.enter_context(host(part, tmp_path / f"{part}-{number}", shared))
            for part in ("web", "worker")
            for number in (1, 2)
        ]
        yield Hosts((started[0], started[1]), (started[2], started[3]))


@contextmanager
def host(part: str, data: Path, shared: dict[str, str]) -> Iterator[Hub]:
    """One host, as far as it has its own processes, directory and port."""
    bind = f"127.0.0.1:{free_port()}"
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CARTWHEEL_")},
        **shared,
        "CARTWHEEL_ADMIN_PASSWORD": PASSWORD,
        "CARTWHEEL_WORKERS": "2",
        "CARTWHEEL_DATA": str(data),
        "CARTWHEEL_BIND": bind,
    }
    with log_of(data).open("w") as output:
        process = subprocess.Popen([CARTWHEEL, part], env=environ, stdout=output, stderr=output, text=True)
    made = Hub(f"http://{bind}/", data, process, environ)
    try:
        if part == "web":
            eventually(lambda: answers(made), what=f"the start of {data.name}")
        yield made
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def log_of(data: Path) -> Path:
    return data.with_name(f"{data.name}.log")


def answers(web: Hub) -> bool:
    assert web.process.poll() is None, log_of(web.data).read_text()
    try:
        return requests.get(f"{web.url}healthz", timeout=PATIENCE_SECONDS).ok
    except requests.ConnectionError:
        return False


def test_what_is_published_at_one_host_is_installed_from_the_other(hosts: Hosts, tmp_path: Path) -> None:
    first, second = hosts.web
    first.request("POST", "v3/namespaces/", json={"name": "acme", "groups": []}).raise_for_status()
    files = {"file": ("acme-tools-1.0.0.tar.gz", collection())}
    task = first.request("POST", "v3/artifacts/collections/", files=files).json()["task"]

    ended = second.wait(task.rstrip("/").rpartition("/")[2])
    token = second.request("POST", "v3/auth/token/").json()["token"]
    galaxy = Path(CARTWHEEL).with_name("ansible-galaxy")
    place = tmp_path / "installed"
    server = f"{second.api}content/published/"
    command = [str(galaxy), "collection", "install", "acme.tools", "-s", server, "--token", token]
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [*command, "-p", str(place)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert ended["state"] == "completed", ended["error"]
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place / "ansible_collections/acme/tools/MANIFEST.json").is_file()
    assert second.get("pulp/api/v3/tasks/?state=failed")["results"] == []
    assert not any(START in log_of(each.data).read_text() for each in (*hosts.web, *hosts.workers))


def test_a_sync_goes_on_at_another_host_when_its_own_is_killed(hosts: Hosts) -> None:
    first, second = hosts.web
    opened, given = threading.Event(), iter(range(FILES // 2))
    with running_upstream() as upstream:
        for number in range(FILES):
            upstream.add("acme.tools", f"1.{number}.0")
        upstream.instead["/files/"] = lambda asked: half(upstream, asked, opened, given)
        task = start_sync(first, upstream.url)
        eventually(lambda: imported(second, task) == FILES // 2, what="half of the files")

        child = second.process_of(task)
        worker_of(second, task, hosts).process.send_signal(signal.SIGKILL)
        eventually(lambda: processes.is_dead(child), what="its end")  # else it might ask for more
        opened.set()
        eventually(lambda: second.task(task)["attempt"] == 2, what="another host taking the sync")
        ended = second.wait(task)

    assert ended["state"] == "completed", ended["error"]
    assert upstream.files_asked_for <= FILES + 2  # twice only what was on its way
    index = second.get("v3/plugin/ansible/content/published/collections/index/acme/tools/versions/")
    assert index["meta"]["count"] == FILES


def test_an_upload_is_made_at_another_host_when_its_own_is_killed(hosts: Hosts) -> None:
    first, second = hosts.web
    first.request("POST", "v3/namespaces/", json={"name": "acme", "groups": []}).raise_for_status()
    files = {"file": ("acme-tools-1.0.0.tar.gz", collection({"files/noise": secrets.token_hex(1 << 20)}))}

    with half_sent(first, files) as connection:
        first.process.send_signal(signal.SIGKILL)
        eventually(lambda: is_cut(connection), what="the end of that host")
    before = [second.get(f"pulp/api/v3/{path}")["count"] for path in LEFT_BY_UPLOADS]
    task = second.request("POST", "v3/artifacts/collections/", files=files).json()["task"]
    ended = second.wait(task.rstrip("/").rpartition("/")[2])

    assert before == [0, 0, 0]
    assert ended["state"] == "completed", ended["error"]
    assert [second.get(f"pulp/api/v3/{path}")["count"] for path in LEFT_BY_UPLOADS[1:]] == [1, 1]


def test_chunks_that_come_in_at_different_hosts_make_one_file(hosts: Hosts) -> None:
    content = secrets.token_bytes(3000)
    upload = hosts.web[0].request("POST", "pulp/api/v3/uploads/", json={"size": len(content)}).json()
    for start in range(0, len(content), 1000):
        answer = hosts.web[start // 1000 % 2].request(
            "PUT",
            upload["pulp_href"],
            files={"file": content[start : start + 1000]},
            headers={"Content-Range": f"bytes {start}-{start + 999}/{len(content)}"},
        )
        answer.raise_for_status()

    sha256 = hashlib.sha256(content).hexdigest()
    answer = hosts.web[1].request("POST", f"{upload['pulp_href']}commit/", json={"sha256": sha256})
    ended = hosts.web[0].wait(answer.json()["task"].rstrip("/").rpartition("/")[2])

    assert ended["state"] == "completed", ended["error"]
    (artifact,) = ended["created_resources"]
    assert hosts.web[0].get(artifact)["sha256"] == sha256


@contextmanager
def half_sent(web: Hub, files: dict[str, tuple[str, bytes]]) -> Iterator[socket.socket]:
    """A connection over which half of an upload has been sent."""
    request = requests.Request(
        "POST", f"{web.api}v3/artifacts/collections/", files=files, auth=("admin", PASSWORD)
    )
    prepared = request.prepare()
    address = urlsplit(web.url)
    lines = [f"POST {prepared.path_url} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in prepared.headers.items()]
    body = prepared.body
    assert isinstance(body, bytes)
    with socket.create_connection((address.hostname, address.port), PATIENCE_SECONDS) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body[: len(body) // 2])
        yield connection


def is_cut(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def half(upstream: Upstream, asked: Asked, opened: threading.Event, given: Iterator[int]) -> None:
    """Until it is opened, the server gives only so many of its files; who asks for others has to wait."""
    if next(given, None) is None:
        opened.wait(PATIENCE_SECONDS)
    said = upstream.answer(asked.path, {})
    assert isinstance(said, bytes)
    asked.give(said)


def start_sync(web: Hub, url: str) -> str:
    """Start a sync into published; gives the task's id."""
    details = {"name": "elsewhere", "url": url, "token": "a-secret", "download_concurrency": 2}
    remote = web.request("POST", "pulp/api/v3/remotes/ansible/collection/", json=details).json()["pulp_href"]
    path = "pulp/api/v3/repositories/ansible/ansible/"
    repository = web.get(f"{path}?name=published")["results"][0]["pulp_href"]
    answer = web.request("POST", f"{repository}sync/", json={"remote": remote})
    assert answer.status_code == 202, answer.text
    task: str = answer.json()["task"]
    return task.rstrip("/").rpartition("/")[2]


def imported(web: Hub, task: str) -> int:
    reports = web.task(task)["progress_reports"]
    return sum(each["done"] for each in reports if each["code"] == "sync.downloading.artifacts")


def worker_of(web: Hub, task: str, hosts: Hosts) -> Hub:
    """The host that runs a task."""
    child = web.process_of(task)
    parents = {each.process.pid: each for each in hosts.workers}
    return parents[child] if child in parents else parents[processes.parent(child)]
