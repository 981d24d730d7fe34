"""Content and files in Pulp's dialect: lists of every kind, uploads, upkeep; and lists that stay empty."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from small_collections import collection

from cartwheel.api.pulp_v3 import content
from cartwheel.api.pulp_v3.maintenance import KEPT_LIMIT
from cartwheel.engine.models import Task
from cartwheel.registry import pieces
from cartwheel.registry.deletion import delete_collection_version
from cartwheel.registry.models import Collection, CollectionRemote, CollectionVersion, Repository, User
from cartwheel.registry.repositories import change_contents, contents

API = "/api/automation-hub/"
ROOT = f"{API}pulp/api/v3/"
VERSIONS = f"{ROOT}content/ansible/collection_versions/"
COLLECTIONS = f"{ROOT}ansible/collections/"
TOOLS = "acme-tools-1.0.0.tar.gz"

Client = Any


@pytest.fixture
def boss(admin: User, settings: Settings, tmp_path: Path) -> Client:
    settings.CONFIG = make.config(data=tmp_path)
    return make.api(admin)


def task_of(answer: Any) -> Task:
    assert answer.status_code == 202, answer.content
    return Task.objects.get(pk=answer.json()["task"].split("/")[-2])


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def tarball(name: str = TOOLS, content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, collection() if content is None else content)


# -- lists ----------------------------------------------------------------------------------------


def test_content_is_versions_and_namespaces_the_newest_first(boss: Client) -> None:
    tools = make.placed(make.repository())
    make.namespace("acme")

    rows = results(boss.get(f"{ROOT}content/"))

    href = f"{VERSIONS}{tools.pk}/"
    assert [each["artifacts"] for each in rows] == [
        {"acme-avatar": None},
        {TOOLS: f"{ROOT}artifacts/{tools.artifact_id}/"},
    ]
    assert rows[1]["pulp_href"] == href
    assert boss.get(href).json()["name"] == "tools"
    assert boss.get(rows[0]["pulp_href"]).json()["name"] == "acme"


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_of_content_follow_each_other(boss: Client, limit: int) -> None:
    published = make.repository()
    for kinds in ("nnn", "vv", "n", "vvvv", "nn"):
        for number, kind in enumerate(kinds):
            name = f"{len(kinds)}{kind}{number}"
            make.namespace(name) if kind == "n" else make.placed(published, f"acme.{name}")
    everything = results(boss.get(f"{ROOT}content/"))
    moments = [each["pulp_created"] for each in everything]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == 12

    pages = [boss.get(f"{ROOT}content/?limit={limit}&offset={each}") for each in range(0, 14, limit)]

    assert [row for page in pages for row in results(page)] == everything
    assert {page.json()["count"] for page in pages} == {12}


def test_a_page_of_content_takes_the_same_few_statements_however_long_it_is(boss: Client) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            boss.get(f"{ROOT}content/")
        return len(asked)

    published = make.repository()
    make.placed(published)
    make.namespace("acme")
    short = ask()
    for number in range(8):
        make.placed(published, number=f"2.0.{number}")
        make.namespace(f"acme{number}")

    assert ask() == short <= 8


def test_collections_are_listed_once_however_many_versions_they_have(boss: Client) -> None:
    published = make.repository()
    make.placed(published)
    make.placed(published, number="2.0.0")
    make.placed(published, "zeta.apes")
    tools, apes = {"name": "tools", "namespace": "acme"}, {"name": "apes", "namespace": "zeta"}

    assert results(boss.get(COLLECTIONS)) == [apes, tools]
    for asked, found in {
        "namespace=acme": [tools],
        "name=apes&namespace=acme": [],
        "q=name=apes OR name=x": [apes],
        f"prn__in=prn:ansible.collection:{Collection.objects.get(name='apes').pk}": [apes],
        "ordering=-name": [tools, apes],
        "ordering=-namespace&fields=name": [{"name": "apes"}, {"name": "tools"}],
        "limit=1&offset=1": [tools],
    }.items():
        assert results(boss.get(f"{COLLECTIONS}?{asked}")) == found, asked
    assert boss.get(f"{COLLECTIONS}?bogus=1").json() == {"errors": ["Invalid Filter: 'bogus'"]}


@pytest.mark.parametrize("field", ["docs_blob", "files", "manifest"])
def test_what_is_heavy_is_not_told_of_many_at_once(
    boss: Client, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    monkeypatch.setattr(content, "HEAVY_LIMIT", 1)
    for number in ("1.0.0", "2.0.0"):
        make.placed(make.repository(), number=number)
    versions = f"{VERSIONS}?fields=name,{field}"

    assert boss.get(f"{versions}&limit=100000").json() == {
        "limit": [f"With {field}, a page can have 1 rows at most."]
    }
    assert list(results(boss.get(f"{versions}&version=2.0.0"))[0]) == ["name", field]


def test_deprecations_are_content(boss: Client) -> None:
    published = make.repository()
    tools = make.placed(published)
    change_contents(published, deprecate=[tools.collection])

    [row] = results(boss.get(f"{ROOT}content/ansible/collection_deprecations/"))

    assert (row["namespace"], row["name"]) == ("acme", "tools")
    assert boss.get(row["pulp_href"]).json() == row


def test_artifacts_are_told_by_their_digests(boss: Client) -> None:
    tools = make.placed(make.repository())
    digest = tools.artifact.sha256

    [row] = results(boss.get(f"{ROOT}artifacts/?sha256={digest}"))

    assert (row["sha256"], row["file"]) == (digest, f"artifact/{digest[:2]}/{digest[2:]}")
    assert boss.get(row["pulp_href"]).json() == row
    assert results(boss.get(f"{ROOT}artifacts/?sha256={'0' * 64}")) == []


def test_nobody_learns_what_is_in_a_private_repository(boss: Client, bob: User) -> None:
    published, secret = make.repository(), make.repository("secret", private=True)
    make.placed(secret, "acme.hidden")
    known = make.placed(published)
    change_contents(secret, add=[known])
    client, place = make.api(bob), f"repository_version={ROOT}{secret.path}versions/2/"

    assert [each["name"] for each in results(client.get(VERSIONS))] == ["tools"]
    assert [each["name"] for each in results(client.get(COLLECTIONS))] == ["tools"]
    assert len(results(boss.get(COLLECTIONS))) == 2
    assert len(results(client.get(f"{ROOT}artifacts/"))) == 1
    assert len(results(client.get(f"{ROOT}content/"))) == 1
    for path in (VERSIONS, f"{ROOT}artifacts/", f"{ROOT}content/"):
        assert results(client.get(f"{path}?{place}")) == []
        assert len(results(boss.get(f"{path}?{place}"))) == 2


def test_orphans_are_found(boss: Client) -> None:
    make.placed(make.repository())
    orphan = make.version("acme.orphan")

    found = results(boss.get(f"{VERSIONS}?orphaned_for=0"))

    assert [each["id"] for each in found] == [str(orphan.pk)]
    assert results(boss.get(f"{VERSIONS}?orphaned_for=5")) == []
    assert results(boss.get(f"{VERSIONS}?orphaned_for=0.5")) == []
    CollectionVersion.objects.update(updated_at=timezone.now() - timedelta(days=1))
    assert len(results(boss.get(f"{VERSIONS}?orphaned_for=-1"))) == 1
    for wrong in ("x", "-2", "nan", "inf", "1e99"):
        assert boss.get(f"{VERSIONS}?orphaned_for={wrong}").json() == {"orphaned_for": ["Enter a number."]}


EMPTY = [
    "pulp/api/v3/signing-services/",
    "pulp/api/v3/uploads/",
    "pulp/api/v3/content/ansible/roles/",
    "pulp/api/v3/content/ansible/collection_signatures/",
    "pulp/api/v3/content/ansible/collection_marks/",
    "v3/plugin/execution-environments/repositories/",
    "_ui/v1/execution-environments/registries/",
    "_ui/v1/controllers/",
    "_ui/v1/tags/roles/",
    "_ui/v1/execution-environments/remotes/",
]


@pytest.mark.parametrize("path", EMPTY)
def test_some_lists_are_empty_and_well_formed(boss: Client, bob: User, path: str) -> None:
    body = make.api(bob).get(f"{API}{path}").json()

    if path.startswith("pulp"):
        assert body == {"count": 0, "next": None, "previous": None, "results": []}
    else:
        assert (body["meta"], body["data"]) == ({"count": 0}, [])
    assert make.api().get(f"{API}{path}").status_code == 401
    assert boss.get(f"{API}{path}nothing/").status_code == 404


@pytest.mark.parametrize("path", ["_ui/v1/synclists/", "_ui/v1/my-synclists/", "_ui/v1/my-synclists/1/"])
def test_lists_of_a_hub_that_many_organizations_share_are_for_nobody(boss: Client, path: str) -> None:
    assert boss.get(f"{API}{path}").status_code == 403


@pytest.mark.parametrize("name", ["signed_collection", "pubkey_fingerprint__in", "signing_service"])
def test_signatures_can_be_asked_for_although_there_are_none(boss: Client, name: str) -> None:
    signatures = f"{ROOT}content/ansible/collection_signatures/"

    assert results(boss.get(signatures, {name: "x"})) == []
    assert boss.get(signatures, {"nonsense": "x"}).status_code == 400


def test_everybody_is_led_to_the_logo_of_a_namespace(boss: Client) -> None:
    make.namespace("acme", avatar_url="https://example.com/logo.png")
    make.namespace("plain")
    plain, acme = results(boss.get(f"{ROOT}content/ansible/namespaces/?ordering=-name"))

    answer = make.api().get(f"{acme['pulp_href']}avatar/")

    assert (answer.status_code, answer["Location"]) == (302, "https://example.com/logo.png")
    assert make.api().get(f"{plain['pulp_href']}avatar/").status_code == 404


# -- uploads --------------------------------------------------------------------------------------


def test_a_collection_is_imported_into_a_repository(boss: Client) -> None:
    make.namespace("acme")
    mine = make.repository("mine")
    form = {"file": tarball(), "repository": f"{ROOT}{mine.path}", "expected_name": "tools"}

    task = task_of(boss.post(VERSIONS, form, format="multipart"))
    make.perform(task)
    make.perform(task.child_tasks.get())

    made = CollectionVersion.objects.get()
    assert [each.path for each in task.created_resources.all()] == [
        f"content/ansible/collection_versions/{made.pk}/"
    ]
    assert list(contents(mine)) == [made]


def test_without_a_repository_it_is_put_into_none(boss: Client) -> None:
    make.namespace("acme")

    task = make.perform(task_of(boss.post(VERSIONS, {"file": tarball()}, format="multipart")))

    assert not task.child_tasks.exists()
    assert CollectionVersion.objects.get().placements.count() == 0


@pytest.mark.parametrize(
    ("form", "status", "problem"),
    [
        ({}, 400, {"file": ["No file was submitted."]}),
        ({"file": "text"}, 400, None),
        ({"file": TOOLS, "nonsense": "x"}, 400, {"nonsense": ["Unexpected field"]}),
        ({"file": TOOLS, "repository": "x"}, 400, {"repository": ["Invalid hyperlink - No URL match."]}),
        (
            {"file": TOOLS, "expected_version": "2.0.0"},
            400,
            {"expected_version": ["The file is of version 1.0.0, not 2.0.0."]},
        ),
        ({"file": "nonsense.tar.gz"}, 400, None),
        ({"file": "nobody-tools-1.0.0.tar.gz"}, 404, None),
    ],
)
def test_an_upload_that_cannot_be_is_refused(
    boss: Client, form: dict[str, str], status: int, problem: Any
) -> None:
    make.namespace("acme")
    named = form.get("file", "")
    sent = {**form, "file": tarball(named)} if named.endswith(".gz") else form

    answer = boss.post(VERSIONS, sent, format="multipart")

    assert answer.status_code == status, answer.content
    assert problem is None or answer.json() == problem
    assert not Task.objects.exists()


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("bob", 403), ("alice", 202), ("admin", 202)])
def test_whoever_may_upload_and_modify_imports(
    boss: Client, alice: User, bob: User, who: str | None, status: int
) -> None:
    mine = make.repository("mine")
    make.grant(alice, "galaxy.upload_to_namespace", on=make.namespace("acme"))
    make.grant(alice, "ansible.modify_ansible_repo_content", on=mine)
    client = make.api(User.objects.get(username=who) if who else None)

    form = {"file": tarball(), "repository": f"{ROOT}{mine.path}"}

    assert client.post(VERSIONS, form, format="multipart").status_code == status


def test_approval_is_not_gone_around(boss: Client, alice: User) -> None:
    published = make.served("published", labels={"pipeline": "approved"})
    make.grant(alice, "galaxy.upload_to_namespace", on=make.namespace("acme"))

    form = {"file": tarball(), "repository": f"{ROOT}{published.path}"}

    assert make.api(alice).post(VERSIONS, form, format="multipart").status_code == 403


# -- upkeep ---------------------------------------------------------------------------------------

UPKEEP = [
    ("post", "pulp/api/v3/orphans/cleanup/", "pulpcore.app.tasks.orphan.orphan_cleanup"),
    ("delete", "pulp/api/v3/orphans/", "pulpcore.app.tasks.orphan.orphan_cleanup"),
    ("post", "pulp/api/v3/repair/", "pulpcore.app.tasks.repository.repair_all_artifacts"),
    (
        "post",
        "v3/plugin/ansible/search/collection-versions/",
        "pulp_ansible.app.tasks.collectionversion_index.rebuild_index",
    ),
]


@pytest.mark.parametrize(("method", "path", "name"), UPKEEP)
def test_upkeep_is_a_task_for_superusers(boss: Client, bob: User, method: str, path: str, name: str) -> None:
    task = task_of(getattr(boss, method)(f"{API}{path}"))
    make.perform(task)

    assert task.name == name
    assert getattr(make.api(bob), method)(f"{API}{path}").status_code == 403
    assert getattr(make.api(), method)(f"{API}{path}").status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orphans/cleanup/", {"nonsense": 1, "orphan_protection_time": 4_294_967_295}),
        ("repositories/reclaim_space/", {"nonsense": 1, "repo_hrefs": ["*"]}),
        ("repair/", {"nonsense": 1}),
    ],
)
def test_upkeep_passes_over_what_it_does_not_know(boss: Client, path: str, body: Any) -> None:
    task = make.perform(task_of(boss.post(f"{ROOT}{path}", body, format="json")))

    assert task.name.startswith("pulpcore.app.tasks.")


@pytest.mark.parametrize("named", ["*", "one"])
def test_space_is_given_back_by_a_task_that_takes_no_file_away(boss: Client, alice: User, named: str) -> None:
    one = make.repository("one")
    make.placed(one)
    body = {"repo_hrefs": [f"{ROOT}{one.path}" if named == "one" else "*"], "repo_versions_keeplist": []}

    task = make.perform(task_of(boss.post(f"{ROOT}repositories/reclaim_space/", body, format="json")))

    assert task.name == "pulpcore.app.tasks.reclaim_space.reclaim_space"
    [report] = task.progress_reports.all()
    assert (report.code, report.total, report.done) == ("reclaim-space.artifact", 0, 0)
    assert boss.get(f"{ROOT}artifacts/").json()["count"] == 1
    assert make.api(alice).post(f"{ROOT}repositories/reclaim_space/", body, format="json").status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("repositories/reclaim_space/", {}),
        ("repositories/reclaim_space/", {"repo_hrefs": []}),
        ("repositories/reclaim_space/", {"repo_hrefs": "*"}),
        ("repositories/reclaim_space/", {"repo_hrefs": ["*", "*"]}),
        ("repositories/reclaim_space/", {"repo_hrefs": ["x"]}),
        ("repositories/reclaim_space/", {"repo_hrefs": ["*"], "repo_versions_keeplist": ["x"]}),
        ("orphans/cleanup/", {"orphan_protection_time": "x"}),
        ("orphans/cleanup/", {"orphan_protection_time": -1}),
        ("orphans/cleanup/", {"orphan_protection_time": 10**30}),
        ("orphans/cleanup/", {"content_hrefs": "x"}),
        ("orphans/cleanup/", {"content_hrefs": ["x"]}),
        ("orphans/cleanup/", {"content_hrefs": None}),
        ("orphans/cleanup/", []),
        ("repair/", {"verify_checksums": "x"}),
    ],
)
def test_upkeep_that_is_not_understood_is_refused(boss: Client, path: str, body: Any) -> None:
    assert boss.post(f"{ROOT}{path}", body, format="json").status_code == 400


def test_what_is_too_much_at_once_is_refused_before_any_of_it_is_looked_for(boss: Client) -> None:
    one = make.repository("one")
    kept = [f"{ROOT}{one.path}versions/0/"] * (KEPT_LIMIT + 1)
    body = {"repo_hrefs": [f"{ROOT}{one.path}"], "repo_versions_keeplist": kept}

    with CaptureQueriesContext(connection) as seen:
        answer = boss.post(f"{ROOT}repositories/reclaim_space/", body, format="json")

    message = f"Ensure this field has no more than {KEPT_LIMIT} elements."
    assert (answer.status_code, answer.json()) == (400, {"repo_versions_keeplist": [message]})
    assert len(seen) < 20


def test_search_tells_which_remote_a_repository_has(boss: Client) -> None:
    remote = CollectionRemote.objects.create(name="there", url="https://example.com/")
    make.placed(make.served(remote=remote))

    [row] = boss.get(f"{API}v3/plugin/ansible/search/collection-versions/").json()["data"]

    assert row["repository"]["remote"] == f"{ROOT}{remote.path}"


def test_what_a_version_of_a_repository_holds_is_listed_as_among_all(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found from the repository, if nothing else is asked for; with an order from all versions."""
    monkeypatch.setattr(pieces, "PIECE", 2)
    shelf, hush = make.served("shelf"), make.served("hush", private=True)
    some = [make.placed(shelf, f"acme.c{number}") for number in range(5)]
    make.placed(hush, "acme.covert")
    change_contents(shelf, remove=[some[1]])
    numbers = (1, 3, 5, 6, 7, 99)

    def listed(address: str, repository: Repository, number: int, more: str = "") -> Any:
        version = f"{ROOT}{repository.path}versions/{number}/"
        answer = make.api(bob).get(f"{address}?limit=2&offset=1&repository_version={version}{more}")
        return answer.json()["count"], [each["pulp_href"] for each in answer.json()["results"]]

    for repository, expected in ((shelf, [1, 3, 5, 4]), (hush, [0, 0, 0, 0])):
        plain = [listed(VERSIONS, repository, each, "&ordering=-pulp_created") for each in numbers]
        assert [count for count, _ in plain][:4] == expected
        for address in (VERSIONS, f"{ROOT}content/"):
            assert [listed(address, repository, each) for each in numbers] == plain


def test_what_a_version_of_a_repository_held_is_not_remembered_when_it_is_gone(bob: User) -> None:
    shelf = make.served("shelf")
    gone = make.placed(shelf, "acme.gone")
    make.placed(shelf, "acme.kept")
    change_contents(shelf, remove=[gone])
    address = f"{VERSIONS}?repository_version={ROOT}{shelf.path}versions/2/"
    assert make.api(bob).get(address).json()["count"] == 2

    delete_collection_version(str(gone.pk))

    assert [each["name"] for each in make.api(bob).get(address).json()["results"]] == ["kept"]
    assert make.api(bob).get(address).json()["count"] == 1
