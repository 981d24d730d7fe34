"""Parts of pages that are read again, in a real browser: what happens just then is not missed."""

from __future__ import annotations

from collections.abc import Callable

from hub import Hub
from patience import eventually
from playwright.sync_api import APIResponse, Page, Route, expect

OpenTab = Callable[..., Page]


def test_the_page_of_a_task_misses_no_change_of_one_that_it_names_while_it_is_read(
    hub: Hub, open_tab: OpenTab
) -> None:
    task_id = hub.dispatch("Task.objects.create(state='completed', name='parent')")
    page = open_tab(f"/tasks/{task_id}/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/live/", lambda route: held.append((route, route.fetch())), times=1)
    child = hub.dispatch(f"Task.objects.create(state='running', name='child', parent_task_id={task_id!r})")

    page.evaluate(
        "window.canceled = new Promise((done) => document.body.addEventListener("
        " 'hub:task', ({ detail }) => detail.state === 'canceled' && done()));"
        " document.body.dispatchEvent(new CustomEvent('hub:acted'))"
    )
    eventually(lambda: page.evaluate("true") and held, what="the reading")
    hub.request("PATCH", f"pulp/api/v3/tasks/{child}/", json={"state": "canceled"})
    page.evaluate("window.canceled")
    for route, answer in held:
        route.fulfill(response=answer)

    expect(page.get_by_role("region", name="Resources and other tasks")).to_contain_text("Canceled")


def test_a_part_is_read_again_for_what_happens_right_after_it_was_read(open_tab: OpenTab) -> None:
    page = open_tab("/overview/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.evaluate(
        """() => {
            const refresh = () => document.body.dispatchEvent(new CustomEvent("hub:refresh"));
            document.addEventListener("htmx:afterRequest", refresh, { once: true });
            refresh();
        }"""
    )

    eventually(lambda: page.evaluate("true") and asked.count(page.url) > 1, what="the second reading")
