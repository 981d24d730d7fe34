"""Every page about content: it is there for whoever may see it, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import make
import pytest
from django.test import Client
from django.urls import URLPattern

from cartwheel.engine.models import Task
from cartwheel.registry.imports import import_to_staging
from cartwheel.registry.models import (
    CollectionImport,
    CollectionRemote,
    Distribution,
    Repository,
    RepositoryVersion,
    Role,
    User,
)
from cartwheel.web.content_urls import urlpatterns

PRIVATE = "secret-shelf"


@dataclass(frozen=True)
class World:
    """One thing of each kind, by the names that stand in addresses."""

    values: dict[str, object]

    def address(self, template: str) -> str:
        return template.format(**self.values)


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def admin(module_db: None) -> User:
    return make.user("admin", is_superuser=True, is_staff=True)


@pytest.fixture(scope="module")
def world(admin: User) -> World:
    shelf = make.served("shelf")
    RepositoryVersion.objects.get_or_create(repository=shelf, number=0)
    make.placed(shelf, "acme.tools", "1.0.0", description="Tools", tags=["net"])
    make.placed(shelf, "acme.tools", "1.1.0", contents=[{"content_type": "module", "name": "ping"}])
    make.namespace("acme")
    make.namespace("empty")
    private = make.served(PRIVATE, private=True)
    make.placed(private, "veiled.tools", "1.0.0")
    task = make.task(by=admin)
    CollectionImport.objects.create(task=task, namespace="acme", name="tools", version="1.1.0")
    loose = Repository.objects.create(name="loose")
    return World(
        {
            "import": task.pk,
            "distribution": Distribution.objects.create(name="d", base_path="d", repository=loose).pk,
            "remote": CollectionRemote.objects.create(name="far", url="https://far.example.org/api/").pk,
            "user": make.user("carol").pk,
            "group": make.group("crew").pk,
            "role": Role.objects.create(name="mine", permissions=["galaxy.add_namespace"]).pk,
        }
    )


EVERYBODY = [  # what everybody may see who is signed in
    "/collections/",
    "/collections/?q=tools&tag=net&namespace=acme&repository=shelf&deprecated=also&order=new&page=99",
    "/collections/shelf/acme/tools/",
    "/collections/shelf/acme/tools/?version=1.0.0",
    "/collections/shelf/acme/tools/docs/",
    "/collections/shelf/acme/tools/docs/module/ping/",
    "/collections/shelf/acme/tools/contents/",
    "/collections/shelf/acme/tools/dependencies/",
    "/collections/shelf/acme/tools/versions/",
    "/collections/shelf/acme/tools/files/",
    "/collections/shelf/acme/tools/import/",
    "/upload/",
    "/imports/",
    "/imports/?whose=all&state=waiting&q=acme.to",
    "/imports/{import}/",
    "/approval/",
    "/approval/?state=rejected&q=x",
    "/namespaces/",
    "/namespaces/?whose=mine&q=ac",
    "/namespaces/acme/",
    "/repositories/",
    "/repositories/shelf/",
    "/repositories/shelf/content/",
    "/repositories/shelf/versions/",
    "/repositories/shelf/versions/1/",
    "/repositories/shelf/distributions/",
    "/repositories/shelf/syncs/",
    "/distributions/",
    "/remotes/",
    "/account/",
    "/account/password/",
    "/account/token/",
    "/roles/",
    "/roles/{role}/",
]
NEEDING = {  # address -> a permission that opens it; "superuser" where none does
    "/collections/shelf/acme/tools/deprecation/": "galaxy.upload_to_namespace",
    "/collections/shelf/acme/tools/deletion/": "ansible.delete_collection",
    "/collections/shelf/acme/tools/deletion/?version=1.0.0": "ansible.delete_collection",
    "/new/namespace/": "galaxy.add_namespace",
    "/namespaces/acme/edit/": "galaxy.change_namespace",
    "/namespaces/acme/access/": "galaxy.change_namespace",
    "/namespaces/acme/deletion/": "galaxy.delete_namespace",
    "/new/repository/": "ansible.add_ansiblerepository",
    "/repositories/shelf/edit/": "ansible.change_ansiblerepository",
    "/repositories/shelf/sync/": "ansible.change_ansiblerepository",
    "/repositories/shelf/access/": "ansible.manage_roles_ansiblerepository",
    "/repositories/loose/deletion/": "ansible.delete_ansiblerepository",
    "/repositories/shelf/content/new/": "ansible.modify_ansible_repo_content",
    "/repositories/shelf/versions/1/revert/": "ansible.modify_ansible_repo_content",
    "/new/distribution/": "ansible.change_ansiblerepository",
    "/distributions/{distribution}/edit/": "ansible.change_ansiblerepository",
    "/distributions/{distribution}/deletion/": "ansible.delete_ansiblerepository",
    "/remotes/{remote}/": "ansible.view_collectionremote",
    "/new/remote/": "ansible.add_collectionremote",
    "/remotes/{remote}/edit/": "ansible.change_collectionremote",
    "/remotes/{remote}/access/": "ansible.manage_roles_collectionremote",
    "/remotes/{remote}/deletion/": "ansible.delete_collectionremote",
    "/users/": "galaxy.view_user",
    "/users/{user}/": "galaxy.view_user",
    "/users/{user}/edit/": "galaxy.view_user galaxy.change_user",
    "/users/{user}/deletion/": "galaxy.delete_user",
    "/users/{user}/token/": "galaxy.view_user galaxy.change_user",
    "/new/user/": "galaxy.add_user",
    "/groups/": "galaxy.view_group",
    "/groups/{group}/": "galaxy.view_group",
    "/groups/{group}/edit/": "galaxy.change_group",
    "/groups/{group}/deletion/": "galaxy.delete_group",
    "/new/group/": "galaxy.add_group",
    "/new/role/": "superuser",
    "/roles/{role}/edit/": "superuser",
    "/roles/{role}/deletion/": "superuser",
}
PAGES = (*EVERYBODY, *NEEDING)
ONLY_SHOWN = {
    "/remotes/{remote}/",
    "/users/",
    "/users/{user}/",
    "/groups/",
    "/groups/{group}/",
}
ACTS = {  # what is only sent: address and form -> who may
    ("/repositories/shelf/content/changes/", "act=remove&chosen=018f0000-0000-7000-8000-000000000000"): (
        "ansible.modify_ansible_repo_content"
    ),
    ("/users/{user}/", "give=mine"): "superuser",
    ("/groups/{group}/", "give=mine"): "superuser",
    ("/groups/{group}/", "add=carol"): "galaxy.change_group",
}


def test_each_is_there_for_a_superuser(client: Client, admin: User, world: World) -> None:
    client.force_login(admin)

    for path in PAGES:
        answer = client.get(world.address(path))
        assert answer.status_code == 200, path
        assert "<h1" in answer.content.decode(), path


def test_everybody_signed_in_may_see_some(client: Client, bob: User, world: World) -> None:
    client.force_login(bob)

    answers = {path: client.get(world.address(path)).status_code for path in EVERYBODY}

    assert answers == dict.fromkeys(EVERYBODY, 200)


def test_without_the_right_the_others_are_forbidden_to_see_and_to_do(
    client: Client, bob: User, world: World
) -> None:
    client.force_login(bob)

    seen = {path: client.get(world.address(path)).status_code for path in NEEDING}
    done = {path: client.post(world.address(path)).status_code for path in NEEDING if path not in ONLY_SHOWN}

    assert seen == dict.fromkeys(NEEDING, 403)
    assert done == dict.fromkeys(done, 403)


@pytest.mark.parametrize(("path", "permissions"), NEEDING.items())
def test_the_right_opens_it(client: Client, alice: User, world: World, path: str, permissions: str) -> None:
    if permissions == "superuser":
        alice.is_superuser = True
        alice.save()
    else:
        make.grant(alice, *permissions.split())
    client.force_login(alice)

    assert client.get(world.address(path)).status_code == 200


@pytest.mark.parametrize(("act", "permission"), ACTS.items())
def test_what_is_only_sent_needs_its_right(
    client: Client, bob: User, alice: User, world: World, act: tuple[str, str], permission: str
) -> None:
    make.grant(alice, *[permission] if permission != "superuser" else [])
    User.objects.filter(pk=alice.pk).update(is_superuser=permission == "superuser")
    path, form = act
    kind = "application/x-www-form-urlencoded"

    client.force_login(bob)
    refused = client.post(world.address(path), form, content_type=kind)
    client.force_login(alice)
    done = client.post(world.address(path), form, content_type=kind)

    assert (refused.status_code, done.status_code) == (403, 302)


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Client, world: World) -> None:
    for path in PAGES:
        answer = client.get(world.address(path))
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/login/?next=/"), path


@pytest.mark.parametrize(
    "path",
    [
        f"/repositories/{PRIVATE}/",
        f"/repositories/{PRIVATE}/content/",
        f"/collections/{PRIVATE}/veiled/tools/",
    ],
)
def test_it_is_not_even_said_that_a_private_repository_is_there(
    client: Client, bob: User, world: World, path: str
) -> None:
    client.force_login(bob)

    assert client.get(path).status_code == 404
    assert PRIVATE not in client.get("/repositories/").content.decode()
    assert "veiled.</span>" not in client.get("/collections/?q=tools").content.decode()


def test_members_and_roles_are_added_above_those_there_are_however_many(
    client: Client, admin: User, alice: User
) -> None:
    many = make.group("many", alice)
    make.grant(many, "galaxy.add_namespace")
    client.force_login(admin)

    page = client.get(f"/groups/{many.pk}/").content.decode()

    places = [page.index(f'name="{each}"') for each in ("add", "remove", "give", "take")]
    assert places == sorted(places)


def test_why_what_every_hub_has_stays_is_said_to_whoever_may_delete(client: Client, admin: User) -> None:
    stock = make.served("published")
    client.force_login(admin)

    for path in (
        "/repositories/published/deletion/",
        f"/distributions/{stock.distributions.get().pk}/deletion/",
    ):
        page = client.get(path).content.decode()

        assert "so it cannot be deleted" in page, path
        assert 'class="danger"' not in page, path
        assert client.post(path).status_code == 403, path


def test_nothing_is_sent_from_elsewhere(admin: User, world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    for path in (*PAGES, *(path for path, _ in ACTS)):
        answer = client.post(world.address(path), {"act": "approve"})
        assert answer.status_code == 403, path
        assert "This form is too old" in answer.content.decode(), path


def test_each_form_that_changes_something_has_its_token(client: Client, admin: User, world: World) -> None:
    client.force_login(admin)

    for path in PAGES:
        page = client.get(world.address(path)).content.decode()
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", page, re.DOTALL):
            assert 'name="csrfmiddlewaretoken"' in form, path


@pytest.mark.parametrize(
    ("sent_from", "back"),
    [
        ("http://testserver/repositories/shelf/content/?q=x", "/repositories/shelf/content/?q=x"),
        ("https://evil.example/", "/repositories/shelf/content/changes/"),
        ("", "/repositories/shelf/content/changes/"),
    ],
)
def test_who_sends_a_form_after_the_session_has_ended_comes_back_to_the_page_it_was_on(
    client: Client, world: World, sent_from: str, back: str
) -> None:
    answer = client.post("/repositories/shelf/content/changes/", headers={"referer": sent_from})

    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["next"] == [back]


@pytest.mark.parametrize(
    ("path", "entry"), [("/new/remote/", "/remotes/"), ("/new/user/", "/users/"), ("/upload/", "/imports/")]
)
def test_a_form_for_something_new_belongs_to_its_list(
    client: Client, admin: User, world: World, path: str, entry: str
) -> None:
    client.force_login(admin)

    assert f'<a href="{entry}" aria-current="page">' in client.get(path).content.decode()


def test_of_many_groups_the_list_of_users_names_three(client: Client, admin: User) -> None:
    for number in range(5):
        make.group(f"crew {number}", admin)
    client.force_login(admin)

    page = client.get("/users/").content.decode()

    assert "crew 2" in page
    assert "crew 3" not in page
    assert "and 2 more" in page


@pytest.mark.parametrize("state", ["failed", "canceled"])
def test_an_import_that_came_to_nothing_says_so_and_what_to_do(
    client: Client, admin: User, state: str
) -> None:
    task = Task.objects.create(name=import_to_staging.name, state=state, created_by=admin)
    CollectionImport.objects.create(task=task, namespace="acme", name="tools", version="1.1.0")
    client.force_login(admin)

    page = client.get(f"/imports/{task.pk}/").content.decode()

    assert "Nothing was published" in page
    assert f"/tasks/{task.pk}/repeat/" not in page  # its file is gone
    assert '<a href="/upload/">upload it again</a>' in page


def test_who_may_upload_nowhere_is_given_no_form_for_it(client: Client, bob: User, world: World) -> None:
    client.force_login(bob)

    refused = client.get("/upload/").content.decode()
    make.grant(bob, "galaxy.add_namespace")
    page = client.get("/upload/").content.decode()

    assert "You may not upload to any namespace yet." in refused
    assert ('type="file"' in refused, "js/content/upload" in refused) == (False, False)
    assert ('type="file"' in page, "js/content/upload" in page) == (True, True)


def test_collections_are_listed_by_namespace_and_then_by_name(client: Client, admin: User) -> None:
    rack = make.served("rack")
    for name in ("zoo.alpha", "able.tools", "able.base"):
        make.placed(rack, name)
    client.force_login(admin)

    for path in ("/collections/", "/repositories/rack/content/"):
        page = re.sub(r"</?span[^>]*>", "", client.get(path).content.decode())
        assert re.findall(r">(zoo\.alpha|able\.\w+)\b", page) == ["able.base", "able.tools", "zoo.alpha"]


def test_what_a_role_allows_is_chosen_box_by_box(client: Client, admin: User, world: World) -> None:
    client.force_login(admin)

    page = client.get(world.address("/roles/{role}/edit/")).content.decode()

    boxes = re.findall(r'<input type="checkbox" name="permissions"[^>]*>', page)
    assert [box for box in boxes if " checked" in box] == [
        box for box in boxes if 'value="galaxy.add_namespace"' in box
    ]
    assert len(boxes) > 20


def test_where_the_time_of_day_is_told_it_is_told_in_the_readers_zone(
    client: Client, admin: User, world: World
) -> None:
    client.force_login(admin)

    pages = [client.get(world.address(path)).content.decode() for path in (*EVERYBODY, "/", "/overview/")]

    telling = [page for page in pages if "data-zone" in page]
    assert len(telling) >= 3
    assert ["js/clocks.js" in page for page in telling] == [True] * len(telling)


def test_a_form_that_is_not_right_yet_goes_on_at_the_first_field_with_something_wrong(
    client: Client, admin: User
) -> None:
    client.force_login(admin)

    page = client.post("/new/remote/", {"name": "far", "url": "", "rate_limit": "x"}).content.decode()

    assert re.findall(r'name="(\w+)"[^>]*\sautofocus', page) == ["url"]


def test_who_may_not_see_a_page_is_told_whom_to_ask(client: Client, bob: User, world: World) -> None:
    client.force_login(bob)

    assert "<p>Ask somebody who runs this hub.</p>" in client.get("/users/").content.decode()


def test_no_page_was_forgotten_here() -> None:
    tested = {_shape(path) for path in [*EVERYBODY, *NEEDING, *(path for path, _ in ACTS)]}

    assert [each.name for each in urlpatterns if not _is_tested(each, tested)] == []


def _shape(path: str) -> str:
    return path.partition("?")[0].lstrip("/")


def _is_tested(pattern: URLPattern, tested: set[str]) -> bool:
    ids = {"{import}", "{distribution}", "{remote}", "{user}", "{group}", "{role}"}
    known = {each for each in tested if not any(name in each for name in ids)}
    for name in ids:
        number = "1" if name in ("{user}", "{group}") else "018f0000-0000-7000-8000-000000000000"
        known |= {each.replace(name, number) for each in tested if name in each}
    match: Callable[[str], object] = pattern.pattern.match
    return any(match(each) for each in known)
