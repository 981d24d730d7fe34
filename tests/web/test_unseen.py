"""Pages that nobody looks at: tabs in the background."""

from __future__ import annotations

from collections.abc import Callable

from hub import Hub
from playwright.sync_api import Page, expect

OpenTab = Callable[..., Page]

CONNECTIONS = 6  # that a browser allows to one server over HTTP/1.1

# A browser without windows takes all of its pages for seen.
UNSEEN = """
window.isUnseen = true;
Object.defineProperty(document, "hidden", { get: () => window.isUnseen });
Object.defineProperty(document, "visibilityState", { get: () => (window.isUnseen ? "hidden" : "visible") });
"""


def put(page: Page, *, in_view: bool) -> None:
    page.evaluate(
        "isUnseen => { window.isUnseen = isUnseen; document.dispatchEvent(new Event('visibilitychange')); }",
        not in_view,
    )


def is_live(page: Page) -> None:
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def unseen_tab(open_tab: OpenTab, path: str) -> Page:
    """Opened in the background, as with the middle button of the mouse."""
    page = open_tab("/healthz")
    page.add_init_script(UNSEEN)
    page.goto(path)
    return page


def test_tabs_in_the_background_leave_the_connections_to_the_one_in_view(open_tab: OpenTab) -> None:
    seen = open_tab("/")
    for _ in range(CONNECTIONS):
        tab = seen.context.new_page()
        tab.add_init_script(UNSEEN)
        tab.goto("/", wait_until="commit")

    seen.goto("/overview/")

    is_live(seen)


def test_a_page_in_the_background_asks_for_the_stream_once_it_is_seen(open_tab: OpenTab) -> None:
    page = open_tab("/healthz")
    page.add_init_script(UNSEEN)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/events/" in request.url else None)
    page.goto("/")
    expect(page.get_by_text("Every 5 s", exact=True)).to_be_visible()
    before = [*asked]

    put(page, in_view=True)
    is_live(page)

    assert (len(before), len(asked)) == (0, 1)


def test_a_page_that_goes_into_the_background_while_it_connects_gives_up(open_tab: OpenTab) -> None:
    page = unseen_tab(open_tab, "/")
    page.route("**/events/", lambda route: None)  # which leaves it waiting, as for a free connection
    with page.expect_request("**/events/"):
        put(page, in_view=True)

    with page.expect_event("requestfailed", lambda request: "/events/" in request.url):
        put(page, in_view=False)


def test_a_page_that_is_seen_again_tells_what_happened_meanwhile(hub: Hub, open_tab: OpenTab) -> None:
    page = unseen_tab(open_tab, "/?q=meanwhile.unseen")
    put(page, in_view=True)
    is_live(page)
    put(page, in_view=False)

    task_id = hub.dispatch("Task.objects.create(state='running', name='meanwhile.unseen')")
    put(page, in_view=True)

    expect(page.locator(f"#task-{task_id}")).to_be_visible()
    is_live(page)
