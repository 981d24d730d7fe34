"""Parts of a page that are read again: when the hub is busy, and when more happens while they are read.

The clock of the page stands still but where a test moves it, and no event comes but from the test.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hub import Hub
from playwright.sync_api import Page, Route, expect

from .conftest import OpenTab

NOON = datetime(2030, 1, 1, 12)
PATH = "/approval/?q=no-such-version"
SILENT_STREAM = """
window.EventSource = class extends EventTarget {
    readyState = 1;
    constructor() { super(); queueMicrotask(() => this.onopen?.(new Event("open"))); }
    close() {}
};
"""


class Answers:
    """Holds the requests for parts until the test answers them."""

    def __init__(self, page: Page) -> None:
        self.page, self.held = page, list[Route]()

    def __call__(self, route: Route) -> None:
        if "hx-request" in route.request.headers:
            self.held.append(route)
        else:
            route.fallback()

    def one_is_asked(self) -> None:
        """Let the time of the page go on until there is one."""
        for _ in range(1000):
            if self.held:
                break
            self.page.clock.run_for(100)
            self.page.wait_for_timeout(10)  # lets the browser's messages in
        assert len(self.held) == 1

    def give(
        self, words: str = "", *, status: int = 200, part: str = 'id="versions" data-follows="tasks"'
    ) -> None:
        body = f"<div {part}>{words}</div>"
        self.held.pop(0).fulfill(status=status, body=body, content_type="text/html")


@pytest.fixture
def tab(open_tab: OpenTab) -> tuple[Page, Answers]:
    return still_page(open_tab, PATH, "**/approval/**")


def still_page(open_tab: OpenTab, path: str, asked: str) -> tuple[Page, Answers]:
    page = open_tab("/account/", fine=(503,))
    page.add_init_script(SILENT_STREAM)
    page.clock.install(time=NOON)
    page.goto(path)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()  # so that it does not look by itself
    page.clock.pause_at(NOON + timedelta(hours=1))
    answers = Answers(page)
    page.route(asked, answers)
    return page, answers


def happens(page: Page, state: str = "completed") -> None:
    """Another task gets into that state."""
    detail = f"{{detail: {{id: 'x', kind: 'state', state: '{state}'}}}}"
    page.evaluate(f"document.body.dispatchEvent(new CustomEvent('hub:task', {detail}))")


def test_a_part_that_could_not_be_read_is_read_again(tab: tuple[Page, Answers]) -> None:
    page, answers = tab
    happens(page)
    answers.one_is_asked()

    answers.give(status=503)
    answers.one_is_asked()
    answers.give("Here it is")

    expect(page.locator("#versions")).to_have_text("Here it is")


def test_rows_that_could_not_be_read_are_read_again(open_tab: OpenTab) -> None:
    page, answers = still_page(open_tab, "/?q=no-such-task", "**/tasks/rows/**")
    old = page.get_by_text("what you see may be old")
    happens(page)
    answers.one_is_asked()

    answers.give(status=503)
    expect(old).to_be_visible()
    answers.one_is_asked()
    answers.give()

    expect(old).to_be_hidden()


def test_the_page_of_a_task_is_read_again_until_it_is_as_it_should_be(hub: Hub, open_tab: OpenTab) -> None:
    task_id = hub.console("print(Task.objects.create(name='x', state='running').pk)").split()[-1]
    page, answers = still_page(open_tab, f"/tasks/{task_id}/", "**/live/")
    part = f'id="task" data-task="{task_id}" data-state="running" hx-get="live/" hx-trigger="hub:changed" hx-swap="outerHTML"'
    happens(page, "running")
    answers.one_is_asked()

    answers.give(status=503)
    answers.one_is_asked()
    happens(page, "running")
    page.clock.run_for(10_000)
    answers.give("Older", part=part)
    expect(page.locator("#task")).to_have_text("Older")
    answers.one_is_asked()
    answers.give("Newer", part=part)

    expect(page.locator("#task")).to_have_text("Newer")


def test_what_happens_while_a_part_is_read_is_not_missed_nor_overtaken(tab: tuple[Page, Answers]) -> None:
    page, answers = tab
    happens(page)
    answers.one_is_asked()

    happens(page)
    happens(page)
    page.clock.run_for(10_000)
    answers.one_is_asked()  # one at a time: no older answer comes after a newer one
    answers.give("Older")
    expect(page.locator("#versions")).to_have_text("Older")
    answers.one_is_asked()
    answers.give("Newer")

    expect(page.locator("#versions")).to_have_text("Newer")
