"""Syncs from servers that fail, lie, or mean harm: the task fails with the cause, and nothing has changed."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import make
import pytest
from django.db import OperationalError
from patience import PATIENCE_SECONDS, eventually
from small_collections import collection
from storages import has_file
from upstream import INDEX, Asked, Release, Upstream, running_upstream

from cartwheel.engine.errors import LostClaim, TaskCanceled
from cartwheel.engine.functions import options_of
from cartwheel.engine.models import ProgressReport, Task
from cartwheel.engine.scrubbing import forget_secrets
from cartwheel.kit.errors import DISK_FULL, NoSpace
from cartwheel.kit.tarballs import MEMBERS_LIMIT
from cartwheel.registry import fragments
from cartwheel.registry.artifacts import fetched
from cartwheel.registry.models import Artifact, CollectionRemote, CollectionVersion, Repository, User
from cartwheel.registry.remotes import sealed
from cartwheel.registry.repositories import contents
from cartwheel.registry.sparing import SYNC
from cartwheel.registry.store import StoreUnavailable
from cartwheel.registry.sync import client, pace, selection, task
from cartwheel.registry.sync import upstream as told
from cartwheel.registry.sync.errors import UpstreamProblem
from cartwheel.registry.sync.start import sync
from cartwheel.registry.sync.task import BrokenFiles

pytestmark = pytest.mark.django_db

VERSION = f"{INDEX}acme/tools/versions/1.0.0/"
TOO_LONG = r"takes longer than 0\.3 s|does not answer in time"  # the one before may already be that slow


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as started:
        started.add("acme.tools")
        yield started
    forget_secrets()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "PAUSE_SECONDS", 0.01)


@pytest.fixture
def start(upstream: Upstream, admin: User) -> Callable[..., Task]:
    """Syncs all that the server has; `details` are the remote's."""

    def run(**details: Any) -> Task:
        community = Repository.objects.filter(name="community").first() or make.served("community")
        details = {
            "name": "elsewhere",
            "url": upstream.url,
            "max_retries": 0,
            "total_timeout": PATIENCE_SECONDS,
            **details,
        }
        remote = CollectionRemote.objects.create(**sealed(details))
        return make.perform(sync(community, remote, by=admin))

    return run


def nothing_changed() -> bool:
    left = list(fetched("x").parent.glob("fetched-*")) + list(fetched("x").parent.glob("arriving-*"))
    return not (left or CollectionVersion.objects.exists() or Artifact.objects.exists())


def failing(times: int, status: int, **headers: str) -> Callable[[Asked], None]:
    """Answers so often with a status, then as it should."""
    count = iter(range(times))

    def answer(asked: Asked) -> None:
        if next(count, None) is None:
            said = asked.server.upstream.answer(asked.path, {})
            asked.give(said) if isinstance(said, bytes) else asked.say(said)
        else:
            asked.say({}, status=status, **headers)

    return answer


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("where", ["/files/", VERSION])
def test_what_fails_for_a_moment_is_asked_again(
    upstream: Upstream, start: Callable[..., Task], status: int, where: str
) -> None:
    upstream.instead[where] = failing(2, status)

    start(max_retries=2)

    assert CollectionVersion.objects.count() == 1


def test_retry_after_is_obeyed(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.instead["/files/"] = failing(1, 429, Retry_After="1")
    began = time.monotonic()

    start(max_retries=1)

    assert time.monotonic() - began >= 1
    assert CollectionVersion.objects.count() == 1


def test_a_server_that_wants_us_to_wait_for_a_day_is_not_waited_for(
    upstream: Upstream, start: Callable[..., Task]
) -> None:
    upstream.instead["/files/"] = failing(9, 503, Retry_After="86400")

    with pytest.raises(UpstreamProblem, match="answers 503 Service Unavailable"):
        start(max_retries=3)


def test_what_fails_too_often_is_told(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.instead["/files/"] = failing(9, 503)

    with pytest.raises(UpstreamProblem, match=r"acme-tools-1\.0\.0\.tar\.gz answers 503"):
        start(max_retries=2)

    assert upstream.files_asked_for == 3
    assert nothing_changed()


def test_a_connection_that_breaks_is_tried_again(upstream: Upstream, start: Callable[..., Task]) -> None:
    packed = upstream.releases["acme.tools"]["1.0.0"].packed
    count = iter(range(1))

    def break_off(asked: Asked) -> None:
        if next(count, None) is None:
            asked.give(packed)
            return
        asked.send_response(200)
        asked.send_header("Content-Length", str(len(packed)))
        asked.end_headers()
        asked.wfile.write(packed[:100])
        asked.wfile.flush()
        asked.connection.shutdown(socket.SHUT_RDWR)
        asked.close_connection = True

    upstream.instead["/files/"] = break_off

    start(max_retries=1)

    assert CollectionVersion.objects.count() == 1


def test_nobody_listens(start: Callable[..., Task], admin: User) -> None:
    with pytest.raises(UpstreamProblem, match=r"^Cannot connect to http://127\.0\.0\.1:9/"):
        start(url="http://127.0.0.1:9/")

    rows = ProgressReport.objects.order_by("pk")
    assert [(each.code, each.state) for each in rows] == [
        ("sync.parsing.metadata", "failed"),
        ("sync.downloading.artifacts", "canceled"),
        ("sync.downloading.docs_blob", "canceled"),
        ("associating.content", "canceled"),
    ]


def test_nobody_has_that_name(start: Callable[..., Task]) -> None:
    with pytest.raises(UpstreamProblem, match=r"[^.] The host name nowhere\.invalid is not known\.$"):
        start(url="http://nowhere.invalid/")


def test_no_entry(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.instead["/"] = failing(9, 401)

    with pytest.raises(
        UpstreamProblem, match=r"does not let us in \(401\)\. Check the remote's credentials\."
    ):
        start()


def test_no_galaxy(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.instead["/"] = lambda asked: asked.give(b"<html>hello</html>", kind="text/html")

    with pytest.raises(UpstreamProblem, match="does not answer with JSON"):
        start()


def test_a_file_with_another_sha256(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.releases["acme.tools"]["1.0.0"].sha256 = "0" * 64

    with pytest.raises(BrokenFiles, match=f"its sha256 is [0-9a-f]{{64}}, not {'0' * 64}"):
        start()

    assert nothing_changed()


def test_a_file_that_is_another_collection(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.releases["acme.tools"]["1.0.0"] = Release(collection(name="other"))

    with pytest.raises(BrokenFiles, match='Filename name "tools" did not match metadata "other"'):
        start()

    assert nothing_changed()


def test_a_broken_file_is_named_and_the_others_need_not_be_fetched_again(
    upstream: Upstream, start: Callable[..., Task]
) -> None:
    upstream.add("acme.fine")
    upstream.releases["acme.tools"]["1.0.0"] = Release(b"this is no tarball")

    with pytest.raises(BrokenFiles, match=r"^Nothing was added, .*acme\.tools 1\.0\.0: "):
        start()

    assert list(contents(Repository.objects.get())) == []
    assert [str(each) for each in CollectionVersion.objects.all()] == ["acme.fine 1.0.0"]


def test_a_sync_that_is_stopped_while_it_writes_a_version_down_leaves_no_file_of_it(
    upstream: Upstream, start: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fragments, "record", Mock(side_effect=TaskCanceled))

    with pytest.raises(TaskCanceled):
        start()

    assert nothing_changed()
    assert not has_file(Artifact(sha256=upstream.releases["acme.tools"]["1.0.0"].sha256))
    assert all(each.finished.is_set() for each in threading.enumerate() if isinstance(each, threading.Timer))


@pytest.mark.parametrize(
    "trouble", [StoreUnavailable("The store is away."), LostClaim(), OperationalError("It is away.")], ids=str
)
def test_the_hub_s_own_trouble_is_not_taken_for_a_broken_file(
    upstream: Upstream, start: Callable[..., Task], monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    with monkeypatch.context() as changed:
        changed.setattr(task, "send_fetched", Mock(side_effect=trouble))
        with pytest.raises(type(trouble), match=f"^{trouble}$"):
            start()

    start(name="again")

    assert CollectionVersion.objects.count() == 1
    assert upstream.files_asked_for == 1


def test_when_the_store_is_away_a_sync_is_tried_again_later() -> None:
    retry = options_of(SYNC).retry

    assert retry is not None
    assert issubclass(StoreUnavailable, retry.on)
    assert retry.pause(1) + retry.pause(2) > 10


def full_database() -> OperationalError:
    """What Django raises when SQLite has no room."""
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    problem = OperationalError("database or disk is full")
    problem.__cause__ = cause
    return problem


@pytest.mark.parametrize("trouble", [NoSpace(DISK_FULL), full_database()], ids=["file", "database"])
def test_a_sync_that_fills_the_disk_leaves_the_hub_room_to_go_on(
    upstream: Upstream, start: Callable[..., Task], monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    for number in range(10):
        upstream.add("acme.tools", f"2.{number}.0")
    monkeypatch.setattr(task, "send_fetched", Mock(side_effect=trouble))

    with pytest.raises(NoSpace, match=r"^The hub's disk is full\. "):
        start()

    eventually(nothing_changed, what="the end of what was arriving")


def test_a_file_that_is_larger_than_it_said(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.releases["acme.tools"]["1.0.0"].size = 100

    with pytest.raises(BrokenFiles, match="sends more than the 100 bytes"):
        start()

    assert nothing_changed()


def test_a_file_without_end(upstream: Upstream, start: Callable[..., Task]) -> None:
    def pour(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Connection", "close")
        asked.end_headers()
        while True:
            asked.wfile.write(bytes(1 << 16))

    upstream.instead["/files/"] = pour

    with pytest.raises(BrokenFiles, match="sends more than"):
        start()

    assert nothing_changed()


def test_a_file_larger_than_the_hub_takes(
    upstream: Upstream, start: Callable[..., Task], settings: Any
) -> None:
    settings.CONFIG = make.config(upload_limit_mb=1)
    upstream.releases["acme.tools"]["1.0.0"].size = 2 << 20

    with pytest.raises(BrokenFiles, match="at most 1048576 are taken"):
        start()

    assert upstream.files_asked_for == 0


@pytest.mark.parametrize("where", ["/files/", VERSION])
def test_byte_by_byte(upstream: Upstream, start: Callable[..., Task], where: str) -> None:
    def drip(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Content-Length", "1000")
        asked.end_headers()
        for _ in range(1000):
            asked.wfile.write(b"x")
            sent.append(1)
            time.sleep(0.05)

    sent: list[int] = []
    upstream.instead[where] = drip

    with pytest.raises(UpstreamProblem, match=TOO_LONG):
        start(total_timeout=0.3)

    assert len(sent) < 1000
    assert nothing_changed()


def test_headers_byte_by_byte(upstream: Upstream, start: Callable[..., Task]) -> None:
    def drip(asked: Asked) -> None:
        for letter in head:
            asked.wfile.write(bytes([letter]))
            asked.wfile.flush()
            sent.append(letter)
            time.sleep(0.02)

    head, sent = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000, bytearray()
    upstream.instead["/"] = drip

    with pytest.raises(UpstreamProblem, match=TOO_LONG):
        start(total_timeout=0.3)

    assert len(sent) < len(head)


def test_pages_without_end(upstream: Upstream, start: Callable[..., Task]) -> None:
    count = iter(range(10**9))

    def more(asked: Asked) -> None:
        item = {"namespace": "acme", "name": f"c{next(count)}", "versions_url": INDEX}
        asked.say(
            {
                "meta": {"count": 1},
                "links": {"next": f"/v3/collections/?offset={next(count)}"},
                "data": [item] * 100,
            }
        )

    upstream.instead["/v3/collections/"] = more

    with pytest.raises(
        UpstreamProblem, match=r"^127\.0\.0\.1 lists more at .* than the 1 that it says it has\.$"
    ):
        start()


def inventing(asked: Asked) -> None:
    """Has one version of whatever one asks for; it depends on forty others that nobody has heard of yet."""
    below = asked.path.removeprefix("/v3/collections/").removeprefix(INDEX)
    namespace, name = below.split("/")[:2]
    if asked.path.startswith("/v3/collections/"):
        asked.say(
            {"namespace": namespace, "name": name, "versions_url": f"{INDEX}{namespace}/{name}/versions/"}
        )
    elif "?" in asked.path:
        asked.say({"data": [{"version": "1.0.0", "href": f"{INDEX}{namespace}/{name}/versions/1.0.0/"}]})
    else:
        needed = {f"acme.{name}_{each}": "*" for each in range(40)}
        asked.say(
            {
                "version": "1.0.0",
                "artifact": {"sha256": "0" * 64, "size": 1},
                "download_url": "/files/x",
                "metadata": {"dependencies": needed},
            }
        )


def test_dependencies_without_end(
    upstream: Upstream, start: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "REQUIRED_LIMIT", 50)
    upstream.instead = {"/v3/collections/": inventing, INDEX: inventing}

    with pytest.raises(
        UpstreamProblem,
        match=r"^What the remote requires leads to more than 50 collections of 127\.0\.0\.1\. Require less, or switch off its dependencies\.$",
    ):
        start(requirements_file="collections: [acme.x]", sync_dependencies=True)

    assert upstream.files_asked_for == 0
    assert upstream.asked.total() < 3 * 50
    assert nothing_changed()


def test_more_versions_than_one_sync_looks_at(
    upstream: Upstream, start: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "OFFERS_LIMIT", 2)
    for number in range(3):
        upstream.add("acme.tools", f"1.0.{number}")

    with pytest.raises(
        UpstreamProblem,
        match=r"^127\.0\.0\.1 has more than 2 versions of what the remote wants\. Require less\.$",
    ):
        start()

    assert nothing_changed()


def test_versions_of_one_collection_without_end(
    upstream: Upstream, start: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "VERSIONS_LIMIT", 250)
    count = iter(range(10**9))

    def more(asked: Asked) -> None:
        numbers = [next(count) for _ in range(100)]
        data = [{"version": f"1.0.{number}", "href": f"{INDEX}x/"} for number in numbers]
        asked.say({"meta": {"count": 10**9}, "links": {"next": f"?offset={numbers[-1]}"}, "data": data})

    upstream.instead[f"{INDEX}acme/tools/versions/"] = more

    with pytest.raises(
        UpstreamProblem, match=r"^127\.0\.0\.1 lists more than 250 versions of acme\.tools\.$"
    ):
        start()

    assert next(count) == 300


def test_a_page_that_comes_after_itself(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.instead["/v3/collections/"] = lambda asked: asked.say(
        {"meta": {"count": 10**9}, "links": {"next": asked.path}, "data": []}
    )

    with pytest.raises(UpstreamProblem, match="without end"):
        start()


def test_redirects_without_end(upstream: Upstream, start: Callable[..., Task]) -> None:
    upstream.instead["/files/"] = lambda asked: asked.say({}, status=302, Location="/files/again")

    with pytest.raises(UpstreamProblem, match="redirects without end"):
        start()


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"artifact": None},
        {"version": "9.9.9", "artifact": {"sha256": "0" * 64, "size": 1}, "download_url": "/x"},
        {"version": "1.0.0", "artifact": {"sha256": "../../etc/passwd", "size": 1}, "download_url": "/x"},
        {"version": "1.0.0", "artifact": {"sha256": "0" * 64, "size": -1}, "download_url": "/x"},
        {"version": "1.0.0", "artifact": {"sha256": "0" * 64, "size": "1"}, "download_url": "/x"},
        {"version": "1.0.0", "artifact": {"sha256": "0" * 64, "size": 1}, "download_url": 5},
        {
            "version": "1.0.0",
            "artifact": {"sha256": "0" * 64, "size": 1},
            "download_url": "file:///etc/passwd",
        },
        {"version": "1.0.0", "artifact": {"sha256": "0" * 64, "size": 1}, "download_url": "http://[::/x"},
        {
            "version": "1.0.0",
            "artifact": {"sha256": "0" * 64, "size": 1},
            "download_url": "/x",
            "metadata": {"dependencies": ["a"]},
        },
    ],
)
def test_lies_about_a_version(upstream: Upstream, start: Callable[..., Task], said: Any) -> None:
    upstream.instead[VERSION] = lambda asked: asked.say(said)

    with pytest.raises(UpstreamProblem):
        start()

    assert nothing_changed()


@pytest.mark.parametrize("name", ["../x", "", "A", "a" * 65, None, 5, "a\u0000b", ["x"]])
def test_collections_with_names_that_are_none(
    upstream: Upstream, start: Callable[..., Task], name: Any
) -> None:
    item = {"namespace": "acme", "name": name, "versions_url": "/x"}
    upstream.instead["/v3/collections/"] = lambda asked: asked.say({"data": [item]})

    with pytest.raises(UpstreamProblem, match="a name that is none"):
        start()


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a": 1', b"\xff\xfe", b""])
def test_json_that_is_none(upstream: Upstream, start: Callable[..., Task], body: bytes) -> None:
    upstream.instead["/v3/collections/"] = lambda asked: asked.give(body, kind="application/json")

    with pytest.raises(UpstreamProblem, match="does not answer with JSON"):
        start()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'["' + b"x" * client.JSON_LIMIT + b'"]', "more than 16777216 bytes of JSON"),
        (b"[" + b"[]," * (client.VALUES_LIMIT // 2) + b"[]]", "more than 1000000 values in JSON"),
    ],
    ids=["long", "many values"],
)
def test_json_that_takes_much_memory(
    upstream: Upstream, start: Callable[..., Task], body: bytes, problem: str
) -> None:
    upstream.instead["/v3/collections/"] = lambda asked: asked.give(body, kind="application/json")

    with pytest.raises(UpstreamProblem, match=problem):
        start()


def test_a_version_with_as_many_files_as_a_tarball_may_have(
    upstream: Upstream, start: Callable[..., Task]
) -> None:
    entry = {
        "name": "plugins/modules/a_module_with_a_rather_long_name.py",
        "ftype": "file",
        "chksum_type": "sha256",
        "chksum_sha256": "0" * 64,
        "format": 1,
    }
    said = upstream.answer(VERSION, {})
    upstream.instead[VERSION] = lambda asked: asked.say(
        {**said, "files": {"files": [entry] * MEMBERS_LIMIT, "format": 1}}
    )

    start()

    assert CollectionVersion.objects.count() == 1


def test_secrets_are_in_no_error_and_in_no_argument(upstream: Upstream, start: Callable[..., Task]) -> None:
    secret = "a-very-secret-token"
    upstream.instead["/files/"] = lambda asked: asked.say(
        {}, status=302, Location=f"http://127.0.0.1:9/?token={secret}"
    )

    with pytest.raises(UpstreamProblem) as caught:
        start(token=secret)

    task = Task.objects.get()
    row = CollectionRemote.objects.values().get()
    assert secret not in caught.value.message
    assert secret not in json.dumps([task.args, task.kwargs, task.title])
    assert secret not in str(row)


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/api/",
        "http://[fe80::1]/api/",
        "http://[fd00:ec2::254]/api/",
        "http://100.100.100.200/api/",
        "http://[::ffff:169.254.169.254]/api/",
    ],
)
def test_nobody_syncs_from_where_clouds_keep_credentials(address: str, start: Callable[..., Task]) -> None:
    with pytest.raises(UpstreamProblem, match="from which nobody may sync"):
        start(url=address)


def test_nobody_asks_there_for_a_token_either(start: Callable[..., Task]) -> None:
    with pytest.raises(UpstreamProblem, match="from which nobody may sync"):
        start(token="secret", auth_url="http://169.254.169.254/token")


def test_no_more_requests_than_allowed(upstream: Upstream, start: Callable[..., Task]) -> None:
    for number in range(1, 6):
        upstream.add("acme.tools", f"1.{number}.0")
    began = time.monotonic()

    start(rate_limit=20)

    requests = upstream.asked.total()
    assert time.monotonic() - began >= (requests - 1) / 20
