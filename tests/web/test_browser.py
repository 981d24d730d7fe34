"""The pages in a real browser, on a real hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import processes
from hub import Hub
from playwright.sync_api import Page, expect

from cartwheel.web import moments

OpenTab = Callable[..., Page]


def running(hub: Hub, name: str, **details: str) -> str:
    """A task made on the console; returns its id."""
    more = "".join(f", {key}={value!r}" for key, value in details.items())
    return hub.dispatch(f"Task.objects.create(state='running', name={name!r}{more})")


def is_live(page: Page) -> None:
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_signing_in_with_a_wrong_and_then_the_right_password(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/?state=failed", user=None)

    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(hub.password)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
    expect(page).to_have_url(f"{hub.url}?state=failed")


def test_a_new_task_appears_on_top_without_a_reload(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/")
    is_live(page)
    page.evaluate("window.wasNotReloaded = true")

    task_id = running(hub, "iamrunning")

    expect(page.locator("[data-section=running] [data-task]").first).to_have_id(f"task-{task_id}")
    assert page.evaluate("window.wasNotReloaded")


def test_the_first_task_of_all_replaces_the_words_that_there_is_none(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/?q=theveryfirst")
    is_live(page)
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()

    task_id = running(hub, "theveryfirst")

    expect(page.locator(f"#task-{task_id}")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_hidden()


def test_a_change_of_state_shows_in_its_place(hub: Hub, open_tab: OpenTab) -> None:
    task_id = running(hub, "changes")
    page = open_tab("/")
    is_live(page)

    hub.request("PATCH", f"pulp/api/v3/tasks/{task_id}/", json={"state": "canceled"})

    ended = page.locator(f"[data-section=ended] #task-{task_id}")
    expect(ended).to_contain_text("Canceled")
    expect(page.locator(f"#task-{task_id}")).to_have_count(1)


def test_a_task_that_no_longer_fits_the_search_leaves_the_list(hub: Hub, open_tab: OpenTab) -> None:
    task_id = running(hub, "leaves")
    page = open_tab("/?state=running&q=leaves")
    is_live(page)

    hub.request("PATCH", f"pulp/api/v3/tasks/{task_id}/", json={"state": "canceled"})

    expect(page.locator(f"#task-{task_id}")).to_have_count(0)


def test_nothing_moves_under_the_pointer(hub: Hub, open_tab: OpenTab) -> None:
    first = running(hub, "pointed.at")
    page = open_tab("/?q=pointed")
    is_live(page)
    task = page.locator(f"#task-{first}")
    task.hover()
    place = task.bounding_box()
    # Making a task may take longer than the list waits for a pointer that rests: for this page no time passes.
    task.evaluate(
        "row => { const now = performance.now(); performance.now = () => now;"
        " row.dispatchEvent(new PointerEvent('pointermove', { bubbles: true })); }"
    )

    with page.expect_response("**/tasks/rows/**") as rows:
        second = running(hub, "pointed.at.too")
    rows.value.finished()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert task.bounding_box() == place
    page.evaluate("delete performance.now")
    expect(page.locator(f"#task-{second}")).to_be_visible()


def test_stop_asks_first_and_then_stops(hub: Hub, open_tab: OpenTab) -> None:
    task_id = running(hub, "stop.me", title="Sync <community>")
    page = open_tab("/")
    is_live(page)
    question = page.get_by_role("dialog", name="Stop this task?")

    page.locator(f"#task-{task_id}").get_by_role("link", name="Stop Sync <community>").click()
    expect(question).to_contain_text("Sync <community>")
    question.get_by_role("link", name="Keep it").click()
    expect(question).to_be_hidden()
    assert hub.task(task_id)["state"] == "running"
    page.locator(f"#task-{task_id}").get_by_role("link", name="Stop Sync <community>").click()
    question.get_by_role("button", name="Stop task").click()

    expect(page.get_by_role("status")).to_contain_text("Canceled")
    expect(page.get_by_role("status").get_by_role("link", name="Sync <community>")).to_be_visible()
    expect(page.locator(f"#task-{task_id}")).to_contain_text("Canceled")
    assert hub.task(task_id)["state"] == "canceled"


def test_stop_on_the_page_of_a_task_that_does_not_want_to(hub: Hub, open_tab: OpenTab) -> None:
    task_id = hub.dispatch("dispatch('pulpcore.app.tasks.test.gooey_task', args=(600,))")
    hub.wait(task_id, "running")
    page = open_tab(f"/tasks/{task_id}/")
    is_live(page)

    supervisor = processes.parent(hub.process_of(task_id))  # it kills tasks soon after it asked them to stop
    with processes.at_rest(supervisor):
        page.get_by_role("link", name="Stop", exact=True).click()
        page.get_by_role("button", name="Stop task").click()

        state = page.locator("#task .state").first
        expect(page.get_by_role("status")).to_contain_text("was asked to stop")
        expect(state).to_have_text("Canceling")
        expect(page.get_by_role("link", name="Stop", exact=True)).to_have_count(0)
    expect(state).to_have_text("Canceled")
    expect(page.locator("#task")).to_contain_text("Stopped by admin")


def test_a_stranger_sees_no_stop_and_gets_no_further(hub: Hub, open_tab: OpenTab) -> None:
    task_id = running(hub, "not.yours")
    page = open_tab("/", user="alice")

    expect(page.locator(f"#task-{task_id}")).to_contain_text("Running")
    expect(page.get_by_role("link", name=re.compile(r"^Stop\b"))).to_have_count(0)
    answer = page.request.get(f"/tasks/{task_id}/cancellation/")

    assert answer.status == 403
    assert "You do not have permission" in answer.text()


def test_a_traceback_is_folded_and_only_for_superusers(hub: Hub, open_tab: OpenTab) -> None:
    task_id = hub.dispatch("dispatch('pulpcore.app.tasks.test.sleep', args=('soon',))")
    hub.wait(task_id, "failed")

    theirs = open_tab(f"/tasks/{task_id}/", user="alice")
    mine = open_tab(f"/tasks/{task_id}/")

    expect(theirs.get_by_role("heading", name="What went wrong")).to_be_visible()
    expect(theirs.locator("#traceback")).to_have_count(0)
    assert "most recent call last" not in theirs.content()
    expect(mine.get_by_text("Traceback (most recent call last)")).to_be_hidden()
    mine.get_by_text("Traceback", exact=True).click()
    expect(mine.get_by_text("Traceback (most recent call last)")).to_be_visible()


def test_the_page_of_a_task_follows_its_progress_its_log_and_its_end(hub: Hub, open_tab: OpenTab) -> None:
    task_id = running(hub, "followed")
    page = open_tab(f"/tasks/{task_id}/")
    is_live(page)
    expect(page.get_by_text("It has logged nothing.")).to_be_visible()

    hub.console(
        "from cartwheel.engine.events import record\n"
        f"task = Task.objects.get(pk={task_id!r})\n"
        "ProgressReport.objects.create(task=task, message='Downloading', state='running', total=40, done=12)\n"
        "LogLine.objects.create(task=task, time=task.created_at, level='WARNING', message='Mind the <gap>')\n"
        "record([(task.pk, task.state)], Event.Kind.PROGRESS); record([(task.pk, task.state)], Event.Kind.LOG)"
    )

    expect(page.get_by_role("progressbar", name="Downloading")).to_have_attribute("value", "12")
    expect(page.locator("#log li")).to_contain_text(["Mind the <gap>"])
    hub.request("PATCH", f"pulp/api/v3/tasks/{task_id}/", json={"state": "canceled"})
    expect(page).to_have_title("Canceled: followed · Cartwheel")


def test_a_waiting_task_leads_to_what_it_waits_for_and_goes_on_by_itself(hub: Hub, open_tab: OpenTab) -> None:
    sleep = "pulpcore.app.tasks.test.sleep"
    first = hub.dispatch(f"dispatch('{sleep}', args=(600,), exclusive_resources=['a lamp'])")
    second = hub.dispatch(f"dispatch('{sleep}', args=(600,), exclusive_resources=['a lamp'])")
    hub.wait(first, "running")
    page = open_tab(f"/tasks/{second}/")
    is_live(page)

    why = page.get_by_role("region", name="Why it waits")
    expect(why).to_contain_text("a lamp is in use by")
    expect(why.locator(".task-link")).to_have_attribute("href", f"/tasks/{first}/")
    expect(why).to_contain_text("Number 2 in line.")
    hub.request("PATCH", f"pulp/api/v3/tasks/{first}/", json={"state": "canceled"})

    expect(page.locator("#task .state").first).to_have_text("Running")
    expect(why).to_have_count(0)
    hub.request("PATCH", f"pulp/api/v3/tasks/{second}/", json={"state": "canceled"})


def test_without_scripts_there_are_the_same_rows_and_stop_works(hub: Hub, open_tab: OpenTab) -> None:
    task_id = running(hub, "plain")
    hub.console("for state in ('completed', 'failed'): Task.objects.create(state=state, name='plain')")
    page = open_tab("/?q=plain")
    is_live(page)
    plain = open_tab("/?q=plain", java_script_enabled=False)

    rows = page.locator("#tasks [data-task]").evaluate_all("rows => rows.map(row => row.id)")
    assert len(rows) > 2
    assert [each.get_attribute("id") for each in plain.locator("#tasks [data-task]").all()] == rows
    plain.locator(f"#task-{task_id}").get_by_role("link", name="Stop plain").click()
    expect(plain.get_by_role("heading", name="Stop this task?")).to_be_visible()
    plain.get_by_role("button", name="Stop task").click()

    expect(plain.locator("#task .state").first).to_have_text("Canceled")
    expect(page.locator(f"#task-{task_id}")).to_contain_text("Canceled")


def test_without_the_stream_the_page_looks_every_few_seconds(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/healthz")
    page.route("**/events/", lambda route: route.fulfill(status=204))
    page.goto("/?q=polled")

    expect(page.get_by_text("Every 5 s", exact=True)).to_be_visible()
    task_id = running(hub, "polled")

    expect(page.locator(f"#task-{task_id}")).to_be_visible()


def test_times_tick_in_the_words_of_the_server(hub: Hub, open_tab: OpenTab) -> None:
    running(hub, "ticks")
    page = open_tab("/?q=ticks")
    seconds = [0, 1, 2, 59, 60, 3599, 3600, 86_399, 86_400, 172_800, 2_591_999, 2_592_000]
    now = datetime.now(UTC)

    told = page.evaluate(
        """async ([all, now]) => {
            const address = document.querySelector('script[src*="ticking.js"]').src;
            const { ago, runningFor } = await import(address);
            return all.map((s) => [ago(s, new Date(now - 1000 * s)), runningFor(s)]);
        }""",
        [seconds, 1000 * now.timestamp()],
    )

    expected = [[moments.ago(now - timedelta(seconds=s), now), moments.running_for(s)] for s in seconds]
    assert told == expected
    before = page.locator("time[data-since]").first.inner_text()
    expect(page.locator("time[data-since]").first).not_to_have_text(before)


def test_the_keyboard_reaches_everything_and_the_focus_stays(hub: Hub, open_tab: OpenTab) -> None:
    task_id = running(hub, "by.keyboard")
    page = open_tab("/?q=by.keyboard")
    is_live(page)

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    skip.click(trial=True)  # nothing lies over it
    stop = page.locator(f"#task-{task_id}").get_by_role("link", name="Stop by.keyboard")
    stop.focus()
    with page.expect_response("**/tasks/rows/**"):
        hub.console(f"Task.objects.get(pk={task_id!r}).save()")
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(stop).to_be_focused()
