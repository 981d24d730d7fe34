"""Running tasks again: whoever asked for one may, while they may still ask for the same.

A task does what was allowed when it was asked for. A right that was taken away since shall not live on in it,
and a child that an import made is no way past the approval.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Model

from cartwheel.engine.again import run_again
from cartwheel.engine.functions import find
from cartwheel.engine.models import Task
from cartwheel.engine.retention import purge
from cartwheel.kit.errors import CartwheelError
from cartwheel.registry import (
    contents,
    deletion,
    distribution_settings,
    general,
    marks,
    moves,
    orphans,
    rebuilding,
    remotes,
    repair,
    repository_settings,
    repository_versions,
)
from cartwheel.registry.approval import auto_approve
from cartwheel.registry.models import (
    Collection,
    CollectionRemote,
    CollectionVersion,
    Distribution,
    Namespace,
    Repository,
    RepositoryVersion,
    User,
)
from cartwheel.registry.permissions import allows, require, require_superuser
from cartwheel.registry.repositories import add_and_remove
from cartwheel.registry.sync.start import CHANGE_REPOSITORY
from cartwheel.registry.sync.task import sync
from cartwheel.registry.task_rights import CHANGE, require_stop

Given = Mapping[str, Any]  # the task's arguments, by the names of the function's
Needs = Iterable[tuple[str, Model | None]]  # permissions, each with what it must hold on; None: everywhere
MODIFY = contents.MODIFY


def repeat(task: Task, *, by: User) -> Task:
    """Make a new task that does the same. Raises Denied, NotAgain, UnknownFunction."""
    require_repeat(by, task)
    return run_again(task, by=by)


def require_repeat(by: User, task: Task) -> None:
    """Raises Denied if they may not have the task done again, and UnknownFunction."""
    require_stop(by, task)
    if not allows(by, CHANGE):  # operators repeat whatever there is
        _require_still(task, by)


def may_repeat(by: User, task: Task) -> bool:
    try:
        require_repeat(by, task)
    except CartwheelError:
        return False
    return True


def _require_still(task: Task, by: User) -> None:
    function = find(task.name)
    if task.name in (orphans.orphan_cleanup.name, repair.repair_all_artifacts.name):
        require_superuser(by)
    if needs := NEEDS.get(task.name):
        try:
            given = inspect.signature(function.function).bind(*task.args, **task.kwargs).arguments
        except TypeError:
            return  # so it cannot even begin
        for permission, target in needs(given):
            require(by, permission, target)


def _on_repositories(permission: str, *names: str) -> Callable[[Given], Needs]:
    return lambda given: [(permission, _find(Repository, given[name])) for name in names]


def _of_modification(given: Given) -> Needs:
    repository = _find(Repository, given["repository_id"])
    is_deprecation = not (given["add"] or given["remove"] or given.get("back_to"))
    is_upload = repository is not None and repository.pipeline == "staging" and not given["remove"]
    return [] if is_deprecation or is_upload else [(MODIFY, repository)]


def _of_copy(given: Given) -> Needs:
    touched = [*given["destination_ids"], *([given["source_id"]] if given["is_move"] else [])]
    return [(MODIFY, _find(Repository, each)) for each in touched]


def _of_deletion(kind: type[Collection] | type[CollectionVersion], name: str) -> Callable[[Given], Needs]:
    def needs(given: Given) -> Needs:
        found = kind._default_manager.filter(pk=given[name]).values_list("namespace", flat=True).first()
        return [(deletion.DELETE, Namespace.objects.filter(name=found).first())]

    return needs


def _of_object(act: str) -> Callable[[Given], Needs]:
    """What is needed to create, change or delete one of the kinds that general tasks know."""

    def needs(given: Given) -> Needs:
        kind, identifier = given["kind"], given.get("identifier")
        if kind == remotes.KIND:
            permission = remotes.DELETE if act == "delete" else remotes.CHANGE
            return [(permission, _find(CollectionRemote, identifier))]
        permission = repository_settings.DELETE if act == "delete" else repository_settings.CHANGE
        if kind == repository_settings.KIND:
            return [(permission, _find(Repository, identifier))]
        return [(permission, each) for each in (*_to_be_served(given), *_served_now(identifier))]

    return needs


def _to_be_served(given: Given) -> list[Repository | None]:
    values = given.get("given", given.get("change", {}))
    if "given" not in given and values.keys().isdisjoint(("repository", "repository_version")):
        return []
    version = _find(RepositoryVersion, values.get("repository_version"))
    return [version.repository if version else _find(Repository, values.get("repository"))]


def _served_now(identifier: str | None) -> list[Repository | None]:
    found = _find(Distribution, identifier)
    return [distribution_settings.repository_of(found)] if found else []


def _find(model: Any, identifier: Any) -> Any:
    return model.objects.filter(pk=identifier).first() if identifier else None


NEEDS: dict[str, Callable[[Given], Needs]] = {
    add_and_remove.name: _of_modification,
    auto_approve.name: _on_repositories(MODIFY, "staging_id", "published_id"),
    moves.move_collection.name: _on_repositories(MODIFY, "source_id", "destination_id"),
    moves.copy_collection.name: _on_repositories(MODIFY, "source_id", "destination_id"),
    contents.copy_or_move.name: _of_copy,
    marks.mark_versions.name: _on_repositories(MODIFY, "repository_id"),
    marks.unmark_versions.name: _on_repositories(MODIFY, "repository_id"),
    repository_versions.delete_repository_version.name: _on_repositories(
        repository_versions.DELETE, "repository_id"
    ),
    repair.repair_version.name: _on_repositories(repair.REPAIR, "repository_id"),
    rebuilding.rebuild_metadata.name: _on_repositories(rebuilding.REBUILD, "repository_id"),
    sync.name: _on_repositories(CHANGE_REPOSITORY, "repository_pk"),
    deletion.delete_collection.name: _of_deletion(Collection, "collection_id"),
    deletion.delete_collection_version.name: _of_deletion(CollectionVersion, "version_id"),
    purge.name: lambda given: [("core.delete_task", None)],
    general.general_create.name: _of_object("create"),
    general.general_update.name: _of_object("change"),
    general.general_delete.name: _of_object("delete"),
}
