"""One task's page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import make
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cartwheel.engine.gate import HUB
from cartwheel.engine.models import CreatedResource, LogLine, Pause, ProgressReport, Task, TaskGroup, Worker
from cartwheel.engine.pausing import pause
from cartwheel.engine.stopping import cancel
from cartwheel.registry.contents import Modification, modify
from cartwheel.registry.models import CollectionImport, RoleGrant, User
from cartwheel.web.detail import LOG_LINES

pytestmark = pytest.mark.django_db


def row(title: str = "A task", state: str = "completed", **details: object) -> Task:
    return Task.objects.create(title=title, name="some.task", state=state, **details)


def text_of(client: Client, task: Task, part: str = "") -> str:
    answer = client.get(f"/tasks/{task.pk}/{part}")
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    """What one reads: no tags, single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<wbr>", "", html))).split())


@pytest.fixture
def as_alice(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def test_it_tells_what_who_when_and_where(as_alice: Client, bob: User) -> None:
    begun = timezone.now() - timedelta(minutes=5)
    task = row(
        "Sync community", "running", created_by=bob, created_at=begun, started_at=begun, attempt=2,
        worker=Worker.objects.create(name="706@hub-1"), logging_cid="0b6c6a0c5c2f",
    )  # fmt: skip

    page = words(text_of(as_alice, task))

    for each in (
        "Sync community Running", "Name some.task", "Asked by bob", "Created 5 min ago", "Worker 706@hub-1",
        "Attempt 2", f"Id {task.pk}", "Correlation id 0b6c6a0c5c2f",
    ):  # fmt: skip
        assert each in page


def test_the_time_line_tells_where_the_time_went(as_alice: Client) -> None:
    begun = timezone.now() - timedelta(hours=1)
    task = row(
        created_at=begun, unblocked_at=begun + timedelta(seconds=90), started_at=begun + timedelta(seconds=95),
        finished_at=begun + timedelta(seconds=195),
    )  # fmt: skip

    page = words(text_of(as_alice, task))

    assert "Waited for resources 1 min 30 s Waited for a worker 5.0 s Ran 1 min 40 s" in page


def test_why_it_waits_names_the_holder_and_the_place_in_line(as_alice: Client) -> None:
    published = make.repository("published")
    holder = make.task(exclusive=[published.prn], title="Move acme.tools")
    make.task(exclusive=[published.prn])
    task = make.task(exclusive=[published.prn])

    page = text_of(as_alice, task)

    assert f'<a class="task-link" href="/tasks/{holder.pk}/">Move acme.tools</a>' in page
    assert "published is in use by Move acme.tools Waiting 1 more task comes before this one." in words(page)


def test_without_workers_it_says_so(as_alice: Client) -> None:
    assert "no worker is running" in words(text_of(as_alice, make.task()))


def test_with_busy_workers_it_says_how_many_come_first(as_alice: Client) -> None:
    make.worker()
    make.task()
    make.task()

    page = words(text_of(as_alice, make.task()))

    assert "the only worker is busy, and 2 more tasks come before this one." in page


def test_a_pause_is_told_with_its_reason(as_alice: Client) -> None:
    pause(Pause.Scope.HUB, reason="The disk is being moved.")

    page = words(text_of(as_alice, make.task()))

    assert "The hub starts no tasks at present: The disk is being moved." in page


def test_who_waits_for_its_time_says_until_when(as_alice: Client) -> None:
    task = make.task(not_before=datetime(2040, 3, 1, 9, 0, tzinfo=UTC))

    assert "It is to start at 2040-03-01 09:00:00 UTC , not before." in words(text_of(as_alice, task))


def test_what_was_canceled_before_its_time_is_not_said_to_have_waited_for_resources(as_alice: Client) -> None:
    task = make.task(not_before=datetime(2040, 3, 1, 9, 0, tzinfo=UTC))
    cancel(task)

    page = text_of(as_alice, task)

    assert "Waited for its time" in page
    assert "Waited for resources" not in page


def test_who_has_to_let_another_pass_says_whom(as_alice: Client) -> None:
    gate = make.task(exclusive=[HUB], title="Repair the hub")

    page = text_of(as_alice, make.task())

    assert f'<a class="task-link" href="/tasks/{gate.pk}/">Repair the hub</a>' in page
    assert "It has to let a task pass that needs the hub for itself." in words(page)


def test_all_reports_are_shown_also_after_a_failure(as_alice: Client) -> None:
    task = row(state="failed", error={"description": "Broken."})
    ProgressReport.objects.create(task=task, message="Reading", state="completed", total=5, done=5)
    ProgressReport.objects.create(task=task, message="Downloading", state="failed", total=40, done=12)

    page = words(text_of(as_alice, task))

    assert "Reading 5 of 5" in page
    assert "Downloading 12 of 40" in page
    assert "Broken." in page


def test_the_traceback_is_for_who_asked_and_for_operators(
    client: Client, alice: User, bob: User, admin: User
) -> None:
    task = row(
        state="failed", created_by=alice, error={"description": "Broken.", "traceback": "File secret.py <x>"}
    )

    client.force_login(bob)
    assert "secret.py" not in text_of(client, task)
    assert "secret.py" not in text_of(client, task, "live/")
    for each in (alice, admin):
        client.force_login(each)
        assert "File secret.py &lt;x&gt;" in text_of(client, task)


def test_a_failure_without_words_is_told_as_that(as_alice: Client) -> None:
    assert "It failed and did not say why." in text_of(as_alice, row(state="failed", error="?"))


def test_the_log_is_for_who_asked_and_for_operators(
    client: Client, alice: User, bob: User, admin: User
) -> None:
    task = row(created_by=alice)
    line = LogLine.objects.create(task=task, time=timezone.now(), level="WARNING", message="Mind the <gap>")

    for user, reads in ((alice, True), (bob, False), (admin, True)):
        client.force_login(user)
        assert ("Mind the &lt;gap&gt;" in text_of(client, task)) == reads
        assert ("Its log, arguments and traceback are for" in text_of(client, task)) != reads
        assert ("Mind the" in text_of(client, task, f"log/?after={line.pk - 1}")) == reads


def test_its_arguments_are_for_who_asked_and_for_operators_and_tell_no_secrets(
    client: Client, alice: User, bob: User, admin: User
) -> None:
    change = {"url": "https://far.example.org/", "token": "sealed-token"}
    task = make.task("pulpcore.app.tasks.base.ageneral_update", args=("remote", "some-id", change), by=alice)

    for user, reads in ((alice, True), (bob, False), (admin, True)):
        client.force_login(user)
        page = unescape(text_of(client, task))
        assert ('"identifier": "some-id"' in page) == reads
        assert ("https://far.example.org/" in page) == reads
        assert "sealed-token" not in page


def test_arguments_of_an_unknown_function_are_told_as_they_were_given(as_admin: Client) -> None:
    page = unescape(text_of(as_admin, row(args=["first", 12345678901234567890], kwargs={"two": 2})))

    assert '"1": "first"' in page
    assert '"2": 12345678901234567890' in page
    assert '"two": 2' in page
    assert 'id="arguments"' not in text_of(as_admin, row())


def test_live_lines_are_those_after_the_last_one_shown(as_admin: Client) -> None:
    task = row()
    lines = [
        LogLine.objects.create(task=task, time=timezone.now(), level="INFO", message=f"line {n}")
        for n in range(3)
    ]

    later = text_of(as_admin, task, f"log/?after={lines[0].pk}")

    assert "line 0" not in later
    assert later.strip() in text_of(as_admin, task)
    assert text_of(as_admin, task, "log/?after=x") == text_of(as_admin, task, "log/") == ""


@pytest.mark.parametrize(("more", "is_cut"), [(0, False), (1, True)])
def test_a_log_is_said_to_be_cut_only_if_lines_are_missing(as_admin: Client, more: int, is_cut: bool) -> None:
    task, now = row(), timezone.now()
    LogLine.objects.bulk_create(
        LogLine(task=task, time=now, level="INFO", message="x") for _ in range(LOG_LINES + more)
    )

    assert (f"The last {LOG_LINES} lines" in text_of(as_admin, task)) is is_cut


def test_resources_and_what_was_made_have_names(as_alice: Client) -> None:
    version = make.version("acme.tools", "1.4.0")
    published = make.repository("published")
    task = make.task(exclusive=[published.prn], shared=["prn:core.lamp:12"])
    for path in (
        f"content/ansible/collection_versions/{version.pk}/",
        f"repositories/ansible/ansible/{published.pk}/versions/3/",
        "some/other/",
    ):
        CreatedResource.objects.create(task=task, path=path)

    page = text_of(as_alice, task)

    assert "published exclusive" in words(page)
    assert "lamp 12 shared" in words(page)
    assert "whole hub" not in page
    assert (
        f'href="/api/automation-hub/pulp/api/v3/content/ansible/collection_versions/{version.pk}/">acme.tools 1.4.0<'
        in page
    )
    assert ">published, version 3<" in page
    assert ">some/other/<" in page


def test_an_import_leads_to_its_page_and_back(as_alice: Client) -> None:
    task = row("Import acme.tools 1.0.0", "failed")
    CollectionImport.objects.create(task=task, namespace="acme", name="tools", version="1.0.0")
    there = f"/imports/{task.pk}/"

    leads = re.search(rf'<a href="{there}">([^<]*)</a>', text_of(as_alice, task))

    assert leads
    assert leads[1] == "acme.tools 1.0.0"
    page = as_alice.get(there).content.decode()
    assert f'<a href="/tasks/{task.pk}/">' in page
    assert f'<a href="{there}">' not in page


def test_parent_children_and_group_are_linked_with_their_states(as_alice: Client) -> None:
    group = TaskGroup.objects.create(description="Nightly")
    parent = row("The parent")
    task = row("The task", parent_task=parent, task_group=group)
    child = row("The child", "failed", parent_task=task)
    other = row("The other", "running", task_group=group)

    page = text_of(as_alice, task)

    for each, state in ((parent, "Completed"), (child, "Failed"), (other, "Running")):
        assert f'href="/tasks/{each.pk}/">{each.title}</a>' in page
        assert f"{each.title} {state}" in words(page)
    assert "Others of its group: Nightly" in page


def test_who_stopped_it_is_told(as_alice: Client, admin: User, still: datetime) -> None:
    stopping = row(state="canceling", stopped_by=admin, canceling_at=still, started_at=still)
    stopped = row(state="canceled", stopped_by=admin, canceling_at=still, finished_at=still)

    assert "It was asked to stop by admin just now and is killed if it does not." in words(
        text_of(as_alice, stopping)
    )
    assert "Stopped by admin just now" in words(text_of(as_alice, stopped))


def test_of_a_part_that_one_may_not_stop_alone_one_may_stop_the_whole(
    as_alice: Client, alice: User, bob: User
) -> None:
    whole = row("Sync everything", "running", created_by=alice)
    part = row("Sync community", "running", created_by=bob, parent_task=whole)
    stop = f'href="/tasks/{whole.pk}/cancellation/" title="Sync everything" data-ask>Stop the whole act</a>'

    assert stop in text_of(as_alice, part)

    Task.objects.filter(pk=whole.pk).update(state="completed")
    assert "Stop the whole act" not in text_of(as_alice, part)
    Task.objects.filter(pk=whole.pk).update(state="running", created_by=bob)
    assert "Stop the whole act" not in text_of(as_alice, part)
    Task.objects.filter(pk=part.pk).update(created_by=alice)
    assert f'href="/tasks/{part.pk}/cancellation/" data-ask>Stop</a>' in text_of(as_alice, part)


def test_the_live_part_is_the_part_of_the_page(as_admin: Client) -> None:
    task = row("Sync", "running", created_at=timezone.now() - timedelta(minutes=90))
    ProgressReport.objects.create(task=task, message="Downloading", state="running", total=40, done=12)

    live, page = text_of(as_admin, task, "live/"), text_of(as_admin, task)

    title, rest = live.split("\n", 1)
    main, side = rest.split('<div id="side" class="side" hx-swap-oob="true">')
    assert title in page
    assert main.strip() in page
    assert side.strip() in page


def test_run_again_is_offered_only_while_one_may_still_do_what_the_task_does(
    client: Client, alice: User
) -> None:
    shelf = make.repository("shelf")
    make.grant(alice, "ansible.modify_ansible_repo_content", on=shelf)
    done = modify(shelf, Modification(remove_all=True), by=alice)
    Task.objects.filter(pk=done.pk).update(state="completed", finished_at=timezone.now())
    client.force_login(alice)

    before = text_of(client, done)
    RoleGrant.objects.all().delete()
    after = text_of(client, done)

    assert f'href="/tasks/{done.pk}/repeat/"' in before
    assert f'href="/tasks/{done.pk}/repeat/"' not in after
    assert client.get(f"/tasks/{done.pk}/repeat/").status_code == 403


def test_more_of_everything_costs_no_more_statements(as_admin: Client) -> None:
    def fill(task: Task, count: int) -> None:
        for number in range(count):
            ProgressReport.objects.create(task=task, message="x", state="running", total=3, done=1)
            LogLine.objects.create(task=task, time=timezone.now(), level="INFO", message="x")
            CreatedResource.objects.create(task=task, path=f"{number}/")
            row(f"child {number}", parent_task=task)
            row(f"other {number}", task_group=task.task_group)

    def statements(task: Task) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(as_admin, task)
        return len(captured)

    little, much = (make.task(exclusive=["a", "b"], group=TaskGroup.objects.create()) for _ in range(2))
    make.task(exclusive=["a"])
    fill(little, 1)
    fill(much, 15)

    assert statements(much) <= statements(little) + 1  # it waits, and the other one holds
    assert statements(much) <= 18


def test_what_is_not_there_is_not_found(as_alice: Client) -> None:
    for part in ("", "live/", "log/"):
        answer = as_alice.get(f"/tasks/{uuid4()}/{part}")
        assert answer.status_code == 404
    assert as_alice.get("/tasks/nonsense/").status_code == 404
