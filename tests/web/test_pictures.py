"""Pictures of the most important pages: they look as they did, and the documentation shows them as they are.

Each run writes what it saw to test-output/pictures/ and compares it with docs/images/, roughly: letters and times
differ from machine to machine, where things stand and in which colours does not. To take new pictures for the
documentation, run these tests with CARTWHEEL_TEST_PICTURES=write.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hub import Hub, running_hub
from playwright.sync_api import Browser, Page, expect

OpenTab = Callable[..., Page]

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "images"
SEEN = ROOT / "test-output" / "pictures"
BLOCK = 20  # pixels each way that are compared as one
DIFFERS = 16  # of 255, on average over a block and its colours
TOLERATED = 0.03  # of all blocks
HEAVIEST = 60_000  # bytes

FILL = r"""
from datetime import timedelta
from django.utils import timezone
now = timezone.now()
ago = lambda **how: now - timedelta(**how)
people = {name: User.objects.get_or_create(username=name)[0] for name in ("admin", "alice", "bob")}
published = Repository.objects.get(name="published").prn
def task(name, title, state, who, created, lasted=None, **more):
    if state != "waiting":
        more |= {"unblocked_at": created, "started_at": created + timedelta(milliseconds=40)}
    if lasted is not None:
        more["finished_at"] = created + timedelta(seconds=lasted)
    return Task.objects.create(name=name, title=title, state=state, created_by=people[who], created_at=created, **more)
def line(after, level, message):
    LogLine.objects.create(task=sync, time=sync.created_at + timedelta(seconds=after), level=level, message=message)
SYNC, IMPORT = "pulp_ansible.app.tasks.collections.sync", "galaxy_ng.app.tasks.publishing.import_to_staging"
MOVE, DELETE = "pulp_ansible.app.tasks.copy.move_collection", "pulp_ansible.app.tasks.deletion.delete_collection"
Task.objects.all().delete()
sync = task(SYNC, "Sync published from galaxy.example.org", "running", "alice", ago(minutes=4, seconds=12),
            reserved_resources_record=[published], logging_cid="6f1c2f0d9e8a1b4c6d7e8f9012345678")
Reservation.objects.create(task=sync, resource=published, exclusive=True, hold=1)
ProgressReport.objects.create(task=sync, message="Reading the lists of versions", state="completed", total=86, done=86)
ProgressReport.objects.create(task=sync, message="Downloading collections", state="running", total=240, done=97, suffix="artifacts")
line(1, "INFO", "galaxy.example.org speaks version 3 of Galaxy's API")
for n, name in enumerate(("general", "crypto", "postgresql", "docker", "mysql", "dns", "hashi_vault")):
    line(9 + 3 * n, "INFO", f"community.{name}: {12 + n} versions, {n + 1} of them new")
line(40, "WARNING", "community.zabbix 3.1.0: the server answered 503, trying again in 2 s")
line(43, "INFO", "community.zabbix 3.1.0: downloaded")
for title, who in (("Move acme.tools 1.4.0 from staging to published", "bob"), ("Delete acme.legacy from published", "admin")):
    waits = task(MOVE if "Move" in title else DELETE, title, "waiting", who, ago(minutes=2), pending=1, reserved_resources_record=[published])
    Reservation.objects.create(task=waits, resource=published, exclusive=True)
task(IMPORT, "Import acme.tools 1.4.0 into staging", "completed", "bob", ago(minutes=6), 1.4)
task(IMPORT, "Import acme.network 2.0.0 into staging", "failed", "alice", ago(minutes=11), 0.8,
     error={"description": "acme.network 2.0.0 is already published. Publish a higher version."})
task("pulpcore.app.tasks.orphan.orphan_cleanup", "Clean up what is in no repository", "canceled", "admin", ago(minutes=24), 95)
for n in range(80):
    task(IMPORT, f"Import acme.roles 1.{80 - n}.0 into staging", "failed" if n % 17 == 3 else "completed", "bob",
         ago(minutes=31 + 17 * n), 1 + n % 5, error={"description": "MANIFEST.json is missing."} if n % 17 == 3 else None)
print(sync.pk)
"""


@dataclass(frozen=True)
class Shot:
    name: str
    path: str
    width: int = 1280
    height: int = 800
    scheme: str = "light"

    @property
    def file(self) -> str:
        return f"{self.name}.webp"


SHOTS = [
    Shot("tasks", "/"),
    Shot("task", "/tasks/SYNC/", scheme="dark"),
    Shot("overview", "/overview/"),
    Shot("tasks-phone", "/", 390, 780),
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with nothing on it but what pictures show."""
    with running_hub(tmp_path_factory.mktemp("shown") / "data", workers="1") as started:
        yield started


@pytest.fixture(scope="module")
def sync(hub: Hub) -> str:
    """The id of the task that goes on."""
    return hub.console(FILL).split()[-1]


def take(open_tab: OpenTab, shot: Shot, sync: str) -> bytes:
    """A picture of a page, when all of it is there and nothing on it moves."""
    page = open_tab(
        shot.path.replace("SYNC", sync),
        color_scheme=shot.scheme,
        reduced_motion="reduce",
        viewport={"width": shot.width, "height": shot.height},
    )
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return as_webp(page, page.screenshot())


# -- pictures, as the browser reads and writes them ---------------------------------------------------

DRAW = """
const draw = async (kind, bytes, scale = 1) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0))], { type: kind }));
    const canvas = new OffscreenCanvas(Math.round(bitmap.width / scale), Math.round(bitmap.height / scale));
    const brush = canvas.getContext("2d");
    brush.imageSmoothingQuality = "high";
    brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return { canvas, pixels: brush.getImageData(0, 0, canvas.width, canvas.height).data };
};
"""
WRITE = f"""async (bytes) => {{
    {DRAW}
    const {{ canvas }} = await draw("image/png", bytes);
    const blob = await canvas.convertToBlob({{ type: "image/webp", quality: 0.6 }});
    const read = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(read, (each) => String.fromCharCode(each)).join(""));
}}"""
COMPARE = f"""async ([one, other, scale, differs]) => {{
    {DRAW}
    const [a, b] = [await draw("image/webp", one, scale), await draw("image/webp", other, scale)];
    if (a.canvas.width !== b.canvas.width || a.canvas.height !== b.canvas.height) return 1;
    let count = 0;
    for (let at = 0; at < a.pixels.length; at += 4)
        if ([0, 1, 2].reduce((sum, each) => sum + Math.abs(a.pixels[at + each] - b.pixels[at + each]), 0) > 3 * differs) count += 1;
    return count / (a.pixels.length / 4);
}}"""


def as_webp(page: Page, png: bytes) -> bytes:
    return base64.b64decode(page.evaluate(WRITE, base64.b64encode(png).decode()))


def difference(chromium: Browser, one: bytes, other: bytes) -> float:
    """The share of blocks that differ."""
    page = chromium.new_page()
    given: list[Any] = [base64.b64encode(each).decode() for each in (one, other)]
    found: float = page.evaluate(COMPARE, [*given, BLOCK, DIFFERS])
    page.close()
    return found


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_the_page_looks_as_in_the_documentation(
    chromium: Browser, open_tab: OpenTab, sync: str, shot: Shot
) -> None:
    seen, kept = take(open_tab, shot, sync), KEPT / shot.file
    SEEN.mkdir(parents=True, exist_ok=True)
    (SEEN / shot.file).write_bytes(seen)
    if os.environ.get("CARTWHEEL_TEST_PICTURES") == "write":
        kept.write_bytes(seen)

    share = difference(chromium, seen, kept.read_bytes())

    assert share < TOLERATED, (
        f"{share:.1%} of {SEEN / shot.file} differ from {kept}; see how to take new ones"
    )
    assert len(seen) < HEAVIEST


def test_another_look_is_noticed(chromium: Browser) -> None:
    tasks, overview, dark = ((KEPT / f"{name}.webp").read_bytes() for name in ("tasks", "overview", "task"))

    assert difference(chromium, tasks, tasks) == 0
    assert difference(chromium, tasks, overview) > 2 * TOLERATED
    assert difference(chromium, tasks, dark) > 0.9
