"""A repository in Pulp's dialect, and an administrator who asks about it."""

from __future__ import annotations

from typing import Any

import make
import pytest

from cartwheel.engine.models import Task
from cartwheel.registry.models import (
    Repository,
    User,
)
from cartwheel.registry.roles import make_locked, missing_locked

ROOT = "/api/automation-hub/pulp/api/v3/"
REPOSITORIES = f"{ROOT}repositories/ansible/ansible/"
CONTENT = f"{ROOT}content/ansible/collection_versions/"

Client = Any


@pytest.fixture
def boss(admin: User) -> Client:
    make_locked(missing_locked())
    return make.api(admin)


@pytest.fixture
def mine(boss: Client) -> str:
    """The address of a repository."""
    return str(
        boss.post(REPOSITORIES, {"name": "mine", "description": "ours"}, format="json").json()["pulp_href"]
    )


def repository(href: str) -> Repository:
    return Repository.objects.get(pk=href.split("/")[-2])


def task_of(answer: Any) -> Task:
    assert answer.status_code == 202, answer.content
    return Task.objects.get(pk=answer.json()["task"].split("/")[-2])


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["name"] for each in answer.json()["results"]]
