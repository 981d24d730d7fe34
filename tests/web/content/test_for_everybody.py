"""What axe finds on the pages about content: nothing; and none is wider than its screen. Light and dark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessibility import faults
from hub import Hub
from long_names import LONG
from playwright.sync_api import Browser, Page, StorageState

from ..conftest import new_context

TESTS = Path(__file__).parents[2]
COLLECTION = f"/collections/community/{LONG}/{LONG}/"
PATHS = (
    "/collections/", "/collections/?q=zzzz", COLLECTION, f"{COLLECTION}docs/", f"{COLLECTION}docs/module/ping/",
    f"{COLLECTION}contents/", f"{COLLECTION}dependencies/", f"{COLLECTION}versions/", f"{COLLECTION}files/",
    f"{COLLECTION}import/", f"{COLLECTION}deprecation/", f"{COLLECTION}deletion/", "/upload/", "/imports/?whose=all",
    "/imports/?q=zzzz", "/imports/{import}/", "/approval/", "/approval/?state=approved", "/namespaces/", f"/namespaces/{LONG}/",
    "/new/namespace/", f"/namespaces/{LONG}/edit/", f"/namespaces/{LONG}/access/", f"/namespaces/{LONG}/deletion/",
    "/repositories/", "/new/repository/", f"/repositories/{LONG}/", f"/repositories/{LONG}/content/", f"/repositories/{LONG}/content/new/",
    f"/repositories/{LONG}/versions/", f"/repositories/{LONG}/distributions/", f"/repositories/{LONG}/syncs/", f"/repositories/{LONG}/sync/",
    f"/repositories/{LONG}/edit/", f"/repositories/{LONG}/access/", f"/repositories/{LONG}/deletion/",
    "/repositories/community/content/", "/repositories/community/versions/", "/distributions/", "/new/distribution/",
    "/remotes/", "/new/remote/", "/remotes/{remote}/", "/remotes/{remote}/edit/", "/remotes/{remote}/access/", "/remotes/{remote}/deletion/",
    "/account/", "/account/password/", "/account/token/", "/users/", "/users/{user}/", "/new/user/", "/users/{user}/edit/",
    "/groups/", "/groups/{group}/", "/new/group/", "/roles/", "/roles/{role}/", "/new/role/", "/roles/{role}/edit/",
)  # fmt: skip


@pytest.fixture(scope="module")
def ids(hub: Hub) -> dict[str, str]:
    code = f"import sys\nsys.path.insert(0, {str(TESTS)!r})\nimport long_names, json\n"
    found: dict[str, str] = json.loads(
        hub.console(f"{code}print(json.dumps(long_names.make_all(), default=str))")
    )
    return found


@pytest.fixture(scope="module")
def tab(chromium: Browser, hub: Hub, sessions: dict[str, StorageState]) -> Iterator[Page]:
    context = new_context(chromium, hub, storage_state=sessions["admin"])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.replace(LONG, "LONG"))
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    tab: Page, ids: dict[str, str], path: str
) -> None:
    found = faults(tab, path.format(**ids))

    assert found == []
