"""Notices that follow their tasks, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from hub import Hub
from playwright.sync_api import Page, expect

OpenTab = Callable[..., Page]

# What a screen reader says of the region: what comes into it, but for where it is told to be silent.
LISTEN = """
window.told = [];
new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes)
        if (target.closest("[aria-live]").ariaLive !== "off") window.told.push(...[...addedNodes].map((each) => each.textContent));
}).observe(document.querySelector("#notices"), { childList: true, subtree: true });
"""


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


@pytest.mark.parametrize("role", ["link", "button"])
def test_who_is_in_a_notice_stays_there_when_its_task_goes_on(
    hub: Hub, open_tab: OpenTab, role: Literal["link", "button"]
) -> None:
    hub.console(
        "from cartwheel.engine.models import Schedule\n"
        f"Schedule.objects.create(name='Kept {role}', task_name='pulpcore.app.tasks.test.sleep', args=[600], cron='0 3 1 1 *')"
    )
    page = open_tab("/schedules/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_role("button", name=f"Run now: Kept {role}").click()
    notice = page.locator("#notices .notice").first
    expect(notice.locator(".state")).to_have_text("Running")
    task_id = notice.get_attribute("data-notice")

    notice.get_by_role(role).first.focus()
    hub.request("PATCH", f"pulp/api/v3/tasks/{task_id}/", json={"state": "canceled"})

    expect(notice.locator(".state")).to_have_text("Canceled")
    expect(notice.get_by_role(role).first).to_be_focused()


def test_a_notice_says_aloud_how_its_task_goes_on_but_not_each_figure(hub: Hub, open_tab: OpenTab) -> None:
    hub.console(
        "from cartwheel.engine.models import Schedule\n"
        "Schedule.objects.create(name='Long', task_name='pulpcore.app.tasks.test.sleep', args=[600], cron='0 3 1 1 *')"
    )
    page = open_tab("/schedules/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_role("button", name="Run now: Long").click()
    notice = page.locator("#notices .notice").first
    expect(notice.locator(".state")).to_have_text("Running")
    task_id = notice.get_attribute("data-notice") or ""

    page.evaluate(LISTEN)
    for done in (1, 2):
        hub.console(
            "from cartwheel.engine.events import record\n"
            f"task = Task.objects.get(pk={task_id!r})\n"
            f"given = {{'state': 'running', 'total': 40, 'done': {done}}}\n"
            "ProgressReport.objects.update_or_create(task=task, message='Downloading', defaults=given)\n"
            "record([(task.pk, task.state)], Event.Kind.PROGRESS)"
        )
        expect(notice).to_contain_text(f"Downloading: {done} of 40")
    with page.expect_response("**/notices/?*"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('hub:refresh'))")
    figures = page.evaluate("told")
    hub.request("PATCH", f"pulp/api/v3/tasks/{task_id}/", json={"state": "canceled"})
    expect(notice.locator(".state")).to_have_text("Canceled")

    assert figures == []
    assert any("Canceled" in each for each in page.evaluate("told"))
