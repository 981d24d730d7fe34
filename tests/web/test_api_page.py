"""The page that describes the API, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenTab = Callable[..., Page]


def test_an_operation_is_found_and_tried_out(open_tab: OpenTab) -> None:
    page = open_tab("/api/docs/#groups_create")

    form = page.locator("#groups_create form")
    form.locator("textarea").fill('{"name": "from-the-page"}')
    form.locator("button").click()
    expect(form.locator("output")).to_contain_text("201")
    page.locator("#find").fill("groups_create")

    expect(page.locator(".operation:visible summary code").first).to_have_text(re.compile(r"groups/$"))
    expect(page.locator("#tasks_list")).to_be_hidden()


def test_parameters_are_sent_in_path_and_query(open_tab: OpenTab) -> None:
    name = "v3_plugin_ansible_content_collections_index_list"
    page = open_tab(f"/api/docs/#{name}")

    form = page.locator(f"#{name} form")
    form.locator('input[name="distro"]').fill("published")
    form.locator('input[name="namespace"]').fill("a b")
    with page.expect_response("**/content/published/**") as sent:
        form.locator("button").click()

    assert sent.value.url.endswith("/published/collections/index/?namespace=a+b")
