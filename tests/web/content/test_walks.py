"""What people do with content, in a real browser on a real hub, with real tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from hub import Hub, eventually
from playwright.sync_api import Page, expect
from small_collections import collection
from upstream import running_upstream

OpenTab = Callable[..., Page]

HOSTILE_DOCS = '''
DOCUMENTATION = """
module: evil
short_description: "<script>window.hit = 1</script> U(javascript:window.hit=2) L(x,javascript:void)"
options:
  name:
    description: "<img src=x onerror=window.hit=3>"
    default: "</code><script>window.hit = 4</script>"
"""
EXAMPLES = "</pre><script>window.hit = 5</script>"
'''
HOSTILE_README = (
    "# <script>window.hit = 6</script>\n\n[click](javascript:window.hit=7) ![p](https://elsewhere.example/p.png)\n\n"
    '<div onclick="window.hit = 8">div</div>'
)


@pytest.fixture
def namespace(hub: Hub) -> str:
    name = f"n{uuid4().hex[:10]}"
    assert hub.request("POST", "_ui/v1/namespaces/", json={"name": name, "groups": []}).status_code == 201
    return name


def packed(folder: Path, namespace: str, version: str = "1.0.0") -> Path:
    path = folder / f"{namespace}-tools-{version}.tar.gz"
    path.write_bytes(collection(namespace=namespace, version=version))
    return path


def published(hub: Hub, namespace: str, data: bytes, *, version: str = "1.0.0") -> None:
    """A version of <namespace>.tools that is in community."""
    files = {"file": (f"{namespace}-tools-{version}.tar.gz", data)}
    path = "v3/plugin/ansible/content/community/collections/artifacts/"
    answer = hub.request("POST", path, files=files)
    assert answer.status_code == 202, answer.text
    hub.wait(answer.json()["task"].rstrip("/").rpartition("/")[2], "completed")


def test_upload_import_log_approval_install_command(
    hub: Hub, open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    page = open_tab("/upload/")

    page.locator("#file").set_input_files(packed(tmp_path, namespace))
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("#log")).to_contain_text("Collection loading complete", timeout=20_000)
    page.get_by_role("link", name="waits for approval").click(timeout=20_000)
    page.goto(f"/approval/?q={namespace}")
    expect(page.get_by_role("button", name="Approve chosen")).to_be_disabled()
    page.get_by_label(f"Choose {namespace}.tools 1.0.0").check()
    page.get_by_role("button", name="Approve chosen").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible(timeout=20_000)
    page.goto(f"/collections/published/{namespace}/tools/")

    install = f"ansible-galaxy collection install {namespace}.tools:==1.0.0 -s {hub.api}content/published/"
    expect(page.locator("#install")).to_have_text(install)


def test_without_scripts_several_files_are_taken_or_refused_one_by_one(
    open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"nothing")
    page = open_tab("/upload/", java_script_enabled=False)

    page.locator("#file").set_input_files([packed(tmp_path, namespace), wrong])
    page.get_by_role("button", name="Upload", exact=True).click()

    told = page.get_by_role("alert")
    expect(told).to_contain_text("has arrived")
    expect(told).to_contain_text("Invalid filename wrong.zip")


def test_what_a_hostile_collection_says_is_only_text(hub: Hub, open_tab: OpenTab, namespace: str) -> None:
    files = {"plugins/modules/evil.py": HOSTILE_DOCS, "README.md": HOSTILE_README}
    said = "<script>window.hit = 9</script>"
    data = collection(files, namespace=namespace, description=said, homepage="javascript:window.hit=10")
    published(hub, namespace, data)
    where = f"/collections/community/{namespace}/tools/"

    for path in (where, f"{where}docs/module/evil/", f"{where}contents/", f"/collections/?q={namespace}"):
        page = open_tab(path, bypass_csp=True)  # so that only the HTML itself protects
        hrefs = page.locator("main a").evaluate_all("all => all.map((each) => each.protocol)")
        assert page.evaluate("window.hit") is None
        assert set(hrefs) <= {"http:", "https:"}
        assert page.locator("main :is(script, iframe, [onclick], [onerror], [style])").count() == 0
        assert page.locator("main img").count() == 0


def test_a_remote_a_repository_both_connected_synced_and_the_sync_followed(
    hub: Hub, open_tab: OpenTab
) -> None:
    name = f"r{uuid4().hex[:8]}"
    with running_upstream() as upstream:
        upstream.add(f"{name}.tools", "1.0.0")
        page = open_tab("/remotes/")
        page.get_by_role("link", name="New remote").click()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Address", exact=True).fill(upstream.url)
        page.locator("#id_token").fill("not-to-be-seen")
        page.get_by_role("button", name="Create remote").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        assert "not-to-be-seen" not in page.content()

        page.get_by_role("link", name="New repository with this remote").click()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("button", name="Create repository").click()
        page.get_by_role("link", name="Sync", exact=True).click()
        page.get_by_role("button", name="Start sync").click()

        state = page.locator("#syncs tbody .state").first
        expect(state).to_have_text("Completed", timeout=30_000)
        page.locator("#syncs tbody th a").first.click()
        expect(page.locator("#task .state").first).to_have_text("Completed")
    page.goto(f"/repositories/{name}/content/")
    expect(page.get_by_role("link", name=f"{name}.tools 1.0.0")).to_be_visible()


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_beside_the_field(
    open_tab: OpenTab,
) -> None:
    page = open_tab("/new/remote/")

    page.get_by_label("Name", exact=True).fill("kept")
    page.get_by_label("Address", exact=True).fill("https://no.slash.example.org")
    page.locator("#id_password").fill("hush")
    page.get_by_role("button", name="Create remote").click()

    expect(page.get_by_label("Name", exact=True)).to_have_value("kept")
    expect(page.locator(".field.is-wrong", has=page.locator("#id_url"))).to_contain_text("ends '/'")
    assert "hush" not in page.content()


def test_a_collection_that_others_need_is_not_deleted_and_it_is_said_who_needs_it(
    hub: Hub, open_tab: OpenTab, namespace: str
) -> None:
    published(hub, namespace, collection(namespace=namespace))
    other = f"{namespace}_b"
    hub.request("POST", "_ui/v1/namespaces/", json={"name": other, "groups": []})
    published(hub, other, collection(namespace=other, dependencies={f"{namespace}.tools": "*"}))

    page = open_tab(f"/collections/community/{namespace}/tools/deletion/")

    expect(page.locator("main")).to_contain_text(f"{other}.tools 1.0.0")
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_a_token_is_shown_once(hub: Hub, open_tab: OpenTab) -> None:
    page = open_tab("/account/token/", user="alice")

    page.get_by_role("button", name="Make a").click()
    key = page.locator("#key").inner_text()
    known = hub.request("GET", "_ui/v1/me/", auth=None, headers={"Authorization": f"Token {key}"})
    page.goto("/account/token/")

    assert known.json()["username"] == "alice"
    assert key not in page.content()


def test_rows_of_the_list_of_imports_follow_their_tasks(hub: Hub, open_tab: OpenTab, namespace: str) -> None:
    page = open_tab(f"/imports/?q={namespace}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    published(hub, namespace, collection(namespace=namespace))

    expect(page.locator("#imports tbody")).to_contain_text("Completed", timeout=10_000)
    assert eventually(lambda: page.locator("#imports").inner_text().count(f"{namespace}.tools")) == 1
