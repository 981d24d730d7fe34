"""The list of tasks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import make
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cartwheel.engine.models import Pause, ProgressReport, Task, TaskGroup
from cartwheel.engine.pausing import pause
from cartwheel.engine.states import State
from cartwheel.registry.contents import MODIFY, Modification, modify
from cartwheel.registry.models import Repository, RoleGrant, User
from cartwheel.web import listing
from cartwheel.web.moments import exact

pytestmark = pytest.mark.django_db

ENDED = timezone.now() - timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_figures_of_others() -> None:
    cache.clear()


@pytest.fixture
def page(client: Client, alice: User) -> Page:
    client.force_login(alice)
    return Page(client)


class Page:
    """The list as Alice sees it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def text(self, path: str = "/") -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return answer.content.decode()

    def titles(self, path: str = "/") -> list[str]:
        return [
            unescape(title)
            for title in re.findall(r'<a href="/tasks/[0-9a-f-]+/" data-open>([^<]*)</a>', self.text(path))
        ]

    def row(self, task: Task, path: str = "/") -> str:
        found = re.search(rf'<tr role="row" id="task-{task.pk}".*?</tr>', self.text(path), re.S)
        assert found
        return found[0]


def row(title: str = "A task", state: str = "completed", **details: object) -> Task:
    return Task.objects.create(title=title, name="some.task", state=state, **details)


def many(count: int, state: str = "completed", *, until: datetime = ENDED) -> None:
    Task.objects.bulk_create(
        Task(title=f"{state} {n}", name="some.task", state=state, created_at=until - timedelta(seconds=n))
        for n in range(count)
    )


def test_running_comes_first_then_waiting_then_ended_each_newest_first(page: Page) -> None:
    for state in ("failed", "waiting", "canceling", "completed", "running", "waiting", "skipped", "canceled"):
        row(state, state)

    assert page.titles() == [
        "running", "canceling", "waiting", "waiting", "canceled", "skipped", "completed", "failed",
    ]  # fmt: skip


def test_a_row_tells_what_who_when_and_how_long(page: Page, bob: User) -> None:
    begun = timezone.now() - timedelta(minutes=5)
    task = row(
        "Sync <community>", created_by=bob, created_at=begun, started_at=begun,
        finished_at=begun + timedelta(seconds=192),
    )  # fmt: skip

    text = page.row(task)

    assert '<span class="state" data-state="completed">Completed</span>' in text
    assert "Sync &lt;community&gt;" in text
    assert '<span class="name" title="some.task">some.task</span>' in text
    assert ">bob</td>" in text
    assert ">5 min ago</time>" in text
    assert f'title="{begun:%Y-%m-%d %H:%M:%S} UTC"' in text
    assert ">3 min 12 s</td>" in text


def test_a_task_without_a_title_is_called_by_its_name(page: Page) -> None:
    task = row("", "running")

    text = page.row(task)

    assert f'<a href="/tasks/{task.pk}/" data-open>some.task</a>' in text
    assert 'class="name"' not in text


def test_what_runs_shows_its_progress_and_a_time_that_ticks(page: Page, still: datetime) -> None:
    task = row("Sync", "running", started_at=still - timedelta(seconds=42))
    ProgressReport.objects.create(task=task, message="Reading", state="completed", total=5, done=5)
    ProgressReport.objects.create(
        task=task, message="Downloading", state="running", total=40, done=12, suffix="files"
    )
    ProgressReport.objects.create(task=task, message="Importing", state="waiting", total=40)

    text = page.row(task)

    assert "Downloading" in text
    assert '<progress aria-label="Downloading" value="12" max="40">' in text
    assert "12 of 40 files" in text
    assert "data-since>42 s</time>" in text
    assert f'title="Started {exact(still - timedelta(seconds=42))}"' in text


def test_what_does_not_know_yet_how_much_there_is_does_not_speak_of_it(page: Page) -> None:
    task = row("Sync", "running", started_at=timezone.now())
    ProgressReport.objects.create(task=task, message="Parsing", state="running", total=0, done=0)

    text = page.row(task)

    assert "of 0" not in text
    assert '<progress aria-label="Parsing"></progress>' in text


def test_what_waits_says_for_what(page: Page) -> None:
    published = make.repository("published")
    holder = make.task(exclusive=[published.prn])

    second = make.task(exclusive=[published.prn, "lamp"])

    assert "Waits for a worker" in page.row(holder)
    assert "Waits for published" in page.row(second)


def test_what_waits_for_its_time_or_a_pause_says_so(page: Page) -> None:
    later = make.task(not_before=datetime(2040, 3, 1, 9, 0, tzinfo=UTC))
    held = make.task()

    pause(Pause.Scope.HUB)

    assert "Waits until 2040-03-01 09:00:00 UTC" in page.row(later)
    assert "Waits for the end of a pause" in page.row(held)


def test_an_error_is_told_in_one_line(page: Page) -> None:
    task = row(
        "Import", "failed", error={"description": "The tarball\n is <broken>.", "traceback": "File secret.py"}
    )

    text = page.row(task)

    assert (
        '<span class="problem" title="The tarball is &lt;broken&gt;.">The tarball is &lt;broken&gt;.</span>'
        in text
    )
    assert "secret.py" not in text


@pytest.mark.parametrize(
    "error", ["just text", ["a", "list"], {}, {"description": None}, {"reason": "why"}, 5]
)
def test_whatever_somebody_wrote_as_the_error_the_list_is_shown(page: Page, error: object) -> None:
    task = row("Odd", "failed", error=error)

    assert ("why" in page.row(task)) == (error == {"reason": "why"})


def test_each_state_is_counted_and_can_be_chosen(page: Page) -> None:
    many(3, "failed")
    row("Sync", "running")

    text = page.text()

    assert re.search(r'data-state="failed">Failed</span> <b>3</b>', text)
    assert re.search(r'data-state="waiting">Waiting</span> <b>0</b>', text)
    assert page.titles("/?state=running") == ["Sync"]
    assert len(page.titles("/?state=running&state=failed")) == 4


def test_counting_stops_where_it_would_take_time(page: Page) -> None:
    many(1005)

    assert "<b>1,000+</b>" in page.text()


def test_text_is_found_in_titles_names_and_people(page: Page, alice: User) -> None:
    by_title, by_name, by_person = row("Sync community"), row("x"), row("y", created_by=alice)
    Task.objects.filter(pk=by_name.pk).update(name="app.tasks.sync")

    assert page.titles("/?q=SYNC") == ["x", "Sync community"]
    assert page.titles("/?q=alice") == ["y"]
    assert page.titles(f"/?q={by_title.pk}") == ["Sync community"]
    assert page.titles(f"/?q={by_person.pk}&state=failed") == []


def test_those_of_a_group_or_of_a_parent_are_found(page: Page) -> None:
    group = TaskGroup.objects.create(description="Move two versions")
    parent = row("Parent", task_group=group)
    row("Child", parent_task=parent)
    row("Sibling", task_group=group)

    text = page.text(f"/tasks/{parent.pk}/")

    assert page.titles(f"/?group={group.pk}") == page.titles("/?group=two+versions") == ["Sibling", "Parent"]
    assert page.titles(f"/?parent={parent.pk}") == ["Child"]
    assert page.titles("/?parent=Parent") == []
    assert "</span> Move two versions <" in page.text(f"/?group={group.pk}")
    assert "</span> Parent <" in page.text(f"/?parent={parent.pk}")
    assert f'href="/?group={group.pk}"' in text
    assert f'href="/?parent={parent.pk}"' in text


def test_text_is_kept_while_states_are_chosen_and_the_other_way_round(page: Page) -> None:
    text = page.text("/?q=a%26b&state=failed")

    assert 'href="?state=failed&amp;state=completed&amp;q=a%26b"' in text
    assert '<input type="hidden" name="state" value="failed">' in text
    assert 'value="a&amp;b"' in text


def test_what_is_not_understood_in_an_address_is_passed_over(page: Page) -> None:
    row("A task")

    for query in (
        "?state=gone",
        "?after=x",
        "?after=ended~x~y",
        "?after=ended~2026-01-01~" + "0" * 32,
        "?q=%00",
        "?x=1",
    ):
        assert page.titles(f"/{query}") == ["A task"]


def test_pages_lead_through_all_tasks_once(page: Page) -> None:
    many(150)
    many(70, "failed")  # at the very same times as the others
    many(30, "waiting")

    seen, path, pages = [], "/", 0
    while path:
        text = page.text(path)
        seen += re.findall(r'id="task-([0-9a-f-]+)"', text)
        pages += 1
        more = re.search(r'rel="next" href="([^"]+)"', text)
        path = unescape(more[1]) if more else ""

    assert pages == 3
    assert len(seen) == len(set(seen)) == 250


def test_an_empty_list_says_what_to_do(page: Page) -> None:
    text = page.text()

    assert "Nothing has happened yet" in text
    assert "--server http://testserver/api/automation-hub/" in text
    assert '<a class="button primary" href="/upload/">' in text


def test_a_search_that_finds_nothing_says_how_to_get_back(page: Page) -> None:
    assert "Nothing matches" in page.text("/?q=zzz")


def test_a_view_is_shared_as_a_link(page: Page) -> None:
    text = page.text("/?state=failed&q=tools&person=bob&sort=oldest")

    assert 'data-copy="http://testserver/?state=failed&amp;q=tools&amp;person=bob&amp;sort=oldest"' in text


def emptied(shelf: str, by: User) -> Task:
    """A failed task that was to empty a new repository, which is theirs to modify."""
    repository = make.repository(shelf)
    make.grant(by, MODIFY, on=repository)
    task = modify(repository, Modification(remove_all=True), by=by)
    Task.objects.filter(pk=task.pk).update(state="failed", finished_at=timezone.now())
    return task


def test_run_again_is_offered_where_one_may_and_it_works(page: Page, alice: User) -> None:
    kept, lost = emptied("kept", alice), emptied("lost", alice)
    RoleGrant.objects.filter(object_id=str(Repository.objects.get(name="lost").pk)).delete()
    unknown = row("Unknown", "failed", created_by=alice)

    offered = [each for each in (kept, lost, unknown) if "/repeat/" in page.row(each)]
    question = page.text(f"/tasks/repeats/?id={kept.pk}&id={lost.pk}&id={unknown.pk}")

    assert offered == [kept]
    assert "Run 1 task again?" in question
    assert "1 is not yours to act on." in question
    assert "1 of the selected has not ended, or cannot be repeated." in question


def test_more_rows_to_run_again_cost_no_more_statements(page: Page, alice: User) -> None:
    emptied("shelf", alice)
    few = statements(page)

    for number in range(20):
        emptied(f"shelf-{number}", alice)

    assert page.text().count("/repeat/") == 21
    assert statements(page) <= few


def statements(page: Page, path: str = "/") -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page.text(path)
    return len(captured)


def test_more_rows_cost_no_more_statements(page: Page) -> None:
    for state in ("running", "waiting", "completed", "failed"):
        row(state, state)
    make.task(exclusive=["lamp"])
    make.task(exclusive=["lamp"])
    few = statements(page)

    for number in range(20):
        task = row(f"r{number}", "running")
        ProgressReport.objects.create(task=task, message="x", state="running", total=3, done=1)
        make.task(exclusive=["lamp"], by=make.user(f"user{number}"))
    many(50)

    assert statements(page) <= few <= 18


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the plan is read in SQLite's words")
def test_a_million_ended_tasks_would_not_be_read(page: Page) -> None:
    many(300)

    with CaptureQueriesContext(connection) as captured:
        page.text()
        page.text("/?state=completed")

    plans = []
    for query in captured.captured_queries:
        if "engine_task" in query["sql"] and query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + query["sql"].replace("%", "%%"))
                plans += [line[3] for line in cursor.fetchall()]
    assert [line for line in plans if "task_by_state" in line]
    assert [line for line in plans if line.startswith("SCAN engine_task")] == []


def test_only_so_many_of_the_newest_tasks_are_searched(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "SEARCHED", 5)
    many(7)

    text = page.text("/?q=completed")

    assert "Only the newest" in text
    assert len(re.findall(r'id="task-', text)) == 6


def test_a_live_row_is_the_row_of_the_page(page: Page, bob: User, still: datetime) -> None:
    published = make.repository("published")
    tasks = [
        row("Running", "running", started_at=still, created_by=bob),
        row("Failed", "failed", error={"description": "Broken."}),
        make.task(exclusive=[published.prn]),
        make.task(exclusive=[published.prn]),
    ]
    ProgressReport.objects.create(task=tasks[0], message="Downloading", state="running", total=40, done=12)

    live = page.text("/tasks/rows/?" + "&".join(f"id={task.pk}" for task in tasks))

    for task in tasks:
        assert page.row(task) in live


def test_live_counts_are_the_counts_of_the_page(page: Page) -> None:
    many(3)

    assert page.text("/tasks/counts/?state=failed&q=x").strip() in page.text("/?state=failed&q=x")


def test_a_live_row_must_match_the_search_of_its_page(page: Page) -> None:
    task = row("Sync", "running")

    rows = f"/tasks/rows/?id={task.pk}"

    assert "Sync" in page.text(f"{rows}&state=running&q=sync")
    assert page.text(f"{rows}&state=failed").strip() == ""
    assert page.text(f"{rows}&q=other").strip() == ""
    assert page.text("/tasks/rows/?id=nonsense").strip() == ""
    assert page.text("/tasks/rows/").strip() == ""


def test_stop_is_offered_to_those_who_may(page: Page, client: Client, admin: User) -> None:
    task = row("Sync", "running")

    assert "Stop" not in page.row(task)
    client.force_login(admin)
    assert f'href="/tasks/{task.pk}/cancellation/" aria-label="Stop Sync"' in page.row(task)


@pytest.mark.parametrize("state", [*State.values])
def test_stop_is_offered_while_it_means_something(
    page: Page, client: Client, admin: User, state: str
) -> None:
    client.force_login(admin)

    task = row("Sync", state)

    assert ("/cancellation/" in page.row(task)) == (state in ("running", "waiting"))


def test_no_search_tells_what_private_repositories_are_called(page: Page, alice: User) -> None:
    secret = make.repository("project-x", private=True)
    make.task(title="Tidy up", by=alice, exclusive=[secret.prn])

    before = [page.titles("/?q=project-x"), page.titles("/?resource=project-x&sort=title")]
    make.grant(alice, "ansible.view_ansiblerepository", on=secret)
    after = [page.titles("/?q=project-x"), page.titles("/?resource=project-x&sort=title")]

    assert before == [[], []]
    assert after == [["Tidy up"], ["Tidy up"]]


def test_each_navigation_of_a_long_list_has_a_name_of_its_own(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    for _ in range(3):
        Task.objects.create(name="some.task", state="completed", finished_at=ENDED)

    names = re.findall(r'<nav [^>]*aria-label="([^"]*)"', page.text())

    assert "Pages of this list" in names
    assert len(set(names)) == len(names)
