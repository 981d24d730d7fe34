"""What tasks have made: found by it, and told of it, also when it is gone or not for everybody."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import make
import pytest
from django.utils import timezone

from cartwheel.engine.models import CreatedResource, Task
from cartwheel.registry.models import Distribution, User
from cartwheel.registry.repository_documents import ansible_repository

pytestmark = pytest.mark.django_db

ROOT = "/api/automation-hub/pulp/api/v3/"


def ended() -> Task:
    return Task.objects.create(name="x", state="completed", finished_at=timezone.now())


def test_what_was_made_is_named_by_an_address_that_leads_somewhere(admin: User) -> None:
    nowhere, unknown = f"{ROOT}nowhere/", f"{ROOT}repositories/ansible/ansible/{uuid4()}/"

    assert make.api(admin).get(f"{ROOT}tasks/", {"created_resources": nowhere}).json() == [
        f"URI not valid: {nowhere}"
    ]
    assert make.api(admin).get(f"{ROOT}tasks/", {"created_resources": unknown}).json() == [
        f"URI {unknown} not found for ansiblerepository."
    ]


def test_a_result_names_addresses_below_the_prefix_that_was_asked_by(admin: User) -> None:
    """pulp-cli goes on with what it finds there."""
    there = "/api/galaxy/pulp/api/v3/"
    team = make.repository("team")
    made = {root: ansible_repository(team, root=root) | {"kin": [f"{root}x/", 1]} for root in (ROOT, there)}
    task = ended()
    Task.objects.filter(pk=task.pk).update(result=made[ROOT])

    told = {root: make.api(admin).get(f"{root}tasks/{task.pk}/").json()["result"] for root in made}

    assert told == made
    assert told[there]["pulp_href"] == f"{there}{team.path}"


def test_the_task_that_made_something_is_found_by_its_address_and_its_prn(admin: User) -> None:
    published = make.repository()
    version = make.placed(published)
    make.placed(published, number="2.0.0")
    release, other = f"content/ansible/collection_versions/{version.pk}/", f"{published.path}versions/2/"
    made = {path: ended() for path in (published.path, f"{published.path}versions/1/", release)}
    CreatedResource.objects.bulk_create(
        [CreatedResource(task=each, path=path) for path, each in made.items()]
    )
    asked = [
        (published.path, f"{ROOT}{published.path}"),
        (published.path, published.prn),
        (f"{published.path}versions/1/", f"http://testserver{ROOT}{published.path}versions/1/"),
        (f"{published.path}versions/1/", f"prn:core.repositoryversion:{published.versions.get(number=1).pk}"),
        (release, f"prn:ansible.collectionversion:{version.pk}"),
    ]

    for path, reference in asked:
        (found,) = make.api(admin).get(f"{ROOT}tasks/", {"created_resources": reference}).json()["results"]
        assert found["pulp_href"].endswith(f"{made[path].pk}/"), reference
    assert make.api(admin).get(f"{ROOT}tasks/", {"created_resources": f"{ROOT}{other}"}).json()["count"] == 0
    for gone in (f"{ROOT}{published.path}versions/77/", f"{ROOT}{release.replace(str(version.pk), 'x')}"):
        assert make.api(admin).get(f"{ROOT}tasks/", {"created_resources": gone}).status_code == 400


def test_what_a_task_made_and_is_gone_is_unavailable(admin: User, django_assert_max_num_queries: Any) -> None:
    published = make.served(retain_repo_versions=1)
    kept, left = make.placed(published), make.placed(published, number="2.0.0")
    distribution = Distribution.objects.get()
    paths = [
        f"{published.path}versions/1/",
        f"{published.path}versions/2/",
        f"content/ansible/collection_versions/{kept.pk}/",
        f"content/ansible/collection_versions/{left.pk}/",
        distribution.path,
        f"distributions/ansible/ansible/{uuid4()}/",
        "remotes/ansible/collection/somewhere/",
    ]
    for each in (ended(), ended()):
        CreatedResource.objects.bulk_create([CreatedResource(task=each, path=path) for path in paths])
    left.placements.all().delete()
    left.delete()

    with django_assert_max_num_queries(5):
        told = make.api(admin).get(f"{ROOT}tasks/").json()["results"]

    assert [each["created_resources"] for each in told] == 2 * [
        [
            "<unavailable>",
            f"{ROOT}{paths[1]}",
            f"{ROOT}{paths[2]}",
            "<unavailable>",
            f"{ROOT}{paths[4]}",
            "<unavailable>",
            f"{ROOT}{paths[6]}",
        ]
    ]


def test_nobody_learns_which_versions_a_private_repository_has(admin: User, bob: User) -> None:
    secret = make.served("secret", private=True)
    version = make.placed(secret)
    content = f"content/ansible/collection_versions/{version.pk}/"
    paths = [f"{secret.path}versions/{number}/" for number in (1, 77)]
    task = ended()
    CreatedResource.objects.bulk_create([CreatedResource(task=task, path=path) for path in paths])

    def told(user: User, path: str) -> list[str]:
        answers = []
        for query in ({"created_resources": path}, {"q": f'created_resources="{path}"'}):
            answer = make.api(user).get(f"{ROOT}tasks/", query).json()
            answers.append(json.dumps(answer).replace(path, "") if isinstance(answer, list) else "found")
        return answers

    assert told(bob, f"{ROOT}{paths[0]}") == told(bob, f"{ROOT}{paths[1]}") != ["found", "found"]
    assert told(bob, f"{ROOT}{content}") == told(
        bob, f"{ROOT}{content.replace(str(version.pk), str(uuid4()))}"
    )
    assert told(bob, secret.prn) != ["found", "found"]
    assert told(admin, f"{ROOT}{paths[0]}") == told(admin, secret.prn) == ["found", "found"]
    assert told(admin, f"{ROOT}{paths[1]}") != ["found", "found"]
    href = f"{ROOT}tasks/{task.pk}/"
    assert make.api(bob).get(href).json()["created_resources"] == [f"{ROOT}{path}" for path in paths]
    assert make.api(admin).get(href).json()["created_resources"] == [f"{ROOT}{paths[0]}", "<unavailable>"]
