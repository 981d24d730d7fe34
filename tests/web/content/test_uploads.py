"""From a file to an installed collection: upload, import, approval, installation."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from uuid import uuid4

import pytest
from clients import Clients
from patience import eventually
from playwright.sync_api import Dialog, Route, expect

from .conftest import Content, OpenTab, Person, drop, packed

SLOW, FAST = (
    {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate}
    for rate in (20_000, -1)
)


def test_from_a_dropped_file_to_an_installed_collection(
    content: Content, open_tab: OpenTab, clients: Clients, namespace: str, tmp_path: Path
) -> None:
    page = open_tab("/upload/", permissions=["clipboard-read", "clipboard-write"])

    drop(page.locator("#zone"), packed(tmp_path, f"{namespace}.tools"))
    expect(page.locator("#log")).to_contain_text("Collection loading complete")
    page.get_by_role("link", name="waits for approval").click()
    page.get_by_label(f"Select {namespace}.tools 1.0.0").check()
    page.get_by_role("button", name="Approve selected").click()
    index = f"v3/plugin/ansible/content/published/collections/index/{namespace}/tools/"
    eventually(lambda: clients.hub.request("GET", index).ok, what="the approval")
    page.goto(f"/collections/published/{namespace}/tools/")
    page.get_by_role("button", name="Copy", exact=True).first.click()
    expect(page.locator("#said")).to_have_text("Copied")
    page.locator("summary", has_text="Delete").click()
    expect(page.get_by_role("link", name="This version")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="This version")).to_be_hidden()

    command = page.evaluate("navigator.clipboard.readText()")
    token = clients.hub.request("POST", "v3/auth/token/").json()["token"]
    kept = clients.home / ".ansible/galaxy_token"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(f"token: {token}\n")
    clients.run(*shlex.split(command), expect=0)
    assert clients.installed(f"{namespace}.tools").is_dir()


def test_how_far_each_of_several_files_is_and_how_its_import_went(
    content: Content, open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    large = packed(tmp_path, f"{namespace}.large", files={"files/noise": os.urandom(1_000_000).hex()})
    page = open_tab("/upload/")
    network = page.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", SLOW)

    drop(page.locator("#zone"), large, packed(tmp_path, f"{namespace}.small"))

    sending = page.locator("#sending li")
    expect(sending.nth(0).locator(".figures")).to_have_text(re.compile(r"^[1-9]\d? %$"))
    expect(sending.nth(0).locator(".figures")).to_have_attribute(
        "aria-live", "off"
    )  # not read out, each of them
    expect(sending.nth(1).locator(".figures")).to_have_text("waits")
    network.send("Network.emulateNetworkConditions", FAST)
    for name in ("large", "small"):
        row = page.locator("#latest tr", has_text=f"{namespace}.{name} 1.0.0")
        expect(row).to_contain_text("Completed")
        expect(row).to_contain_text("staging")


def test_who_leaves_while_files_wait_is_asked_and_afterwards_not(
    content: Content, open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    page = open_tab("/upload/")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    held: list[Route] = []
    page.route(
        "**/upload/",
        lambda route: (
            held.append(route) if route.request.method == "POST" and not asked else route.fallback()
        ),
    )
    drop(page.locator("#zone"), packed(tmp_path, f"{namespace}.one"), packed(tmp_path, f"{namespace}.two"))
    eventually(lambda: page.evaluate("true") and held, what="the first file")

    page.get_by_role("link", name="Imports").first.click()
    eventually(lambda: page.evaluate("true") and asked, what="the question")
    assert page.url.endswith("/upload/")
    for route in held:
        route.continue_()
    expect(page.locator("#sending [data-state=completed]")).to_have_count(2)
    page.get_by_role("link", name="Imports").first.click()

    expect(page.get_by_role("heading", name="Your imports")).to_be_visible()
    assert asked == ["beforeunload"]


def test_the_log_of_an_import_grows_while_one_looks(
    content: Content, open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    page = open_tab("/upload/")

    content.stop_working()
    try:
        page.locator("#file").set_input_files(packed(tmp_path, f"{namespace}.tools"))
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.locator("#task .state").first).to_have_text("Waiting")
        expect(page.locator("#log")).not_to_contain_text("Collection loading complete")
    finally:
        content.go_on()

    expect(page.locator("#log")).to_contain_text("Collection loading complete")
    expect(page.locator("#task .state").first).to_have_text("Completed")
    expect(page.locator("#outcome")).to_contain_text("waits for approval")
    expect(page.locator("#side dt", has_text="Ended")).to_be_visible()
    expect(page.locator("#side dt", has_text="Import")).to_have_count(0)  # as before, and after a reload


def test_where_the_namespace_is_missing_a_link_leads_to_making_it(
    open_tab: OpenTab, person: Person, tmp_path: Path
) -> None:
    name = f"n{uuid4().hex[:10]}"
    page = open_tab("/upload/", user=person("galaxy.add_namespace"))

    drop(page.locator("#zone"), packed(tmp_path, f"{name}.tools"))
    page.locator("#sending").get_by_role("link", name=f"Make the namespace {name}").click()
    page.get_by_role("button", name="Create namespace").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_an_import_is_stopped_on_its_own_page_which_says_what_came_of_it(
    content: Content, open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    page = open_tab("/upload/")

    content.stop_working()
    try:
        page.locator("#file").set_input_files(packed(tmp_path, f"{namespace}.tools"))
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.locator("#task .state").first).to_have_text("Waiting")
        expect(page.get_by_text("Live", exact=True)).to_be_visible()  # the page that the upload led to
        page.get_by_role("link", name="Stop", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Stop task").click()

        expect(page.locator("#task .state").first).to_have_text("Canceled")
        expect(page.locator("#outcome")).to_contain_text("Nothing was published: it was stopped.")
    finally:
        content.go_on()
    expect(page).to_have_url(re.compile("/imports/"))
    expect(page.get_by_role("link", name="Run again")).to_have_count(0)


def test_what_is_no_collection_is_refused_with_a_reason_and_the_others_go_on(
    open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"nothing")
    page = open_tab("/upload/")

    drop(page.locator("#zone"), wrong, packed(tmp_path, f"{namespace}.tools"))

    expect(page.locator("#sending li").nth(0)).to_contain_text("Invalid filename wrong.zip")
    expect(page.locator("#sending li").nth(1)).to_contain_text("is being imported")


def test_a_failed_import_says_why_and_nothing_was_published(
    open_tab: OpenTab, content: Content, namespace: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{namespace}-tools-1.0.0.tar.gz"
    path.write_bytes(packed(tmp_path, f"{content.namespace()}.tools").read_bytes())
    page = open_tab("/upload/")

    drop(page.locator("#zone"), path)

    expect(page.locator("#task .state").first).to_have_text("Failed")
    expect(page.locator("#task .error")).to_be_visible()
    expect(page.locator("#outcome")).to_contain_text("Nothing was published")
    page.goto(f"/imports/?q={namespace}")
    expect(page.locator("#imports")).to_contain_text("Failed")


def test_rows_of_the_list_of_imports_come_and_go_on_while_one_looks(
    content: Content, open_tab: OpenTab, namespace: str
) -> None:
    page = open_tab(f"/imports/?q={namespace}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    content.small(f"{namespace}.tools")

    expect(page.locator("#imports tbody tr")).to_have_count(1)
    expect(page.locator("#imports tbody")).to_contain_text("Completed")


@pytest.mark.parametrize("act", ["Approve", "Reject"])
def test_several_are_approved_or_rejected_at_once(
    content: Content, open_tab: OpenTab, namespace: str, act: str
) -> None:
    for name in ("one", "two", "three"):
        content.small(f"{namespace}.{name}", to="staging")
    page = open_tab(f"/approval/?q={namespace}")

    expect(page.get_by_role("button", name=f"{act} selected")).to_be_disabled()
    page.get_by_label("Select all").check()
    page.get_by_label(f"Select {namespace}.two 1.0.0").uncheck()
    expect(page.locator("[data-chosen-count]")).to_have_text("2 selected")
    page.get_by_role("button", name=f"{act} selected").click()

    expect(page.locator("#versions tbody tr")).to_have_count(1)
    expect(page.locator("#versions")).to_contain_text(f"{namespace}.two")
    state = "approved" if act == "Approve" else "rejected"
    page.goto(f"/approval/?q={namespace}&state={state}")
    expect(page.locator("#versions tbody tr")).to_have_count(2)


def test_rows_keep_their_ticks_while_others_come(content: Content, open_tab: OpenTab, namespace: str) -> None:
    page = open_tab(f"/approval/?q={namespace}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_label("Select all")).to_be_hidden()  # nor anything else to be done with no rows
    content.small(f"{namespace}.one", to="staging")
    page.get_by_label(f"Select {namespace}.one 1.0.0").check()

    content.small(f"{namespace}.two", to="staging")

    expect(page.get_by_label(f"Select {namespace}.two 1.0.0")).to_be_visible()
    expect(page.get_by_label(f"Select {namespace}.one 1.0.0")).to_be_checked()
    expect(page.locator("[data-chosen-count]")).to_have_text("1 selected")
    expect(page.get_by_role("button", name="Approve selected")).to_be_enabled()


def test_an_owner_uploads_and_sees_the_log_while_a_stranger_sees_only_that_it_happened(
    content: Content, open_tab: OpenTab, person: Person, namespace: str, tmp_path: Path
) -> None:
    owner, stranger = person(owns=namespace), person()
    page = open_tab("/upload/", user=owner)

    drop(page.locator("#zone"), packed(tmp_path, f"{namespace}.tools"))
    expect(page.locator("#log")).to_contain_text("Collection loading complete")
    other = open_tab(page.url, user=stranger)

    expect(other.locator("#task .state").first).to_have_text("Completed")
    expect(other.locator("#log")).to_have_count(0)
    other.goto("/approval/")
    expect(other.get_by_role("checkbox")).to_have_count(0)
    other.goto("/upload/")
    expect(other.locator("main")).to_contain_text("You may not upload to any namespace yet")
