"""What axe finds on the pages about tasks: nothing; and none is wider than its screen. Light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from accessibility import faults
from hub import Hub
from playwright.sync_api import Page

OpenTab = Callable[..., Page]

PATHS = (
    "/login/", "/", "/?q=zzz&person=nobody&span=24h", "/tasks/TASK/", "/tasks/TASK/cancellation/", "/tasks/TASK/repeat/",
    "/tasks/cancellations/?id=TASK", "/started/", "/overview/", "/workers/", "/schedules/", "/schedules/new/", "/nothing/",
)  # fmt: skip


@pytest.fixture(scope="module")
def rich_task(hub: Hub) -> str:
    """A task that has everything a page can show, in words that find no place on a narrow screen."""
    return hub.console(
        "from django.utils import timezone\n"
        "NAME = 'pulp_ansible.app.tasks.' + 20 * 'long.'\n"
        "now = timezone.now()\n"
        "task = Task.objects.create(state='failed', name=NAME, title='Import ' + 90 * 'x', created_at=now, started_at=now,"
        " finished_at=now, result={'a': 1}, logging_cid='0b6c', error={'description': 'Broken.', 'traceback': 'x'})\n"
        "Task.objects.create(state='running', name='child', parent_task=task)\n"
        "ProgressReport.objects.create(task=task, message='Reading', state='running', total=3, done=1)\n"
        "LogLine.objects.create(task=task, time=now, level='ERROR', message='gone')\n"
        "print(task.pk)"
    ).split()[-1]


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    open_tab: OpenTab, rich_task: str, path: str
) -> None:
    user = None if path == "/login/" else "admin"
    status = 404 if path == "/nothing/" else 200
    tab = open_tab("/healthz", user=user, fine=(status,))

    assert faults(tab, path.replace("TASK", rich_task), status=status) == []
