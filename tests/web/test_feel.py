"""How light the pages are, and how still: bytes of a first visit, and what moves while a page comes together."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hub import Hub
from playwright.sync_api import Page, expect

import cartwheel.web

OpenTab = Callable[..., Page]

TESTS = Path(__file__).parents[1]
WEB = Path(cartwheel.web.__file__).parent

FIRST_VISIT = 100_000  # bytes over the wire, with nothing in the browser's cache
PATHS = [
    "/?q=heavy", "/tasks/TASK/", "/overview/", "/workers/", "/schedules/", "/schedules/new/", "/started/",
    "/collections/", "/repositories/",
]  # fmt: skip
BYTES = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, each) => sum + each.transferSize, 0)"""
WATCH = """
const opened = Date.now();
Date.now = () => opened;
window.moved = [];
new PerformanceObserver((list) => {
    for (const each of list.getEntries())
        window.moved.push([each.value, ...each.sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]);
}).observe({ type: "layout-shift", buffered: true });
"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def heavy(hub: Hub) -> str:
    """A full page of tasks that have much to say; returns the id of one of them."""
    return hub.console(
        "from django.utils import timezone\n"
        "now = timezone.now()\n"
        "error = {'description': 'console.example.org answered 503, and was asked again five times in vain. ' * 3}\n"
        "tasks = [Task(state='failed', name='heavy.tasks.of_a_long_name', title=f'Import acme.tools_{n} 1.{n}.0 to staging',"
        " created_at=now, started_at=now, finished_at=now, error=error) for n in range(110)]\n"
        "Task.objects.bulk_create(tasks)\n"
        "LogLine.objects.bulk_create(LogLine(task=tasks[0], time=now, level='INFO', message=f'Downloading file {n}')"
        " for n in range(600))\n"
        f"import sys\nsys.path.insert(0, {str(TESTS)!r})\nimport make\n"
        "from cartwheel.registry.repositories import change_contents\n"
        "many = [make.version(f'heavy.tools_{n}') for n in range(40)]\n"
        "change_contents(Repository.objects.get(name='staging'), add=many)\n"
        "print(tasks[0].pk)"
    ).split()[-1]


def test_no_page_loads_a_script_twice() -> None:
    """One that another imports has another address there, and would answer each event twice."""
    scripts, templates = WEB / "static" / "web" / "js", WEB / "templates"
    imported = {
        (path.parent / name).resolve()
        for path in scripts.rglob("*.js")
        for name in re.findall(r'from "(.+?)"', path.read_text())
    }
    named = {
        WEB / "static" / name
        for path in templates.rglob("*.html")
        for name in re.findall(r'<script[^>]* src="{% asset "(.+?)"', path.read_text())
    }

    assert len(named) > 10
    assert named & imported == set()


def watch_it_come(page: Page, path: str) -> None:
    """Go there, and note what moves until all is there. The clock stands still: times that tick change their width."""
    page.add_init_script(WATCH)
    page.goto(path)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.evaluate(PAINTED)


@pytest.mark.parametrize("path", PATHS)
def test_a_first_visit_costs_less_than_100_kb_and_nothing_moves(
    open_tab: OpenTab, heavy: str, path: str
) -> None:
    page = open_tab("/healthz")

    watch_it_come(page, path.replace("TASK", heavy))

    assert 20_000 < page.evaluate(BYTES) < FIRST_VISIT
    assert page.evaluate("moved") == []


@pytest.mark.parametrize("path", ["/?q=heavy", "/tasks/TASK/"])
def test_nothing_moves_on_a_narrow_screen(open_tab: OpenTab, heavy: str, path: str) -> None:
    page = open_tab("/healthz", viewport={"width": 320, "height": 640})

    watch_it_come(page, path.replace("TASK", heavy))

    assert page.evaluate("moved") == []


def test_the_bell_stays_where_it_is_when_it_counts(open_tab: OpenTab) -> None:
    page = open_tab("/account/")
    bell, count = page.locator("#bell"), page.locator("#bell-count")
    places = []

    for number in ("", "12"):
        count.evaluate("(count, number) => { count.textContent = number; }", number)
        places.append(bell.bounding_box())

    assert places[0] == places[1]


def test_what_is_done_with_selected_rows_is_at_hand_wherever_they_are(open_tab: OpenTab, heavy: str) -> None:
    page = open_tab("/?q=heavy")

    page.locator("[data-task] input").last.check()

    expect(page.locator(".together").get_by_role("button", name="Run again")).to_be_in_viewport()


@pytest.mark.parametrize(("path", "bar"), [("/?q=heavy", ".together"), ("/approval/", ".bar-acts")])
def test_what_stays_on_top_while_one_goes_through_rows_hides_none(
    open_tab: OpenTab, heavy: str, path: str, bar: str
) -> None:
    page, head = open_tab(path, viewport={"width": 1024, "height": 500}), "thead:has(~ tbody [data-row])"

    def edge(what: str, side: str) -> float:
        return float(page.locator(what).evaluate(f"what => what.getBoundingClientRect().{side}"))

    for above in (".site", bar):
        for key in "j" * 25 + "k" * 18:
            page.keyboard.press(key)
        assert edge(head, "top") == pytest.approx(edge(above, "bottom"), abs=1)
        assert edge("[data-row]:focus-within", "top") >= edge(head, "bottom")
        page.keyboard.press("x")


@pytest.mark.parametrize("width", [320, 1280])
def test_what_one_did_far_down_a_page_is_told_in_its_head(hub: Hub, open_tab: OpenTab, width: int) -> None:
    hub.console(
        "from cartwheel.engine.models import Schedule\n"
        "for n in range(30):\n"
        "    Schedule.objects.get_or_create(name=f'Run far down {n}', task_name='pulpcore.app.tasks.test.dummy_task',"
        " cron='0 3 1 1 *')"
    )
    page = open_tab("/schedules/", viewport={"width": width, "height": 640})
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    echo, button = page.locator(".site .echo"), page.get_by_role("button", name="Run now").last

    button.click()

    expect(echo.get_by_role("link")).to_be_in_viewport()
    expect(echo).to_contain_text("Completed")
    expect(button).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate("scrollTo(0, 0)")
    expect(echo).to_be_empty()
    expect(page.locator(".notice").filter(has_text="Completed").first).to_be_in_viewport()


def test_filters_are_folded_where_there_is_little_room(open_tab: OpenTab) -> None:
    page = open_tab("/collections/", viewport={"width": 320, "height": 640})
    tag = page.get_by_label("Tag", exact=True)  # lists of tags are called so, too

    expect(tag).to_be_hidden()
    page.get_by_text("Filter", exact=True).click()
    tag.fill("net")
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(re.compile("tag=net"))
    expect(tag).to_be_visible()
    page.get_by_text("Filter", exact=True).click()
    expect(tag).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 640})
    expect(tag).to_be_visible()
    expect(page.get_by_text("Filter", exact=True)).to_be_hidden()


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1440])
def test_times_in_the_list_are_told_whole(open_tab: OpenTab, heavy: str, width: int) -> None:
    page = open_tab("/?q=heavy", viewport={"width": width, "height": 640})
    times = page.locator("td.when")

    expect(times.first).to_be_visible()
    cut = times.evaluate_all(
        "all => all.filter((each) => {"
        " each.textContent = '13 min ago';"
        " return each.scrollWidth > each.clientWidth; }).length"
    )

    assert cut == 0


def test_what_drops_down_is_within_the_screen(open_tab: OpenTab, heavy: str) -> None:
    page = open_tab("/collections/staging/heavy/tools_0/", viewport={"width": 360, "height": 640})

    page.locator("summary", has_text="Delete").click()

    expect(page.get_by_role("link", name="The whole collection")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_what_needs_scripts_is_not_there_without_them(open_tab: OpenTab, heavy: str) -> None:
    page = open_tab(f"/tasks/{heavy}/", java_script_enabled=False)

    expect(page.get_by_role("heading", name="Facts")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
