"""Notices that follow their tasks, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from hub import Hub
from playwright.sync_api import Page, expect

OpenTab = Callable[..., Page]


def test_a_notice_tells_how_its_task_ended_also_if_the_hub_was_too_busy_then(
    hub: Hub, open_tab: OpenTab
) -> None:
    failed = hub.dispatch("dispatch('pulpcore.app.tasks.test.sleep', args=('soon',))")
    hub.wait(failed, "failed")
    page = open_tab(f"/tasks/{failed}/", fine=(503,))
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    notice = page.locator("#notices .notice").first
    page.route("**/notices/?*", lambda route: route.fulfill(status=503))

    page.get_by_role("link", name="Run again", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Run again").click()
    expect(page.get_by_role("region", name="Resources and other tasks")).to_contain_text("Failed")
    page.unroute_all()

    expect(notice.locator(".state")).to_have_text("Failed")
