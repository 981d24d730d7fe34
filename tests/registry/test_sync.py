"""Syncs from a server that behaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import make
import pytest
from django.utils import timezone
from patience import PATIENCE_SECONDS
from upstream import INDEX, Upstream, running_upstream

from cartwheel.engine.models import ProgressReport, Task
from cartwheel.engine.scrubbing import forget_secrets
from cartwheel.registry.artifacts import fetched
from cartwheel.registry.imports import VersionExists
from cartwheel.registry.models import (
    CollectionRemote,
    CollectionVersion,
    Deprecation,
    Repository,
    User,
)
from cartwheel.registry.orphans import orphan_cleanup
from cartwheel.registry.remotes import sealed
from cartwheel.registry.repeating import repeat
from cartwheel.registry.repositories import change_contents, contents
from cartwheel.registry.sync import task as sync_task
from cartwheel.registry.sync.errors import UpstreamProblem
from cartwheel.registry.sync.start import sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as started:
        yield started
    forget_secrets()


@pytest.fixture
def community(db: None) -> Repository:
    return make.served("community")


def remote_to(upstream: Upstream, **details: Any) -> CollectionRemote:
    """A remote, which gives up at once."""
    return CollectionRemote.objects.create(
        name="elsewhere", url=upstream.url, **{"max_retries": 0, **sealed(details)}
    )


def run(
    repository: Repository, remote: CollectionRemote, by: User, *, mirror: bool = False, optimize: bool = True
) -> Task:
    """Sync, here."""
    repository.refresh_from_db()
    remote.refresh_from_db()
    return make.perform(sync(repository, remote, by=by, mirror=mirror, optimize=optimize))


def held(repository: Repository) -> set[str]:
    return {f"{each.namespace}.{each.name} {each.version}" for each in contents(repository)}


def reports(task: Task) -> dict[str, tuple[str, int | None, int]]:
    rows = ProgressReport.objects.filter(task=task).order_by("pk")
    return {each.code: (each.state, each.total, each.done) for each in rows}


def requiring(*lines: str) -> str:
    return "\n".join(["collections:", *(f"  - {line}" for line in lines)])


def test_a_sync_that_is_repeated_is_the_last_one(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    remote = remote_to(upstream)
    first = run(community, remote, admin)
    Task.objects.update(state="completed")
    first.refresh_from_db()
    again = repeat(first, by=admin)
    later = sync(community, remote, by=admin)

    def last() -> set[object]:
        rows = [Repository.objects.filter(pk=community.pk), CollectionRemote.objects.filter(pk=remote.pk)]
        return {each.values_list("last_sync_task", flat=True).get() for each in rows}

    make.perform(again)
    assert last() == {later.pk}  # it was asked for after that
    Repository.objects.update(last_sync_task=first)
    CollectionRemote.objects.update(last_sync_task=None)
    make.perform(again)
    assert last() == {again.pk}


def test_all_that_the_server_has_is_in_one_new_version(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    for number in range(3):
        upstream.add("acme.tools", f"1.{number}.0")
    upstream.add("acme.more")

    task = run(community, remote_to(upstream), admin)

    assert held(community) == {"acme.tools 1.0.0", "acme.tools 1.1.0", "acme.tools 1.2.0", "acme.more 1.0.0"}
    community.refresh_from_db()
    assert community.latest_number == 1
    assert task.title == "Sync community from 127.0.0.1"
    assert reports(task) == {
        "sync.parsing.metadata": ("completed", 4, 4),
        "sync.parsing.namespace": ("completed", 0, 0),
        "sync.downloading.artifacts": ("completed", 4, 4),
        "sync.downloading.docs_blob": ("completed", None, 0),
        "associating.content": ("completed", None, 4),
    }


def test_lists_of_many_pages_are_read_to_their_end(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    release = upstream.add("acme.tools", "1.0.0")
    upstream.releases["acme.tools"] = {f"1.{number}.0": release for number in range(250)}
    for number in (0, 120, 249):  # only these are what they say, and are asked for
        upstream.add("acme.tools", f"1.{number}.0")
    remote = remote_to(upstream, requirements_file=requiring("{name: acme.tools, version: '==1.249.0'}"))

    run(community, remote, admin)

    assert held(community) == {"acme.tools 1.249.0"}


def test_only_what_is_required_is_fetched_and_what_that_needs(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools", "1.0.0", dependencies={"acme.base": ">=1.0.0,<2.0.0"})
    upstream.add("acme.tools", "2.0.0", dependencies={"acme.other": "*"})
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        upstream.add("acme.base", version, dependencies={"acme.tools": "*"} if version == "2.0.0" else {})
    upstream.add("acme.other")
    remote = remote_to(upstream, requirements_file=requiring("{name: acme.tools, version: '<2.0.0'}"))

    run(community, remote, admin)

    assert held(community) == {"acme.tools 1.0.0", "acme.base 1.0.0", "acme.base 1.1.0"}


def test_dependencies_can_be_left_out_and_circles_end(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools", dependencies={"acme.base": "*"})
    upstream.add("acme.base", dependencies={"acme.tools": "*"})
    remote = remote_to(upstream, requirements_file=requiring("acme.tools"), sync_dependencies=False)

    run(community, remote, admin)
    alone = held(community)
    CollectionRemote.objects.update(sync_dependencies=True)
    run(community, remote, admin)

    assert alone == {"acme.tools 1.0.0"}
    assert held(community) == {"acme.tools 1.0.0", "acme.base 1.0.0"}


def test_only_so_many_of_the_highest_versions(upstream: Upstream, community: Repository, admin: User) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        upstream.add("acme.tools", version)

    run(community, remote_to(upstream, sync_highest_versions=2), admin)

    assert held(community) == {"acme.tools 1.9.0", "acme.tools 1.10.0"}


def test_signed_only_takes_nothing_that_is_not_signed(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")

    run(community, remote_to(upstream, signed_only=True), admin)

    assert held(community) == set()


def test_a_mirror_loses_what_the_server_lost_and_another_keeps_it(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream)
    change_contents(community, add=[make.version("acme.own")])

    run(community, remote, admin)
    added = held(community)
    run(community, remote, admin, mirror=True)

    assert added == {"acme.own 1.0.0", "acme.tools 1.0.0"}
    assert held(community) == {"acme.tools 1.0.0"}


def test_deprecations_come_along_and_go_again(upstream: Upstream, community: Repository, admin: User) -> None:
    upstream.add("acme.tools")
    upstream.deprecated.add("acme.tools")
    remote = remote_to(upstream)

    run(community, remote, admin)
    first = Deprecation.objects.count()
    upstream.deprecated.clear()
    run(community, remote, admin)

    assert (first, Deprecation.objects.count()) == (1, 0)


def test_a_second_sync_fetches_nothing_and_makes_no_version(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream)
    run(community, remote, admin)

    task = run(community, remote, admin)

    assert upstream.files_asked_for == 1
    community.refresh_from_db()
    assert community.latest_number == 1
    assert reports(task)["sync.downloading.artifacts"] == ("completed", None, 0)
    assert not task.created_resources.exists()


def test_one_request_tells_that_nothing_has_changed(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream)
    Repository.objects.update(remote=remote)
    run(community, remote, admin)
    upstream.asked.clear()

    unchanged = run(community, remote, admin)
    asked = upstream.asked.total()
    whole = run(community, remote, admin, optimize=False)
    upstream.published = "2026-02-02T00:00:00.000000Z"
    upstream.add("acme.tools", "2.0.0")
    run(community, remote, admin)

    assert asked == 1
    assert list(reports(unchanged)) == ["sync.no_change"]
    assert "sync.parsing.metadata" in reports(whole)
    assert held(community) == {"acme.tools 1.0.0", "acme.tools 2.0.0"}


def test_what_was_changed_by_hand_is_mended_though_nothing_has_changed_there(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream)
    Repository.objects.update(remote=remote)
    run(community, remote, admin, mirror=True)

    change_contents(community, add=[make.version("acme.own")], remove=list(contents(community)))
    by_hand = held(community)
    run(community, remote, admin, mirror=True)
    mended = held(community)
    unchanged = run(community, remote, admin, mirror=True)

    assert by_hand == {"acme.own 1.0.0"}
    assert mended == {"acme.tools 1.0.0"}
    assert list(reports(unchanged)) == ["sync.no_change"]
    assert upstream.files_asked_for == 1


def test_a_mirror_removes_what_an_addition_had_left_though_nothing_has_changed_there(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream)
    Repository.objects.update(remote=remote)
    change_contents(community, add=[make.version("acme.own")])
    run(community, remote, admin)

    run(community, remote, admin, mirror=True)

    assert held(community) == {"acme.tools 1.0.0"}


def test_other_settings_of_a_remote_are_synced_though_nothing_has_changed_there(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    from cartwheel.registry.remotes import change_now

    upstream.add("acme.tools")
    upstream.add("acme.tools", "2.0.0")
    remote = remote_to(upstream, sync_highest_versions=1)
    Repository.objects.update(remote=remote)
    run(community, remote, admin)

    change_now(remote, {"sync_highest_versions": 2}, by=admin)
    run(community, remote, admin)

    assert held(community) == {"acme.tools 1.0.0", "acme.tools 2.0.0"}


def test_a_file_that_an_earlier_sync_left_is_not_fetched_again(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    release = upstream.add("acme.tools")
    left = fetched(release.sha256)
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(release.packed)

    run(community, remote_to(upstream), admin)

    assert held(community) == {"acme.tools 1.0.0"}
    assert upstream.files_asked_for == 0
    assert not left.exists()


def test_a_left_file_that_is_broken_is_fetched_again(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    release = upstream.add("acme.tools")
    left = fetched(release.sha256)
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(release.packed[:100])

    run(community, remote_to(upstream), admin)

    assert held(community) == {"acme.tools 1.0.0"}


def test_what_the_hub_has_already_must_be_the_same(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    make.version("acme.tools")  # uploaded by somebody, with other bytes

    with pytest.raises(VersionExists):
        run(community, remote_to(upstream), admin)

    assert held(community) == set()


def test_what_is_required_and_not_there_is_named(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream, requirements_file=requiring("acme.nothing"))

    with pytest.raises(UpstreamProblem, match=r"^127\.0\.0\.1 has no collection acme\.nothing\."):
        run(community, remote, admin)


def test_what_is_required_from_another_server_is_not_taken_from_this_one(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    wanted = requiring("{name: acme.tools, source: 'https://galaxy.example.com/api/'}")
    remote = remote_to(upstream, requirements_file=wanted)

    with pytest.raises(
        UpstreamProblem, match=r"want acme\.tools from galaxy\.example\.com, but it has one server"
    ):
        run(community, remote, admin)

    assert held(community) == set()


@pytest.mark.parametrize("source", ["http://127.0.0.1/api/", "release_galaxy", "http://["])
def test_a_source_that_names_the_server_itself_or_none_changes_nothing(
    upstream: Upstream, community: Repository, admin: User, source: str
) -> None:
    upstream.add("acme.tools")
    wanted = requiring(f"{{name: acme.tools, source: '{source}'}}")

    run(community, remote_to(upstream, requirements_file=wanted), admin)

    assert held(community) == {"acme.tools 1.0.0"}


def test_a_range_that_nothing_matches_is_named(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream, requirements_file=requiring("{name: acme.tools, version: '>9.0.0'}"))

    with pytest.raises(UpstreamProblem, match=r"no version of acme\.tools that matches >9\.0\.0"):
        run(community, remote, admin)


def test_a_token_is_sent_to_the_server_and_nowhere_else(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    with running_upstream() as files:
        files.releases = upstream.releases
        upstream.instead["/files/"] = lambda asked: asked.say(
            {}, status=302, Location=f"{files.url.rstrip('/')}{asked.path}"
        )
        run(community, remote_to(upstream, token="a-secret-token"), admin)

    assert {each.get("Authorization") for _, each in upstream.headers} == {"Token a-secret-token"}
    assert [each.get("Authorization") for _, each in files.headers] == [None]


def test_a_token_is_changed_for_another_where_there_is_an_auth_url(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream, token="offline-token", auth_url=f"{upstream.url}auth/token")

    run(community, remote, admin)

    assert {each.get("Authorization") for _, each in upstream.headers} == {"Bearer fresh-1"}
    assert upstream.forms == [
        {"grant_type": ["refresh_token"], "client_id": ["cloud-services"], "refresh_token": ["offline-token"]}
    ]


def test_a_token_that_expired_is_changed_once_more(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")

    def only_the_second(asked: Any) -> None:
        if asked.headers["Authorization"] == "Bearer fresh-1":
            asked.say({}, status=401)
        else:
            asked.say(upstream.answer(f"{INDEX}acme/tools/versions/1.0.0/", {}))

    upstream.instead[f"{INDEX}acme/tools/versions/1.0.0/"] = only_the_second
    remote = remote_to(upstream, token="offline-token", auth_url=f"{upstream.url}auth/token", max_retries=0)

    run(community, remote, admin)

    assert held(community) == {"acme.tools 1.0.0"}


def test_a_token_that_expires_while_several_use_it_is_changed_once(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    together = threading.Barrier(4, timeout=PATIENCE_SECONDS)
    for number in range(4):
        upstream.add("acme.tools", f"1.{number}.0")

    def only_the_second(asked: Any) -> None:
        if asked.headers["Authorization"] == "Bearer fresh-1":
            together.wait()
            asked.say({}, status=401)
        else:
            asked.say(upstream.answer(asked.path, {}))

    upstream.instead[f"{INDEX}acme/tools/versions/1."] = only_the_second
    auth_url = f"{upstream.url}auth/token"
    remote = remote_to(
        upstream, token="offline-token", auth_url=auth_url, download_concurrency=4, max_retries=0
    )

    run(community, remote, admin)

    assert len(held(community)) == 4
    assert upstream.asked["/auth/token"] == 2


def test_where_no_token_helps_the_credentials_are_wrong(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.instead["/"] = lambda asked: asked.say({}, status=401)
    remote = remote_to(upstream, token="offline-token", auth_url=f"{upstream.url}auth/token")

    with pytest.raises(UpstreamProblem, match=r"does not let us in \(401\)"):
        run(community, remote, admin)

    assert upstream.asked["/auth/token"] == 3


def test_user_and_password_and_headers_are_sent(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")
    remote = remote_to(upstream, username="ann", password="secret", headers=[{"X-Team": "blue"}])

    run(community, remote, admin)

    assert {(each["Authorization"], each["X-Team"]) for _, each in upstream.headers} == {
        ("Basic YW5uOnNlY3JldA==", "blue")
    }


def test_files_are_fetched_at_the_same_time_as_many_as_allowed(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    together = threading.Barrier(4, timeout=PATIENCE_SECONDS)
    for number in range(4):
        upstream.add("acme.tools", f"1.{number}.0")

    def wait_for_the_others(asked: Any) -> None:
        together.wait()
        asked.give(upstream.answer(asked.path, {}))

    upstream.instead["/files/"] = wait_for_the_others

    run(community, remote_to(upstream, download_concurrency=4), admin)

    assert len(held(community)) == 4


def test_the_clean_up_takes_nothing_away_that_a_sync_has_found(
    upstream: Upstream, community: Repository, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier sync had left is found, and the nightly clean-up runs while the rest is fetched."""
    upstream.add("acme.known")
    upstream.add("acme.other")
    known = remote_to(upstream, requirements_file=requiring("acme.known"))
    run(make.repository("gone"), known, admin)
    Repository.objects.get(name="gone").delete()
    CollectionVersion.objects.update(updated_at=timezone.now() - timedelta(days=3))
    CollectionRemote.objects.update(requirements_file="")
    place = sync_task._place

    def place_later(*what: Any) -> Any:
        orphan_cleanup()
        return place(*what)

    monkeypatch.setattr(sync_task, "_place", place_later)

    task = run(community, known, admin)

    assert held(community) == {"acme.known 1.0.0", "acme.other 1.0.0"}
    assert reports(task)["sync.downloading.artifacts"] == ("completed", 1, 1)


def test_nothing_is_left_on_the_disk_but_artifacts(
    upstream: Upstream, community: Repository, admin: User
) -> None:
    upstream.add("acme.tools")

    run(community, remote_to(upstream), admin)

    uploads: Path = fetched("x").parent
    assert [each.name for each in uploads.iterdir() if each.name.startswith(("fetched", "arriving"))] == []
    assert CollectionVersion.objects.get().artifact.size == len(
        upstream.releases["acme.tools"]["1.0.0"].packed
    )
