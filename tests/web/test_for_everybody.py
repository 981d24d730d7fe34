"""What axe finds on the pages: nothing. Light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from hub import Hub
from playwright.sync_api import Page

OpenTab = Callable[..., Page]

PATHS = (
    "/login/", "/", "/?q=zzz&person=nobody", "/tasks/TASK/", "/tasks/TASK/cancellation/", "/tasks/TASK/repeat/",
    "/tasks/cancellations/?id=TASK", "/started/", "/overview/", "/workers/", "/schedules/", "/schedules/new/", "/nothing/",
)  # fmt: skip


@pytest.fixture(scope="module")
def rich_task(hub: Hub) -> str:
    """A task that has everything a page can show."""
    return hub.console(
        "from django.utils import timezone\n"
        "now = timezone.now()\n"
        "task = Task.objects.create(state='failed', name='rich', title='Rich', created_at=now, started_at=now,"
        " finished_at=now, result={'a': 1}, logging_cid='0b6c', error={'description': 'Broken.', 'traceback': 'x'})\n"
        "Task.objects.create(state='running', name='child', parent_task=task)\n"
        "ProgressReport.objects.create(task=task, message='Reading', state='running', total=3, done=1)\n"
        "LogLine.objects.create(task=task, time=now, level='ERROR', message='gone')\n"
        "print(task.pk)"
    ).split()[-1]


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(open_tab: OpenTab, rich_task: str, path: str) -> None:
    user = None if path == "/login/" else "admin"
    found = []
    for scheme, width in (("light", 1280), ("dark", 360)):
        page = open_tab(
            path.replace("TASK", rich_task),
            user=user,
            color_scheme=scheme,
            viewport={"width": width, "height": 800},
            fine=(404,) if path == "/nothing/" else (),
        )
        result = Axe().run(page)
        found += [
            (scheme, violation["id"], node["html"][:200])
            for violation in result.response["violations"]
            for node in violation["nodes"]
        ]

    assert found == []
