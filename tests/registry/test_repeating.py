"""Whoever asked for a task may run it again, while they may still ask for the same."""

from __future__ import annotations

import make
import pytest

from cartwheel.engine import functions
from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied
from cartwheel.registry.approval import auto_approve
from cartwheel.registry.contents import MODIFY, Modification, modify
from cartwheel.registry.deprecation import deprecate
from cartwheel.registry.models import RoleGrant, User
from cartwheel.registry.orphans import orphan_cleanup
from cartwheel.registry.remotes import OWNER_ROLE, change_remote, create_remote
from cartwheel.registry.repeating import NEEDS, repeat
from cartwheel.registry.roles import make_locked

HARMLESS = {  # what everybody may do again who did it: imports, whose file is gone by then, and trials
    "galaxy_ng.app.tasks.publishing.import_to_staging",
    "galaxy_ng.app.tasks.publishing.import_and_auto_approve",
    "pulp_ansible.app.tasks.collections.import_collection",
    "galaxy_ng.app.tasks.namespaces._create_pulp_namespace",  # notes what is so already
    "pulp_ansible.app.tasks.collectionversion_index.rebuild_index",  # likewise
    "cartwheel.registry.lint",  # reads, and says in its log what it thinks
}
OTHERS = {  # looked at in another way, or dispatched by nobody but operators and the hub
    "pulpcore.app.tasks.orphan.orphan_cleanup",
    "pulpcore.app.tasks.repository.repair_all_artifacts",
}


def ended(task: Task) -> Task:
    Task.objects.filter(pk=task.pk).update(state="completed")
    task.refresh_from_db()
    return task


def test_a_right_that_was_taken_away_does_not_live_on_in_a_task(alice: User) -> None:
    shelf = make.repository("shelf")
    make.grant(alice, MODIFY, on=shelf)
    done = ended(modify(shelf, Modification(remove_all=True), by=alice))

    assert ended(repeat(done, by=alice)).again_of == done
    RoleGrant.objects.all().delete()
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

    assert repeat(ended(changed), by=alice).again_of == changed
    RoleGrant.objects.all().delete()
    with pytest.raises(Denied):
        repeat(changed, by=alice)


def test_what_publishers_may_do_they_may_do_again(alice: User) -> None:
    published = make.repository("published")
    collection = make.placed(published).collection
    done = ended(deprecate(collection, published, by=alice))

    assert repeat(done, by=alice).again_of == done


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


def test_it_was_thought_of_each_task_function() -> None:
    known = {
        name
        for name, each in functions._registered.items()
        if each.function.__module__.startswith("cartwheel.registry.")
    }

    assert known - set(NEEDS) - HARMLESS - OTHERS == set()
