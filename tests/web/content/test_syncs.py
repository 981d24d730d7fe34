"""A remote, a repository, and its syncs from another hub, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import processes
import pytest
from hub import Hub, running_hub
from playwright.sync_api import Page, expect

from .conftest import Content, OpenTab

NAMES = [f"tool_{number:02}" for number in range(12)]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Another hub, which has collections in community."""
    with running_hub(tmp_path_factory.mktemp("source") / "data", workers="2") as started:
        content = Content(started)
        content.namespace("far")
        for name in NAMES:
            content.small(f"far.{name}")
        yield started


def make_remote(page: Page, name: str, source: Hub, **more: str) -> None:
    page.goto("/remotes/")
    page.get_by_role("link", name="New remote").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("URL", exact=True).fill(f"{source.api}content/community/")
    token = source.request("POST", "v3/auth/token/").json()["token"]
    page.get_by_label("Token", exact=False).first.fill(token)
    page.get_by_text("Certificates, proxy, limits, labels").click()
    for label, value in more.items():
        page.get_by_label(re.compile(label)).fill(value)
    page.get_by_role("button", name="Create remote").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert token not in page.content()


def test_a_sync_from_another_hub_is_followed_stopped_and_done_again(open_tab: OpenTab, source: Hub) -> None:
    name = f"r{uuid4().hex[:8]}"
    page = open_tab("/")
    make_remote(page, name, source, **{"Requests a second": "1"})
    page.get_by_role("link", name="New repository with this remote").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create repository").click()

    page.get_by_role("link", name="Sync", exact=True).click()
    page.get_by_role("button", name="Start sync").click()
    now = page.get_by_role("region", name="Sync under way")
    expect(now.locator(".bar").first).to_be_visible()
    with processes.at_rest(*processes.descendants(source.process.pid)):
        expect(now).to_contain_text("Running")
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        page.get_by_role("link", name="Stop sync", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()

        states = page.locator("#syncs tbody .state")
        expect(states).to_have_text(["Canceled"])
    expect(now).to_have_count(0)
    page.get_by_role("navigation", name="About this repository").get_by_role("link", name="Overview").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_text("Certificates, proxy, limits, labels").click()
    page.get_by_label(re.compile("Requests a second")).fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").get_by_text("Completed")).to_be_visible()
    page.goto(f"/repositories/{name}/syncs/")
    page.get_by_role("link", name="Run again").click()
    page.get_by_role("dialog").get_by_role("button", name="Run again").click()

    expect(states).to_have_text(["Completed", "Canceled"])
    expect(page.get_by_role("link", name="Sync", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="About this repository").get_by_role("link", name="Content").click()
    expect(page.locator("#content tbody tr")).to_have_count(len(NAMES))
    page.goto(f"/repositories/?q={name}&sync=completed")
    expect(page.get_by_role("row", name=name)).to_contain_text("Completed")
    page.get_by_label("Last sync").select_option("Failed")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_without_scripts_a_remote_and_a_repository_are_made_and_synced(
    hub: Hub, open_tab: OpenTab, source: Hub
) -> None:
    name = f"r{uuid4().hex[:8]}"
    page = open_tab("/", java_script_enabled=False)
    make_remote(page, name, source)
    page.get_by_role("link", name="New repository with this remote").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create repository").click()
    page.get_by_role("link", name="Sync", exact=True).click()
    page.get_by_role("button", name="Start sync").click()

    row = page.locator("#syncs tbody tr").first
    sync = str(row.get_by_role("link").first.get_attribute("href")).strip("/").rpartition("/")[2]
    hub.wait(sync, "completed")
    page.reload()
    expect(row).to_contain_text("Completed")
    expect(page.locator("#notices")).to_contain_text("Completed")
    page.goto(f"/repositories/{name}/")
    expect(page.locator("#overview")).to_contain_text(f"{len(NAMES)} collections")
