"""What people do with content, in a real browser on a real hub, with real tasks."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from hub import Hub
from patience import eventually
from playwright.sync_api import Browser, Route, StorageState, expect
from small_collections import collection

from ..conftest import new_context
from .conftest import Content, OpenTab, Person, packed

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


def published(hub: Hub, namespace: str, data: bytes, *, version: str = "1.0.0") -> None:
    """A version of <namespace>.tools that is in community."""
    files = {"file": (f"{namespace}-tools-{version}.tar.gz", data)}
    path = "v3/plugin/ansible/content/community/collections/artifacts/"
    answer = hub.request("POST", path, files=files)
    assert answer.status_code == 202, answer.text
    hub.wait(answer.json()["task"].rstrip("/").rpartition("/")[2], "completed")


def end_sessions(hub: Hub, name: str) -> None:
    hub.console(
        "from django.contrib.sessions.models import Session\n"
        f"key = str(User.objects.get(username={name!r}).pk)\n"
        "for each in Session.objects.all():\n"
        "    each.get_decoded().get('_auth_user_id') == key and each.delete()\n"
    )


def test_without_scripts_several_files_are_taken_or_refused_one_by_one(
    open_tab: OpenTab, namespace: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"nothing")
    page = open_tab("/upload/", java_script_enabled=False)

    page.locator("#file").set_input_files([packed(tmp_path, f"{namespace}.tools"), wrong])
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


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_beside_the_field(
    open_tab: OpenTab,
) -> None:
    page = open_tab("/new/remote/")

    page.get_by_label("Name", exact=True).fill("kept")
    page.get_by_label("URL", exact=True).fill("https://no.slash.example.org")
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
    page = open_tab("/", user="alice")
    page.get_by_role("button", name="You: alice").click()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Your token").click()

    page.get_by_role("button", name="Create a").click()
    key = page.locator("#key").inner_text()
    known = hub.request("GET", "_ui/v1/me/", auth=None, headers={"Authorization": f"Token {key}"})
    page.goto("/account/token/")

    assert known.json()["username"] == "alice"
    assert key not in page.content()


def test_what_is_shown_is_shut_in_by_the_policy_as_well(
    hub: Hub, chromium: Browser, sessions: dict[str, StorageState], namespace: str
) -> None:
    """Had the cleaning a hole, the browser would still run nothing."""
    published(hub, namespace, collection({"README.md": "# Mark"}, namespace=namespace))
    context = new_context(chromium, hub, storage_state=sessions["admin"])
    page = context.new_page()

    def add_scripts(route: Route) -> None:
        answer = route.fetch()
        hole = "<script>window.hit = 1</script><b onclick='window.hit = 2' id='hole'>Mark</b>"
        route.fulfill(response=answer, body=answer.text().replace("Mark", hole))

    path = f"/collections/community/{namespace}/tools/"
    page.route(f"**{path}", add_scripts)
    page.goto(path)
    page.locator("#hole").click()

    assert page.evaluate("window.hit") is None
    context.close()


def test_who_may_do_nothing_sees_only_what_there_is(
    content: Content, open_tab: OpenTab, person: Person, namespace: str
) -> None:
    content.small(f"{namespace}.tools")
    page = open_tab(f"/collections/community/{namespace}/tools/", user=person(), fine=(403,))

    for path in (
        page.url,
        f"/namespaces/{namespace}/",
        "/repositories/community/",
        "/repositories/",
        "/namespaces/",
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".page-head .acts").get_by_role("link")).to_have_count(0)
    menu = page.get_by_role("navigation", name="Pages", exact=True)
    for name in ("Users", "Groups"):
        expect(menu.get_by_role("link", name=name)).to_have_count(0)
    page.goto("/remotes/")
    expect(page.get_by_role("heading", name="No remotes that you may see")).to_be_visible()
    page.goto("/users/")
    expect(page.get_by_role("heading", name="Not yours to do")).to_be_visible()


def test_an_owner_deprecates_and_a_stranger_sees_the_mark(
    content: Content, open_tab: OpenTab, person: Person, namespace: str
) -> None:
    content.small(f"{namespace}.tools")
    address = f"/collections/community/{namespace}/tools/"
    hers = open_tab(address, user=person(owns=namespace))
    theirs = open_tab(address, user=person())

    expect(hers.get_by_role("link", name="Upload a new version")).to_be_visible()
    hers.get_by_role("link", name="Deprecate").click()
    hers.get_by_role("button", name="Deprecate").click()
    expect(hers.locator("#notices")).to_contain_text("Completed")
    theirs.reload()

    expect(theirs.get_by_role("heading", level=1)).to_contain_text("deprecated")
    expect(theirs.get_by_role("link", name="Recommend again")).to_have_count(0)


def test_without_scripts_a_namespace_is_made_and_changed(open_tab: OpenTab, person: Person) -> None:
    name = f"n{uuid4().hex[:10]}"
    maker = person("galaxy.add_namespace", "galaxy.change_namespace")
    page = open_tab("/namespaces/", user=maker, java_script_enabled=False)

    page.get_by_role("link", name="New namespace").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Links").fill("Home http://example.org/\nnonsense")
    page.get_by_role("button", name="Create namespace").click()
    expect(page.locator(".field.is-wrong")).to_contain_text("“nonsense” needs a name")
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    page.get_by_label("Links").fill("Home http://example.org/")
    page.get_by_role("button", name="Create namespace").click()
    expect(page.get_by_role("status")).to_contain_text(f"Created namespace {name}.")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Company").fill("Acme")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Acme")
    expect(page.get_by_role("link", name="Home")).to_have_attribute("href", "http://example.org/")


def test_without_scripts_one_of_two_is_approved(content: Content, open_tab: OpenTab, namespace: str) -> None:
    for short in ("one", "two"):
        content.small(f"{namespace}.{short}", to="staging")
    page = open_tab(f"/approval/?q={namespace}", java_script_enabled=False)

    page.get_by_label(f"Select {namespace}.one 1.0.0").check()
    page.get_by_role("button", name="Approve selected").click()
    index = f"v3/plugin/ansible/content/published/collections/index/{namespace}/one/"
    eventually(lambda: content.hub.request("GET", index).ok, what="the approval")
    page.reload()

    expect(page.locator("#versions tbody tr")).to_have_count(1)
    expect(page.locator("#versions")).to_contain_text(f"{namespace}.two")


def test_what_was_typed_is_there_again_after_signing_in_once_more(
    hub: Hub, open_tab: OpenTab, person: Person
) -> None:
    name = person("ansible.add_collectionremote", "ansible.view_collectionremote")
    page = open_tab("/new/remote/", user=name, fine=(401,))
    page.get_by_label("Name", exact=True).fill("kept")
    page.get_by_label("Requirements").fill("collections: []")
    page.get_by_label("Fetch what they depend on, too").uncheck()
    page.locator("#id_password").fill("hush")

    end_sessions(hub, name)
    page.get_by_role("button", name="Create remote").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(hub.password)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("status").get_by_text("What you had typed is here again")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("kept")
    expect(page.get_by_label("Requirements")).to_have_value("collections: []")
    expect(page.get_by_label("Fetch what they depend on, too")).not_to_be_checked()
    expect(page.locator("#id_password")).to_have_value("")
    page.goto("/remotes/")
    page.goto("/new/remote/")
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_rows_are_walked_through_ticked_and_opened_with_keys(
    content: Content, open_tab: OpenTab, namespace: str
) -> None:
    for short in ("one", "two"):
        content.small(f"{namespace}.{short}", to="staging")
    page = open_tab(f"/approval/?q={namespace}")

    for key in "jjxkj":
        page.keyboard.press(key)
    expect(page.get_by_label(f"Select {namespace}.one 1.0.0")).to_be_checked()
    expect(page.get_by_label(f"Select {namespace}.two 1.0.0")).not_to_be_checked()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{namespace}.one")
    page.wait_for_load_state()  # the keys are listened to from then on
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Repositories")).to_be_visible()
