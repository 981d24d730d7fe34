"""Whoever asked for a task may run it again, while they may still ask for the same."""

from __future__ import annotations

from collections.abc import Sequence

import make
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartwheel.engine import functions
from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied
from cartwheel.registry.approval import auto_approve
from cartwheel.registry.contents import MODIFY, Modification, copy_several, modify
from cartwheel.registry.deletion import DELETE, delete_collection
from cartwheel.registry.deprecation import deprecate
from cartwheel.registry.models import CollectionRemote, Repository, RepositoryVersion, RoleGrant, User
from cartwheel.registry.orphans import orphan_cleanup
from cartwheel.registry.remotes import CHANGE, OWNER_ROLE, VIEW, change_remote, create_remote
from cartwheel.registry.repeating import NEEDS, may_repeat, repeat, repeatable
from cartwheel.registry.roles import make_locked
from cartwheel.registry.sync.start import CHANGE_REPOSITORY, sync

HARMLESS = {  # what everybody may do again who did it; nobody imports again, as the file is gone by then
    "galaxy_ng.app.tasks.publishing.import_to_staging",
    "galaxy_ng.app.tasks.publishing.import_and_auto_approve",
    "pulp_ansible.app.tasks.collections.import_collection",
    "pulpcore.app.tasks.upload.commit",  # likewise
    "galaxy_ng.app.tasks.namespaces._create_pulp_namespace",  # notes what is so already
    "pulp_ansible.app.tasks.collectionversion_index.rebuild_index",  # likewise
    "cartwheel.registry.lint",  # reads, and says in its log what it thinks
}
OTHERS = {  # looked at in another way, or dispatched by nobody but operators and the hub
    "pulpcore.app.tasks.orphan.orphan_cleanup",
    "pulpcore.app.tasks.reclaim_space.reclaim_space",
    "pulpcore.app.tasks.repository.repair_all_artifacts",
}


def far() -> CollectionRemote:
    return CollectionRemote.objects.create(name="far", url="https://far.example.org/api/")


def ended(task: Task) -> Task:
    Task.objects.filter(pk=task.pk).update(state="completed")
    task.refresh_from_db()
    return task


def check_that_rights_are_asked_for(done: Task, *, by: User) -> None:
    """Whoever may have it done again may not once all rights are gone."""
    assert ended(repeat(done, by=by)).again_of == done
    RoleGrant.objects.all().delete()
    with pytest.raises(Denied):
        repeat(done, by=by)


def test_a_right_that_was_taken_away_does_not_live_on_in_a_task(alice: User) -> None:
    shelf = make.repository("shelf")
    make.grant(alice, MODIFY, on=shelf)
    done = ended(modify(shelf, Modification(remove_all=True), by=alice))

    check_that_rights_are_asked_for(done, by=alice)


@pytest.mark.parametrize("name", ["shelf", "staging"])
def test_who_may_not_change_a_repository_any_more_does_not_empty_it_again(alice: User, name: str) -> None:
    shelf = make.repository(name, labels={"pipeline": "staging"} if name == "staging" else {})
    make.grant(alice, MODIFY, on=shelf)
    empty = RepositoryVersion.objects.create(repository=shelf, number=0)
    done = ended(modify(shelf, Modification(base=empty), by=alice))

    check_that_rights_are_asked_for(done, by=alice)


def test_who_may_not_read_a_repository_any_more_does_not_copy_it_again(alice: User) -> None:
    shelf, secret = make.repository("shelf"), make.repository("secret", private=True)
    make.grant(alice, MODIFY, on=shelf)
    make.grant(alice, "ansible.view_ansiblerepository", on=secret)
    base = RepositoryVersion.objects.create(repository=secret, number=0)
    done = ended(modify(shelf, Modification(base=base), by=alice))
    assert done.title == "Change the content of a repository"  # the secret is not told

    assert ended(repeat(done, by=alice)).again_of == done
    RoleGrant.objects.filter(object_id=str(secret.pk)).delete()
    with pytest.raises(Denied):
        repeat(done, by=alice)


def test_the_child_of_an_import_is_no_way_past_the_approval(alice: User) -> None:
    staging, published = make.repository("staging"), make.repository("published")
    version = make.placed(staging)
    call = Call(by=alice)
    approved = ended(auto_approve.dispatch(version.pk, staging.pk, published.pk, call=call))

    with pytest.raises(Denied):
        repeat(approved, by=alice)


def test_who_made_a_remote_may_change_it_again_and_nobody_else_may(alice: User) -> None:
    make_locked([OWNER_ROLE])
    make.grant(alice, "ansible.add_collectionremote")
    remote = create_remote({"name": "far", "url": "https://far.example.org/api/"}, by=alice)
    changed = change_remote(remote, {"url": "https://near.example.org/api/"}, by=alice)
    assert changed

    check_that_rights_are_asked_for(ended(changed), by=alice)


@pytest.mark.parametrize("on", ["namespace", "repository"])
def test_who_may_deprecate_may_do_so_again(alice: User, on: str) -> None:
    published = make.repository("published")
    collection = make.placed(published).collection
    acme = make.namespace("acme")
    if on == "namespace":
        make.grant(alice, "galaxy.upload_to_namespace", on=acme)
    else:
        make.grant(alice, MODIFY, on=published)
    done = ended(deprecate(collection, published, by=alice))

    check_that_rights_are_asked_for(done, by=alice)


def test_what_became_private_is_copied_by_nobody_who_cannot_see_it(alice: User) -> None:
    shelf, own = make.repository("shelf"), make.repository("own")
    version = make.placed(shelf)
    make.grant(alice, MODIFY, on=own)
    done = ended(copy_several(shelf, [version.pk], [own], by=alice))

    assert may_repeat(alice, done)
    Repository.objects.filter(pk=shelf.pk).update(private=True)
    assert not may_repeat(alice, done)


def test_a_remote_that_one_may_not_see_any_more_is_not_synced_again(alice: User) -> None:
    shelf, remote = make.repository("shelf"), far()
    make.grant(alice, CHANGE_REPOSITORY, on=shelf)
    make.grant(alice, VIEW, on=remote)
    done = ended(sync(shelf, remote, by=alice))

    assert may_repeat(alice, done)
    RoleGrant.objects.filter(object_id=str(remote.pk)).delete()
    assert not may_repeat(alice, done)


def test_nobody_has_the_secrets_of_others_sent_to_where_a_remote_leads_now(
    admin: User, alice: User, bob: User
) -> None:
    remote = far()
    make.grant(alice, CHANGE, on=remote)
    make.grant(bob, "core.change_task")
    given = change_remote(remote, {"token": "hush"}, by=alice)
    renamed = change_remote(remote, {"name": "farther"}, by=alice)
    assert given
    assert renamed

    assert repeatable(bob, [given.pk, renamed.pk]) == {renamed.pk}
    with pytest.raises(Denied):
        repeat(ended(given), by=bob)
    assert repeat(given, by=alice).again_of == given
    assert may_repeat(admin, given)


def test_who_is_no_superuser_any_more_cleans_up_no_more(admin: User) -> None:
    done = ended(orphan_cleanup.dispatch(None, 0, call=Call(by=admin)))
    admin.is_superuser = False

    with pytest.raises(Denied):
        repeat(done, by=admin)


def test_operators_repeat_all(alice: User, bob: User) -> None:
    shelf = make.repository("shelf")
    make.grant(alice, MODIFY, on=shelf)
    make.grant(bob, "core.change_task")
    done = ended(modify(shelf, Modification(remove_all=True), by=alice))

    assert repeat(done, by=bob).again_of == done


def changed_shelves(names: Sequence[str], by: User) -> list[Task]:
    """Tasks that emptied these repositories. The repositories are new, and theirs to modify."""
    for name in names:
        make.grant(by, MODIFY, on=make.repository(name))
    shelves = [Repository.objects.get(name=name) for name in names]
    return [ended(modify(each, Modification(remove_all=True), by=by)) for each in shelves]


def test_of_many_tasks_those_are_known_that_may_still_be_repeated(alice: User, bob: User) -> None:
    call = Call(by=alice)
    kept, lost = changed_shelves(["kept", "lost"], alice)
    make.grant(alice, DELETE, on=make.namespace("acme"))
    own, others = (make.placed(make.repository(name), f"{name}.tools").collection for name in ("acme", "far"))
    mine, not_mine = (ended(delete_collection.dispatch(each.pk, call=call)) for each in (own, others))
    approved = ended(auto_approve.dispatch(None, None, None, call=call))
    clean = ended(orphan_cleanup.dispatch(None, 0, call=call))
    odd = ended(Task.objects.create(name=kept.name, created_by=alice))
    RoleGrant.objects.filter(object_id=str(Repository.objects.get(name="lost").pk)).delete()

    tasks = [kept, lost, mine, not_mine, approved, clean, odd]

    assert repeatable(alice, [each.pk for each in tasks]) == {kept.pk, mine.pk, odd.pk}
    assert [may_repeat(alice, each) for each in tasks] == [True, False, True, False, False, False, True]
    assert repeatable(bob, [each.pk for each in tasks]) == set()


def test_many_tasks_are_decided_about_in_as_many_statements_as_few(alice: User) -> None:
    def statements(names: Sequence[str]) -> int:
        tasks = [each.pk for each in changed_shelves(names, alice)]
        with CaptureQueriesContext(connection) as captured:
            assert repeatable(alice, tasks) == set(tasks)
        return len(captured)

    assert statements("ab") == statements("cdefghijklmn")


def test_it_was_thought_of_each_task_function() -> None:
    known = {
        name
        for name, each in functions._registered.items()
        if each.function.__module__.startswith("cartwheel.registry.")
    }

    assert known - set(NEEDS) - HARMLESS - OTHERS == set()
