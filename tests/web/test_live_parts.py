"""Parts of pages that are read again, in a real browser: what happens just then is not missed."""

from __future__ import annotations

from collections.abc import Callable

from hub import Hub
from patience import eventually
from playwright.sync_api import APIResponse, Page, Route, expect

from cartwheel.web.detail import LOG_LINES

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


def test_a_log_that_grows_fast_is_shown_to_its_last_line(hub: Hub, open_tab: OpenTab) -> None:
    task_id = hub.dispatch("Task.objects.create(state='running', name='talkative')")
    page = open_tab(f"/tasks/{task_id}/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    count = 2 * LOG_LINES + 1

    hub.console(
        "from cartwheel.engine.events import record\n"
        f"task = Task.objects.get(pk={task_id!r})\n"
        "LogLine.objects.bulk_create(LogLine(task=task, time=task.created_at, level='INFO', message=f'line {n}')"
        f" for n in range({count}))\n"
        "record([(task.pk, task.state)], Event.Kind.LOG)"
    )

    expect(page.locator("#log li")).to_have_count(count)
    expect(page.locator("#log li").last).to_contain_text(f"line {count - 1}")


def test_what_happens_before_all_scripts_are_there_is_not_missed(hub: Hub, open_tab: OpenTab) -> None:
    task_id = hub.dispatch("Task.objects.create(state='running', name='early')")
    witness = open_tab(f"/tasks/{task_id}/")
    expect(witness.get_by_text("Live", exact=True)).to_be_visible()
    page = open_tab("/healthz")
    held: list[Route] = []
    page.route("**/js/task.*", lambda route: held.append(route))
    page.goto(f"/tasks/{task_id}/", wait_until="commit")
    eventually(lambda: page.evaluate("true") and held, what="the script")

    hub.request("PATCH", f"pulp/api/v3/tasks/{task_id}/", json={"state": "canceled"})
    expect(witness.locator("#task .state").first).to_have_text("Canceled")
    for route in held:
        route.continue_()

    expect(page.locator("#task .state").first).to_have_text("Canceled")


def test_a_click_counts_though_what_was_pressed_is_read_again_before_it_is_let_go(
    hub: Hub, open_tab: OpenTab
) -> None:
    task_id = hub.dispatch("Task.objects.create(state='running', name='pressed')")
    page = open_tab(f"/tasks/{task_id}/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    stop = page.get_by_role("link", name="Stop", exact=True)
    pressed = stop.element_handle()
    stop.hover()

    page.mouse.down()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('hub:acted'))")
    eventually(lambda: pressed.evaluate("link => !link.isConnected"), what="the reading")
    page.mouse.up()

    expect(page.get_by_role("dialog", name="Stop this task?")).to_be_visible()


def test_who_stops_a_task_by_keys_goes_on_at_its_row_also_if_that_tells_it_before_the_answer(
    hub: Hub, open_tab: OpenTab
) -> None:
    task_id = hub.dispatch("Task.objects.create(state='running', name='told.first')")
    page = open_tab("/?q=told.first")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_role("link", name="Stop told.first").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    answers: list[tuple[Route, APIResponse]] = []
    page.route("**/cancellation/", lambda route: answers.append((route, route.fetch())))

    page.get_by_role("button", name="Stop task").press("Enter")
    expect(page.locator(f"#task-{task_id}")).to_contain_text("Canceled")
    eventually(lambda: page.evaluate("true") and answers, what="the answer")
    for route, answer in answers:
        route.fulfill(response=answer)

    row = page.locator(f'tbody[data-section="ended"] #task-{task_id}')
    expect(row.get_by_role("link", name="told.first", exact=True)).to_be_focused()


def test_who_ticks_rows_while_the_list_is_read_again_loses_neither_ticks_nor_place(
    hub: Hub, open_tab: OpenTab
) -> None:
    for number in (1, 2):
        hub.dispatch(f"Task.objects.create(state='completed', name='read.again', title='Again {number}')")
    page = open_tab("/?q=read.again")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    held: list[tuple[Route, APIResponse]] = []
    page.route(lambda url: url == page.url, lambda route: held.append((route, route.fetch())))
    old = page.locator("#tasks").element_handle()

    page.evaluate("document.body.dispatchEvent(new CustomEvent('hub:refresh'))")
    eventually(lambda: page.evaluate("true") and held, what="the reading")
    page.get_by_role("checkbox", name="Select Again 1").check()
    page.get_by_role("link", name="Again 2", exact=True).focus()
    for route, answer in held:
        route.fulfill(response=answer)
    eventually(lambda: old.evaluate("list => !list.isConnected"), what="the new list")

    expect(page.get_by_role("checkbox", name="Select Again 1")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Select Again 2")).not_to_be_checked()
    expect(page.get_by_text("1 selected")).to_be_visible()
    expect(page.get_by_role("link", name="Again 2", exact=True)).to_be_focused()
