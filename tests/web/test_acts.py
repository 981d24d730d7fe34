"""What one does in a dialog is done once, whatever becomes of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hub import Hub
from patience import eventually
from playwright.sync_api import Browser, Page, Request, Route, StorageState, expect

from .conftest import new_context

REPEAT = "**/repeat/"


@pytest.fixture
def page(chromium: Browser, hub: Hub, sign_in: Callable[[str], StorageState]) -> Iterator[Page]:
    """A page without notices, whose browser may complain: answers are lost here."""
    context = new_context(chromium, hub, storage_state=sign_in("admin"))
    yield context.new_page()
    context.close()


def ask_to_run_again(hub: Hub, page: Page, title: str) -> None:
    """At the page of a task that has failed, open the question."""
    code = (
        "from cartwheel.engine.functions import Call, find\n"
        "sleep = find('pulpcore.app.tasks.test.sleep')\n"
        f"print(sleep.dispatch('soon', call=Call(by=User.objects.get(username='admin'), title={title!r})).pk)"
    )
    task_id = hub.console(code).split()[-1]
    hub.wait(task_id, "failed")
    page.goto(f"/tasks/{task_id}/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_role("link", name="Run again", exact=True).click()
    # The question is asked for at the hub, which has to answer before a test takes the task away.
    expect(page.get_by_role("dialog")).to_be_visible()


def count(hub: Hub, title: str) -> int:
    return int(hub.console(f"print(Task.objects.filter(title={title!r}).count())").split()[-1])


def answered_502(route: Route) -> None:
    route.fetch()
    route.fulfill(status=502, body="bad gateway")


def cut_off(route: Route) -> None:
    route.fetch()
    route.abort("connectionreset")


@pytest.mark.parametrize("lose", [answered_502, cut_off])
def test_an_act_whose_answer_is_lost_is_not_done_again(
    hub: Hub, page: Page, lose: Callable[[Route], None]
) -> None:
    title = f"Once, {lose.__name__}"
    ask_to_run_again(hub, page, title)
    page.route(REPEAT, lambda route: lose(route) if route.request.method == "POST" else route.fallback())

    page.get_by_role("dialog").get_by_role("button", name="Run again").click()

    unsure = page.get_by_role("status").get_by_text("The hub did not say whether this was done.")
    expect(unsure).to_be_in_viewport()
    expect(page.get_by_role("region", name="Resources and other tasks")).to_contain_text("Repeated by")
    expect(unsure).to_be_visible()  # also after that was read
    assert count(hub, title) == 2


def test_what_the_hub_refuses_is_told_on_a_page_of_its_own(hub: Hub, page: Page) -> None:
    title = "Gone meanwhile"
    ask_to_run_again(hub, page, title)
    hub.console(f"Task.objects.filter(title={title!r}).delete()")

    page.get_by_role("dialog").get_by_role("button", name="Run again").click()

    expect(page.get_by_role("heading", name="Not found")).to_be_visible()


@pytest.mark.parametrize("clicks", [1, 2])
def test_what_is_clicked_again_before_it_is_answered_is_done_once(hub: Hub, page: Page, clicks: int) -> None:
    title = f"Impatience {clicks}"
    ask_to_run_again(hub, page, title)
    held: list[Route] = []
    page.route(
        REPEAT, lambda route: held.append(route) if route.request.method == "POST" else route.fallback()
    )
    button = page.get_by_role("dialog").get_by_role("button", name="Run again")

    button.click()
    button.click(click_count=clicks)
    eventually(lambda: page.evaluate("true") and held, what="the request")
    for route in held:
        route.continue_()

    expect(page.get_by_role("status")).to_contain_text(title)
    assert len(held) == 1


def test_a_double_click_runs_a_schedule_once_also_if_the_first_click_is_answered_already(
    hub: Hub, page: Page
) -> None:
    hub.console(
        "from cartwheel.engine.models import Schedule\n"
        "Schedule.objects.create(name='Double', task_name='pulpcore.app.tasks.test.dummy_task', cron='0 3 1 1 *')"
    )
    page.goto("/schedules/")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    button, notices = page.get_by_role("button", name="Run now: Double"), page.locator("#notices .notice")

    button.click()
    expect(notices).to_have_count(1)
    button.hover()  # the notice has moved it
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    button.click()
    expect(notices).to_have_count(2)

    assert len(sent) == 2
