"""Versions move and are copied between repositories."""

from __future__ import annotations

import make
import pytest

from cartwheel.engine.errors import LostClaim
from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied, NotFound
from cartwheel.registry import repositories
from cartwheel.registry.approval import auto_approve
from cartwheel.registry.models import Collection, RepositoryVersion, User
from cartwheel.registry.moves import Gone, Route, copy, find_route, move
from cartwheel.registry.repositories import change_contents, contents

NAMED = {
    "namespace": "acme",
    "name": "tools",
    "version": "1.0.0",
    "source": "staging",
    "destination": "published",
}


def test_a_move_takes_the_version_out_of_one_repository_and_puts_it_into_the_other(admin: User) -> None:
    staging, published = make.served("staging"), make.served("published")
    tools = make.placed(staging)

    task = make.perform(move(find_route(**NAMED, by=admin), by=admin))

    assert list(contents(staging)) == []
    assert list(contents(published)) == [tools]
    assert task.title == "Move acme.tools 1.0.0 from staging to published"
    assert {each.path for each in task.created_resources.all()} == {
        each.path for each in RepositoryVersion.objects.exclude(repository=staging, number=1)
    }


def test_a_copy_leaves_the_version_where_it_was(admin: User) -> None:
    staging, published = make.served("staging"), make.served("published")
    tools = make.placed(staging)

    make.perform(copy(find_route(**NAMED, by=admin), by=admin))

    assert list(contents(staging)) == [tools]
    assert list(contents(published)) == [tools]


def test_a_move_reserves_both_repositories(admin: User) -> None:
    staging, published = make.served("staging"), make.served("published")
    make.placed(staging)

    task = move(find_route(**NAMED, by=admin), by=admin)

    assert (task.reserved_resources_record or [])[:2] == [staging.prn, published.prn]
    assert task.name == "pulp_ansible.app.tasks.copy.move_collection"


def test_a_move_makes_the_list_of_the_collection_look_changed(admin: User) -> None:
    make.served("published")
    make.placed(make.served("staging"))
    before = Collection.objects.get().updated_at

    make.perform(move(find_route(**NAMED, by=admin), by=admin))

    assert Collection.objects.get().updated_at > before


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"version": "9.9.9"}, "Collection acme-tools-9.9.9 not found"),
        ({"destination": "nowhere"}, "Repo(s) for moving collection acme-tools-1.0.0 not found"),
        ({"source": "nowhere"}, "Repo(s) for moving collection acme-tools-1.0.0 not found"),
        (
            {"source": "published", "destination": "staging"},
            "Collection acme-tools-1.0.0 not found in source repo",
        ),
        ({"destination": "staging"}, "Collection acme-tools-1.0.0 already found in destination repo"),
    ],
)
def test_what_cannot_be_moved_is_refused_at_once(admin: User, changed: dict[str, str], message: str) -> None:
    make.served("published")
    make.placed(make.served("staging"))

    with pytest.raises(NotFound) as refused:
        move(find_route(**{**NAMED, **changed}, by=admin), by=admin)

    assert refused.value.message == message
    assert not Task.objects.exists()


def test_who_may_change_only_one_of_the_repositories_may_not_move(alice: User) -> None:
    staging = make.served("staging")
    make.served("published")
    make.placed(staging)
    make.grant(alice, "ansible.modify_ansible_repo_content", on=staging)

    with pytest.raises(Denied):
        find_route(**NAMED, by=alice)


def test_who_may_change_both_repositories_may_move(alice: User) -> None:
    staging, published = make.served("staging"), make.served("published")
    make.placed(staging)
    for repository in (staging, published):
        make.grant(alice, "ansible.modify_ansible_repo_content", on=repository)

    make.perform(move(find_route(**NAMED, by=alice), by=alice))

    assert contents(published).count() == 1


def test_what_was_deleted_before_its_approval_is_not_taken_for_approved(admin: User) -> None:
    staging, published = make.served("staging"), make.served("published")
    version = make.placed(staging)
    task = auto_approve.dispatch(version.pk, staging.pk, published.pk, call=Call(by=admin))
    version.delete()

    with pytest.raises(repositories.Gone, match=r"has been deleted meanwhile\. Upload it again\.$"):
        make.perform(task)


def test_what_is_no_longer_in_a_private_repository_is_not_named(admin: User) -> None:
    hush, other = make.repository("hush", private=True), make.repository("other")
    tools = make.placed(hush)
    task = move(Route(tools, hush, other), by=admin)
    change_contents(hush, remove=[tools])

    with pytest.raises(Gone, match=r"^The version is no longer in a private repository: it was moved"):
        make.perform(task)


def test_a_move_that_was_done_already_is_done_again_without_harm(admin: User) -> None:
    make.placed(make.served("staging"))
    published = make.served("published")
    task = move(find_route(**NAMED, by=admin), by=admin)
    make.perform(task)

    make.perform(task)

    assert contents(published).count() == 1
    assert RepositoryVersion.objects.filter(repository=published).count() == 1


def test_a_move_of_what_is_gone_meanwhile_fails_and_says_so(admin: User) -> None:
    staging, published = make.served("staging"), make.served("published")
    tools = make.placed(staging)
    task = move(find_route(**NAMED, by=admin), by=admin)
    change_contents(staging, remove=[tools])

    with pytest.raises(Gone, match=r"^acme\.tools 1\.0\.0 is no longer in staging"):
        make.perform(task)

    assert list(contents(published)) == []


def test_a_worker_that_lost_the_move_changes_nothing(admin: User) -> None:
    staging = make.served("staging")
    make.served("published")
    tools = make.placed(staging)
    task = move(find_route(**NAMED, by=admin), by=admin)

    with pytest.raises(LostClaim):
        make.perform_without_claim(task)

    assert list(contents(staging)) == [tools]
