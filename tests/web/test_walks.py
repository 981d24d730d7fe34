"""What people come for, from beginning to end, in a real browser on a real hub."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable

import pytest
from hub import CARTWHEEL, Hub
from patience import eventually
from playwright.sync_api import Browser, Page, StorageState, expect

from .conftest import new_context, signed_in_as

OpenTab = Callable[..., Page]

SLEEP = "pulpcore.app.tasks.test.sleep"


def fails(hub: Hub, title: str, *, by: str = "admin") -> str:
    """A task that has failed, and would again."""
    code = (
        "from cartwheel.engine.functions import Call, find\n"
        f"user = User.objects.get(username={by!r})\n"
        f"print(find({SLEEP!r}).dispatch('soon', call=Call(by=user, title={title!r})).pk)"
    )
    task_id = hub.console(code).split()[-1]
    hub.wait(task_id, "failed")
    return task_id


def is_live(page: Page) -> None:
    """Its scripts are there by then, also where a click has led to it: until then links lead to pages of their own."""
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_failure_is_found_read_and_run_again(hub: Hub, open_tab: OpenTab) -> None:
    failed = fails(hub, "Sleep badly")
    page = open_tab("/?state=failed&q=badly")
    is_live(page)

    page.locator(f"#task-{failed}").get_by_role("link", name="Sleep badly", exact=True).click()
    expect(page.get_by_role("heading", name="What went wrong")).to_be_visible()
    is_live(page)
    page.get_by_role("link", name="Run again", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Run again").click()

    notice = page.locator("#notices .notice")
    expect(notice).to_contain_text("Failed")  # followed to its end
    expect(page.get_by_role("region", name="Resources and other tasks")).to_contain_text("Repeated by")
    page.goto("/overview/")
    expect(notice.get_by_role("link", name="Sleep badly")).to_be_visible()
    notice.get_by_role("link", name="Sleep badly").click()
    expect(page.get_by_role("region", name="Resources and other tasks")).to_contain_text("It repeats")
    expect(page).not_to_have_url(re.compile(failed))
    with page.expect_response("**/dismissal/"):
        page.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)
    page.reload()
    expect(notice).to_have_count(0)
    page.get_by_role("link", name="Tasks you started").click()
    expect(page.locator("#bell-panel")).to_contain_text("Sleep badly")


def test_many_are_stopped_together_and_nothing_moves_meanwhile(hub: Hub, open_tab: OpenTab) -> None:
    made = [
        hub.dispatch(f"Task.objects.create(state='running', name='many.running', title='Many {n}')")
        for n in (1, 2, 3)
    ]
    page = open_tab("/?q=many.running")
    is_live(page)
    rows = page.locator("#tasks [data-task]")
    stop = page.locator(".together").get_by_role("button", name="Stop")
    expect(stop).to_be_disabled()

    page.get_by_role("checkbox", name="Select Many 1").check()
    page.get_by_role("checkbox", name="Select Many 2").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    with page.expect_response("**/tasks/rows/**"):
        later = hub.dispatch("Task.objects.create(state='running', name='many.running', title='Many 4')")
    expect(rows).to_have_count(3)  # the new one waits until nothing is ticked
    stop.click()
    question = page.get_by_role("dialog", name="Stop 2 tasks?")
    question.get_by_role("button", name="Stop 2 tasks").click()

    expect(page.get_by_role("status")).to_contain_text("2 tasks were stopped.")
    expect(page.locator(f"#task-{later}")).to_be_visible()
    states = [hub.task(each)["state"] for each in made]
    assert states == ["canceled", "canceled", "running"]


def test_all_that_match_are_run_again_after_a_question_with_their_number(hub: Hub, open_tab: OpenTab) -> None:
    for number in range(3):
        fails(hub, f"Doomed {number}")
    page = open_tab("/?q=doomed&state=failed")
    is_live(page)

    page.get_by_label("All that match").check()
    page.locator(".together").get_by_role("button", name="Run again").click()
    page.get_by_role("dialog", name="Run 3 tasks again?").get_by_role("button", name="Run 3 tasks").click()

    expect(page.get_by_role("status")).to_contain_text("3 tasks run again.")
    expect(page.locator("#tasks [data-task]")).to_have_count(6)


def test_who_stops_a_task_by_keys_goes_on_at_its_row(hub: Hub, open_tab: OpenTab) -> None:
    task = hub.dispatch("Task.objects.create(state='running', name='by.keys', title='Stopped by keys')")
    page = open_tab("/?q=by.keys")
    is_live(page)

    page.get_by_role("link", name="Stop Stopped by keys").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop task").press("Enter")

    row = page.locator(f'tbody[data-section="ended"] #task-{task}')
    expect(row.get_by_role("link", name="Stopped by keys", exact=True)).to_be_focused()


def test_an_act_that_does_not_reach_the_hub_says_so_where_one_is(
    hub: Hub, chromium: Browser, sessions: dict[str, StorageState]
) -> None:
    hub.dispatch("Task.objects.create(state='running', name='far.away', title='Far away')")
    context = new_context(chromium, hub, storage_state=sessions["admin"])
    page = context.new_page()
    page.goto("/?q=far.away")
    stop, lost = page.get_by_role("link", name="Stop Far away"), page.get_by_text("The hub does not answer")

    context.set_offline(True)
    stop.click()
    expect(lost).to_be_visible()
    context.set_offline(False)
    stop.click()
    page.get_by_role("button", name="Stop task").click()

    expect(page.locator("#tasks")).to_contain_text("Canceled")
    expect(lost).to_have_count(0)
    context.close()


def test_two_people_see_the_queue_and_each_stops_their_own(hub: Hub, open_tab: OpenTab) -> None:
    hers = hub.dispatch(
        "Task.objects.create(state='running', name='x', title='Hers',"
        " created_by=User.objects.get(username='alice'))"
    )
    his = hub.dispatch(
        "Task.objects.create(state='running', name='x', title='His',"
        " created_by=User.objects.get(username='admin'))"
    )
    page = open_tab("/", user="alice", fine=(403,))

    expect(page.locator(f"#task-{his}")).to_contain_text("His")
    expect(page.locator(f"#task-{his}").get_by_role("link", name="Stop")).to_have_count(0)
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Workers")).to_have_count(0)
    page.goto("/workers/")
    expect(page.get_by_role("heading", name="Not yours to do")).to_be_visible()
    page.goto(f"/tasks/{his}/")
    expect(page.get_by_role("heading", name="Log")).to_have_count(0)
    page.goto(f"/tasks/{hers}/")
    page.get_by_role("link", name="Stop", exact=True).click()
    page.get_by_role("button", name="Stop task").click()

    expect(page.locator("#task .state").first).to_have_text("Canceled")
    expect(page.locator("#task")).to_contain_text("Stopped by alice")


def test_a_pause_is_told_on_every_page_and_ended(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/workers/")
    is_live(page)
    expect(page.get_by_role("row").filter(has_text="Idle").first).to_be_visible()

    later = hub.dispatch("Task.objects.create(name='later', not_before='2999-01-01T00:00Z')")
    theirs = open_tab("/?q=later", user="alice")
    is_live(theirs)
    page.get_by_label("Reason, which everybody").fill("The disk is being moved.")
    with theirs.expect_request(re.compile(f"/tasks/rows/.*{later}")):  # it waits for another reason now
        page.get_by_role("button", name="Pause", exact=True).click()
    banner = page.get_by_text("The hub is paused.")
    expect(banner).to_be_visible()
    expect(theirs.get_by_text("The disk is being moved.")).to_be_visible()
    expect(page.get_by_role("region", name="What is held back")).to_be_visible()
    expect(theirs.get_by_role("button", name="Resume the hub")).to_have_count(0)
    page.get_by_role("button", name="Resume the hub").click()

    expect(banner).to_have_count(0)
    expect(theirs.get_by_text("The disk is being moved.")).to_have_count(0)
    expect(page.get_by_role("region", name="What is held back")).to_have_count(0)


def test_a_schedule_is_made_run_and_deleted(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/schedules/", fine=(422,))
    page.get_by_role("link", name="New schedule").click()

    page.get_by_label("Name", exact=True).fill("Nap")
    page.get_by_label("Task", exact=True).fill(SLEEP)
    page.get_by_label("How many").fill("15")
    page.get_by_label("Unit").select_option("minutes")
    page.get_by_text("Arguments and resources").click()
    page.get_by_label("Arguments", exact=True).fill("[0")
    page.get_by_role("button", name="Create schedule").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Nap")
    page.get_by_label("Arguments", exact=True).fill("[0]")
    page.get_by_role("button", name="Create schedule").click()

    row = page.get_by_role("row").filter(has_text="Nap")
    expect(row).to_contain_text("every 15 min")
    row.get_by_role("button", name="Run now").click()
    expect(page.locator("#notices .notice").filter(has_text="Sleep for 0 s")).to_contain_text("Completed")
    expect(row).to_contain_text("Completed")
    row.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete schedule").click()
    expect(row).to_have_count(0)


def test_the_log_is_followed_searched_and_downloaded(hub: Hub, open_tab: OpenTab) -> None:
    task_id = hub.dispatch(
        "Task.objects.create(state='running', name='logs', created_at='2026-03-01T12:00:00Z')"
    )

    def log(count: int) -> None:
        hub.console(
            "from cartwheel.engine.events import record\n"
            f"task = Task.objects.get(pk={task_id!r})\n"
            f"for n in range({count}):\n"
            "    LogLine.objects.create(task=task, time=task.created_at, level='INFO', message=f'step {n}')\n"
            "record([(task.pk, task.state)], Event.Kind.LOG)"
        )

    log(60)
    page = open_tab(f"/tasks/{task_id}/", timezone_id="Asia/Kolkata")
    is_live(page)
    lines = page.locator("#log li")
    at_end = "() => { const log = document.querySelector('#log'); return log.scrollHeight - log.scrollTop - log.clientHeight < 24; }"
    eventually(lambda: page.evaluate(at_end), what="being at the end")

    page.locator("#log").evaluate("log => { log.scrollTop = 0; }")
    expect(page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "false")
    log(1)
    expect(lines).to_have_count(61)
    expect(page.get_by_text("times in GMT+5:30")).to_be_visible()
    for time in (lines.first.locator("time"), lines.last.locator("time")):
        expect(time).to_have_text("17:30:00")
        expect(time).to_have_attribute("title", re.compile("12:00:00.000000 UTC"))
    assert not page.evaluate(at_end)
    page.get_by_role("button", name="Follow").click()
    eventually(lambda: page.evaluate(at_end), what="being at the end")
    page.get_by_label("Find in the log").fill("step 42")
    expect(page.get_by_text("1 of these lines")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()

    hub.request("PATCH", f"pulp/api/v3/tasks/{task_id}/", json={"state": "canceled"})
    expect(page.get_by_role("button", name="Follow")).to_be_hidden()  # nothing comes any more

    text = started.value.path().read_text()
    assert len(text.splitlines()) == 61
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO     step 0\n", text)


def test_light_and_dark_are_chosen_and_kept(open_tab: OpenTab) -> None:
    page = open_tab("/", color_scheme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)

    page.get_by_role("button", name="You: admin").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(ground)
    page.reload()

    assert light != dark
    assert page.evaluate(ground) == dark
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_keys_move_through_rows_and_ask_for_help(hub: Hub, open_tab: OpenTab) -> None:
    for number in range(2):
        hub.dispatch(f"Task.objects.create(state='running', name='keys', title='Keys {number}')")
    page = open_tab("/?q=keys")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Keys 0", exact=True)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select Keys 0")).to_be_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys").get_by_text("Go to the workers")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("?")
    expect(page.get_by_role("searchbox", name="Find tasks")).to_be_focused()
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.get_by_role("heading", name="Tasks").click()
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_keys_can_be_switched_off_in_a_browser_and_on_again(open_tab: OpenTab) -> None:
    page = open_tab("/")
    keys = page.get_by_role("dialog", name="Keys")
    switch = keys.get_by_role("checkbox", name="Use these keys in this browser")

    page.keyboard.press("?")
    switch.uncheck()
    page.keyboard.press("Escape")
    page.goto("/workers/")
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_count(0)
    expect(keys).to_be_hidden()
    page.locator('[popovertarget="me"]').click()
    page.get_by_role("button", name="Keys").click()
    switch.check()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("o")

    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_times_to_look_for_are_typed_in_the_readers_own_zone(open_tab: OpenTab) -> None:
    page = open_tab("/", timezone_id="Asia/Tokyo")  # nine hours ahead, all year

    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("From (Asia/Tokyo)").fill("2026-03-01T09:00")
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page).to_have_url(re.compile(r"since=2026-03-01T00(:|%3A)00(&|$)"))
    page.get_by_text("Filter", exact=True).click()
    expect(page.get_by_label("From (Asia/Tokyo)")).to_have_value("2026-03-01T09:00")
    page.get_by_role("link", name=re.compile(r"^Remove the filter From Mar 1, 2026, 09:00 GMT\+9")).click()
    expect(page.get_by_label("From (Asia/Tokyo)")).to_have_value("")


def test_without_scripts_times_to_look_for_are_in_utc_and_say_so(open_tab: OpenTab) -> None:
    page = open_tab("/?since=2026-03-01T00:00", java_script_enabled=False, timezone_id="Asia/Tokyo")

    page.get_by_text("Filter", exact=True).click()
    expect(page.get_by_label("From (UTC)")).to_have_value("2026-03-01T00:00")
    expect(page.get_by_role("link", name="Remove the filter From 2026-03-01 00:00 UTC")).to_be_visible()


def test_without_scripts_filters_many_and_schedules_work(hub: Hub, open_tab: OpenTab) -> None:
    task_id = fails(hub, "Plain failure")
    page = open_tab("/?q=plain", java_script_enabled=False)

    page.get_by_role("checkbox", name="Select Plain failure").check()
    page.locator(".together").get_by_role("button", name="Run again").click()
    page.get_by_role("button", name="Run 1 task again").click()
    expect(page.get_by_role("status")).to_contain_text("1 task runs again.")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Error", exact=True).fill("nothing like that")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Remove the filter Error: nothing like that").click()
    expect(page.locator(f"#task-{task_id}")).to_be_visible()
    page.goto("/schedules/")
    page.get_by_role("button", name="Switch off: Forget old tasks").click()
    expect(page.get_by_role("status")).to_contain_text("Forget old tasks is switched off.")
    page.get_by_role("button", name="Switch on: Forget old tasks").click()


@pytest.fixture
def signed_in(chromium: Browser, fresh_hub: Hub) -> Page:
    """A page on a hub of its own that may be restarted."""
    return signed_in_as("admin", new_context(chromium, fresh_hub), fresh_hub)


def test_after_a_restart_of_the_hub_the_page_is_right_again(signed_in: Page, fresh_hub: Hub) -> None:
    first = fresh_hub.dispatch("Task.objects.create(state='running', name='before')")
    expect(signed_in.locator(f"#task-{first}")).to_be_visible()
    signed_in.evaluate("window.wasNotReloaded = true")

    fresh_hub.kill(signal.SIGTERM)
    expect(signed_in.get_by_text("Every 5 s", exact=True)).to_be_visible()
    second = fresh_hub.dispatch("Task.objects.create(state='running', name='meanwhile')")
    fresh_hub.process = subprocess.Popen([CARTWHEEL, "serve"], env=fresh_hub.environ, text=True)

    try:
        expect(signed_in.locator(f"#task-{second}")).to_be_visible()
        expect(signed_in.locator(f"#task-{first}")).to_be_visible()
        assert signed_in.evaluate("window.wasNotReloaded")
    finally:
        fresh_hub.kill(signal.SIGTERM)


def signs_in_again(page: Page, hub: Hub) -> None:
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(hub.password)
    page.get_by_role("button", name="Sign in").click()


def ends_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def test_a_session_that_ends_under_a_live_list_leads_to_the_sign_in_page_and_back(
    hub: Hub, open_tab: OpenTab
) -> None:
    page = open_tab("/?q=ends.meanwhile", fine=(401,))
    is_live(page)

    ends_session(page)
    task_id = hub.dispatch("Task.objects.create(state='running', name='ends.meanwhile')")
    signs_in_again(page, hub)

    expect(page.locator(f"#task-{task_id}")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?q=ends\.meanwhile$"))
    is_live(page)


def test_a_session_that_ends_before_an_act_leads_to_the_sign_in_page_and_back(
    hub: Hub, open_tab: OpenTab
) -> None:
    task_id = hub.dispatch("Task.objects.create(state='running', name='x', title='Outlives a session')")
    page = open_tab(f"/tasks/{task_id}/", fine=(401,))
    is_live(page)

    ends_session(page)
    page.get_by_role("link", name="Stop", exact=True).click()  # its question cannot be asked
    signs_in_again(page, hub)
    expect(page.get_by_role("heading", name="Stop this task?")).to_be_visible()
    page.goto(f"/tasks/{task_id}/")
    page.get_by_role("link", name="Stop", exact=True).click()
    question = page.get_by_role("dialog", name="Stop this task?")
    expect(question).to_be_visible()
    ends_session(page)
    question.get_by_role("button", name="Stop task").click()  # its answer cannot be given
    signs_in_again(page, hub)

    expect(page).to_have_url(re.compile(f"/tasks/{task_id}/$"))
    is_live(page)
    assert hub.task(task_id)["state"] == "running"  # nothing is done that was not asked for by somebody
    page.get_by_role("link", name="Stop", exact=True).click()
    question.get_by_role("button", name="Stop task").click()
    expect(page.locator("#task .state").first).to_have_text("Canceled")


def test_a_session_that_ends_while_a_schedule_is_typed_takes_none_of_it_away(
    hub: Hub, open_tab: OpenTab
) -> None:
    page = open_tab("/schedules/new/", fine=(401,))
    page.get_by_label("Name", exact=True).fill("Kept")
    page.get_by_label("Unit").select_option("days")
    page.get_by_label("Cron expression").fill("0 4 * * *")

    ends_session(page)
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('hub:refresh'))"
    )  # as each few seconds without the stream
    signs_in_again(page, hub)

    expect(page.get_by_text("What you had typed is here again")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kept")
    expect(page.get_by_label("Unit")).to_have_value("days")
    expect(page.get_by_label("Cron expression")).to_have_value("0 4 * * *")


def test_without_scripts_a_failure_is_run_again_and_its_notice_put_away(hub: Hub, open_tab: OpenTab) -> None:
    failed = fails(hub, "Plainly failed")
    hub.console(
        f"LogLine.objects.create(task_id={failed!r}, time='2026-03-01T12:00:00Z', level='INFO', message='step 1')"
    )
    page = open_tab(f"/tasks/{failed}/", java_script_enabled=False)
    log = page.get_by_role("region", name="Log")
    expect(log).to_contain_text("12:00:00infostep 1")
    expect(log.get_by_text("times in UTC")).to_be_visible()
    expect(log.get_by_text("Follow", exact=True)).to_be_hidden()

    page.get_by_role("link", name="Run again", exact=True).click()
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("heading", name="Plainly failed")).to_be_visible()
    expect(page).not_to_have_url(re.compile(failed))
    again = page.url.rstrip("/").rpartition("/")[2]
    hub.wait(again, "failed")
    page.reload()
    expect(page.get_by_text("It repeats")).to_be_visible()
    # Others may have left notices on this hub.
    notice = page.locator("#notices .notice").filter(has=page.locator(f"a[href='/tasks/{again}/']"))
    notice.get_by_role("button", name="Dismiss").click()

    expect(notice).to_have_count(0)
    page.get_by_role("link", name="Tasks you started").click()
    expect(page.get_by_role("main").get_by_role("link", name="Plainly failed").first).to_be_visible()


def test_without_scripts_a_view_is_a_link_and_schedules_and_pauses_work(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/?q=x&state=failed", java_script_enabled=False)

    page.get_by_text("Filter", exact=True).click()
    page.get_by_role("link", name="Waiting longest").click()
    expect(page).to_have_url(re.compile(r"\?state=waiting&sort=oldest$"))
    page.goto("/schedules/new/")
    page.get_by_label("Name", exact=True).fill("Plain nap")
    page.get_by_label("Task", exact=True).fill(SLEEP)
    page.get_by_label("How many").fill("2")
    page.get_by_text("Arguments and resources").click()
    page.get_by_label("Arguments", exact=True).fill("[0]")
    page.get_by_role("button", name="Create schedule").click()
    row = page.get_by_role("row").filter(has_text="Plain nap")
    expect(row).to_contain_text("every 2 h")
    row.get_by_role("button", name="Run now").click()
    expect(page.locator("#notices .notice").filter(has_text="Sleep for 0 s")).to_be_visible()
    row.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete schedule").click()
    expect(row).to_have_count(0)

    page.goto("/workers/")
    page.get_by_label("What", exact=True).select_option("function")
    page.get_by_label("Name of the tasks").fill("pulpcore.app.tasks.test.gooey_task")
    page.get_by_role("button", name="Pause", exact=True).click()
    held = page.get_by_role("region", name="What is held back")
    expect(held).to_contain_text("gooey_task")
    held.get_by_role("button", name="Resume").click()
    expect(held).to_have_count(0)
