"""Tasks that read a long table from end to end, and write in between, while others write too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import make
import pytest
from locks import beside
from patience import PATIENCE_SECONDS

from cartwheel.engine.models import Task
from cartwheel.registry import repair, search_index, walking
from cartwheel.registry.models import Artifact, Collection, CollectionVersion, Namespace, User
from cartwheel.registry.repair import repair_all
from cartwheel.registry.search_index import rebuild_search
from cartwheel.registry.walking import each_of

MANY = 2500  # more than are read at once, by anybody


def versions(count: int) -> None:
    collection = Collection.objects.create(namespace="acme", name="tools")
    artifacts = Artifact.objects.bulk_create(Artifact(sha256=f"{each:064d}", size=1) for each in range(count))
    CollectionVersion.objects.bulk_create(
        CollectionVersion(
            collection=collection, namespace="acme", name="tools", version=f"1.0.{each}", artifact=artifact
        )
        for each, artifact in enumerate(artifacts)
    )


@pytest.mark.parametrize(
    ("act", "module", "step"),
    [
        (lambda by: repair_all(verify_checksums=False, by=by), repair, "_is_intact"),
        (lambda by: rebuild_search(by=by), search_index, "parse"),
    ],
    ids=["check all files", "rebuild what search sorts by"],
)
@pytest.mark.django_db(transaction=True)
def test_a_task_that_reads_very_much_can_write_after_others_have(
    admin: User, monkeypatch: pytest.MonkeyPatch, act: Callable[[User], Task], module: Any, step: str
) -> None:
    versions(MANY)
    seen, problems = 0, list[Exception]()

    def write(by: str) -> None:
        Namespace.objects.create(name=by)

    def at_each_step(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            beside(lambda: write("another"), problems).join(PATIENCE_SECONDS)
            write("the_task")

    monkeypatch.setattr(module, step, at_each_step)

    make.perform(act(admin))

    assert problems == []
    assert {each.name for each in Namespace.objects.all()} == {"another", "the_task"}
    assert seen == MANY


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
@pytest.mark.django_db
def test_each_row_is_read_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(walking, "ROWS", 2)
    versions(count)

    found = [each.version for each in each_of(CollectionVersion.objects.filter(namespace="acme"))]

    assert found == [f"1.0.{each}" for each in range(count)]
