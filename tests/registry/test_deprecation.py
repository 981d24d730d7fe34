"""Collections are deprecated in a repository, and recommended again."""

from __future__ import annotations

import make
import pytest

from cartwheel.kit.errors import Denied
from cartwheel.registry.deprecation import deprecate, recommend, require_deprecate
from cartwheel.registry.models import Deprecation, Namespace, Repository, User


def test_a_deprecation_makes_a_version_of_the_repository(admin: User) -> None:
    published = make.served()
    tools = make.placed(published).collection
    before = tools.updated_at

    task = make.perform(deprecate(tools, published, by=admin))

    assert Deprecation.objects.get().collection == tools
    assert Repository.objects.get().latest_number == 2
    assert task.created_resources.get().path.endswith("/versions/2/")
    assert task.name == "pulpcore.app.tasks.repository.add_and_remove"
    assert task.title == "Deprecate acme.tools in published"
    tools.refresh_from_db()
    assert tools.updated_at > before


def test_deprecating_twice_changes_nothing_the_second_time(admin: User) -> None:
    published = make.served()
    tools = make.placed(published).collection
    make.perform(deprecate(tools, published, by=admin))

    task = make.perform(deprecate(tools, published, by=admin))

    assert Deprecation.objects.count() == 1
    assert not task.created_resources.exists()


def test_a_deprecation_can_be_taken_back(admin: User) -> None:
    published = make.served()
    tools = make.placed(published).collection
    make.perform(deprecate(tools, published, by=admin))

    make.perform(recommend(tools, published, by=admin))

    assert not Deprecation.objects.exists()
    assert Repository.objects.get().latest_number == 3


def test_owners_of_the_namespace_and_curators_of_the_repository_may_deprecate(alice: User, bob: User) -> None:
    published = make.served()
    tools = make.placed(published).collection
    make.grant(alice, "galaxy.upload_to_namespace", on=Namespace.objects.create(name="acme"))

    require_deprecate(tools, published, by=alice)
    with pytest.raises(Denied):
        require_deprecate(tools, published, by=bob)
    make.grant(bob, "ansible.modify_ansible_repo_content", on=published)

    require_deprecate(tools, published, by=bob)
