"""Repositories and remotes are found and ordered by how their last sync went."""

from __future__ import annotations

import make
import pytest
from django.test import Client, override_settings

from cartwheel.engine.models import ProgressReport, Task
from cartwheel.registry.models import CollectionRemote, Repository, User

STATES = ("running", "completed", "failed", "canceled")


@pytest.fixture
def synced(db: None) -> None:
    """A repository and its remote for each state, the first synced first; and one of each without any sync."""
    for state in (*STATES, ""):
        name = f"my-{state or 'new'}"
        task = Task.objects.create(name="sync", state=state) if state else None
        remote = CollectionRemote.objects.create(name=name, url="https://x.example.org/", last_sync_task=task)
        Repository.objects.create(name=name, remote=remote, last_sync_task=task)


def found(client: Client, path: str) -> list[str]:
    page = client.get(path).context["page"]
    return [each.name for each in page.rows]


@pytest.mark.parametrize("page", ["/repositories/", "/remotes/"])
@pytest.mark.parametrize(
    ("sync", "names"),
    [
        ("going", ["my-running"]), ("completed", ["my-completed"]), ("failed", ["my-failed"]),
        ("canceled", ["my-canceled"]), ("never", ["my-new"]),
        ("nonsense", ["my-canceled", "my-completed", "my-failed", "my-new", "my-running"]),
    ],
)  # fmt: skip
def test_a_list_shows_those_whose_last_sync_is_in_a_state(
    client: Client, admin: User, synced: None, page: str, sync: str, names: list[str]
) -> None:
    client.force_login(admin)

    assert found(client, f"{page}?q=my-&sync={sync}") == names


@pytest.mark.parametrize("page", ["/repositories/", "/remotes/"])
def test_the_one_that_was_synced_last_comes_first(
    client: Client, admin: User, synced: None, page: str
) -> None:
    client.force_login(admin)

    names = [*(f"my-{state}" for state in reversed(STATES)), "my-new"]
    assert found(client, f"{page}?q=my-&order=synced") == names


def test_a_sync_that_one_may_not_know_of_is_none(client: Client, alice: User, synced: None) -> None:
    client.force_login(alice)

    with override_settings(CONFIG=make.config(tasks_visible_to="owners")):
        assert found(client, "/repositories/?q=my-&sync=failed") == []
        assert "my-failed" in found(client, "/repositories/?q=my-&sync=never")


@pytest.mark.parametrize("page", ["/repositories/", "/remotes/"])
def test_a_list_tells_how_far_a_sync_is_and_follows_it(
    client: Client, admin: User, synced: None, page: str
) -> None:
    client.force_login(admin)
    before = client.get(f"{page}?q=my-").content.decode()
    for task in Task.objects.all():
        ProgressReport.objects.create(
            task=task,
            code="sync",
            message="Downloading",
            state="running",
            total=40,
            done=12,
            suffix="artifacts",
        )

    html = client.get(f"{page}?q=my-").content.decode()

    assert html.count("12 of 40 artifacts") == 1  # what has ended says only how it ended
    assert 'data-follows="tasks progress"' in html
    assert 'data-follows="tasks"' in before


@pytest.mark.parametrize("page", ["/collections/?q=x", "/repositories/?q=x", "/remotes/?q=x"])
@pytest.mark.parametrize(("more", "unfolded"), [("", 0), ("&order=new&sync=failed", 1)])
def test_filters_that_narrow_screens_fold_are_unfolded_when_one_is_set(
    client: Client, admin: User, page: str, more: str, unfolded: int
) -> None:
    client.force_login(admin)

    html = client.get(page + more).content.decode()

    assert html.count('<details class="narrowing"') == 1
    assert html.count('<details class="narrowing" open>') == unfolded


@pytest.mark.parametrize("page", ["/repositories/", "/repositories/my-failed/"])
def test_why_the_last_sync_failed_stands_apart_from_when(
    client: Client, admin: User, synced: None, page: str
) -> None:
    client.force_login(admin)
    Task.objects.filter(state="failed").update(error={"description": "It answered 503."})

    html = client.get(page).content.decode()

    assert (
        '</time></span> <span class="note problem" title="It answered 503.">It answered 503.</span>' in html
    )
