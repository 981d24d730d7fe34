"""Running tasks again: whoever asked for one may, while they may still ask for the same.

A task does what was allowed when it was asked for. A right that was taken away since shall not live on in it,
and a child that an import made is no way past the approval. Nor are others to have a secret sent, that somebody
once gave, to where a remote leads now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from cartwheel.engine.again import run_again
from cartwheel.engine.functions import find
from cartwheel.engine.models import Task
from cartwheel.engine.retention import purge
from cartwheel.kit.errors import Denied
from cartwheel.registry import (
    contents,
    deletion,
    distribution_settings,
    general,
    marks,
    moves,
    orphans,
    rebuilding,
    reclaiming,
    remotes,
    repair,
    repository_settings,
    repository_versions,
)
from cartwheel.registry.approval import auto_approve
from cartwheel.registry.arguments import Given, arguments_of, has_secrets
from cartwheel.registry.deprecation import UPLOAD
from cartwheel.registry.distributions import VIEW
from cartwheel.registry.models import (
    Collection,
    CollectionRemote,
    CollectionVersion,
    Distribution,
    Repository,
    RepositoryVersion,
    User,
)
from cartwheel.registry.permissions import DENIED, Need, allowed, allows
from cartwheel.registry.repositories import add_and_remove
from cartwheel.registry.sync.start import CHANGE_REPOSITORY
from cartwheel.registry.sync.task import sync
from cartwheel.registry.task_rights import CHANGE, require_stop, stoppable
from cartwheel.registry.task_things import Things

Needs = Iterable[Need | frozenset[Need]]  # all of these; of a set, any
MODIFY = contents.MODIFY
ONLY_SUPERUSERS = frozenset(
    {orphans.orphan_cleanup.name, reclaiming.reclaim_space.name, repair.repair_all_artifacts.name}
)
WITH_SECRETS = frozenset({general.general_create.name, general.general_update.name})


def repeat(task: Task, *, by: User) -> Task:
    """Make a new task that does the same. Raises Denied, NotAgain, UnknownFunction."""
    require_repeat(by, task)
    return run_again(task, by=by)


def require_repeat(by: User, task: Task) -> None:
    """Raises Denied if they may not have the task done again, and UnknownFunction."""
    require_stop(by, task)
    find(task.name)
    if allows(by, CHANGE):
        may = by.is_superuser or not _with_secrets_of_others(by, [task])
    else:
        may = bool(_still_allowed(by, [task]))
    if not may:
        raise Denied(DENIED)


def may_repeat(by: User, task: Task) -> bool:
    return task.pk in repeatable(by, [task.pk])


def repeatable(by: User, task_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the tasks that they may have done again.

    Operators repeat whatever there is, but for what holds the secrets of others. A statement for each kind of
    object that matters and six more, however many tasks.
    """
    mine = stoppable(by, task_ids)
    if not mine or by.is_superuser:
        return mine
    tasks = Task.objects.filter(pk__in=mine).only("name", "args", "kwargs", "created_by")
    if allows(by, CHANGE):
        return mine - _with_secrets_of_others(by, tasks.filter(name__in=WITH_SECRETS))
    return _still_allowed(by, tasks)


def _still_allowed(by: User, tasks: Iterable[Task]) -> set[UUID]:
    """Those of the tasks for which they could ask now."""
    given = {task: arguments_of(task) for task in tasks}
    things = Things(given.values())
    needs = {task: list(_needs(task.name, given[task], things)) for task in given}
    held = allowed(by, [option for each in needs.values() for need in each for option in _options(need)])
    return {task.pk for task, each in needs.items() if all(held & _options(need) for need in each)}


def _options(need: Need | frozenset[Need]) -> frozenset[Need]:
    return need if isinstance(need, frozenset) else frozenset({need})


def _with_secrets_of_others(by: User, tasks: Iterable[Task]) -> set[UUID]:
    """Those of the tasks that would use secrets which somebody else has given."""
    others = [task for task in tasks if task.name in WITH_SECRETS and task.created_by_id != by.pk]
    return {task.pk for task in others if has_secrets(arguments_of(task))}


def _needs(name: str, given: Given, things: Things) -> Needs:
    if name in ONLY_SUPERUSERS:
        return [("superuser", None)]  # no role has it
    return NEEDS[name](given, things) if given and name in NEEDS else []


def _on_repositories(permission: str, *names: str) -> Callable[[Given, Things], Needs]:
    return lambda given, things: [(permission, things.find(Repository, given[name])) for name in names]


def _of_modification(given: Given, things: Things) -> Needs:
    repository = things.find(Repository, given["repository_id"])
    has_base = given.get("back_to") is not None
    if not (given["add"] or given["remove"] or has_base):
        collections = [*given.get("deprecate", ()), *given.get("recommend", ())]
        namespaces = [things.namespace_of(Collection, each) for each in collections]
        return [frozenset({(UPLOAD, each), (MODIFY, repository)}) for each in namespaces]
    is_staging = repository is not None and repository.pipeline == "staging"
    if is_staging and not given["remove"] and not has_base:
        return []  # an upload
    return [(MODIFY, repository), *(_of_source(given, things) if given.get("source_id") else ())]


def _of_source(given: Given, things: Things) -> Needs:
    source = things.find(Repository, given["source_id"])
    return [(VIEW, source)] if source is None or source.private else []


def _of_sync(given: Given, things: Things) -> Needs:
    repository = things.find(Repository, given["repository_pk"])
    return [
        (CHANGE_REPOSITORY, repository),
        (remotes.VIEW, things.find(CollectionRemote, given["remote_pk"])),
    ]


def _of_copy(given: Given, things: Things) -> Needs:
    source = things.find(Repository, given["source_id"])
    needs: list[Need] = [(MODIFY, things.find(Repository, each)) for each in given["destination_ids"]]
    if given["is_move"]:
        return [*needs, (MODIFY, source)]
    return [*needs, *_of_source(given, things)]


def _of_deletion(
    kind: type[Collection] | type[CollectionVersion], name: str
) -> Callable[[Given, Things], Needs]:
    return lambda given, things: [(deletion.DELETE, things.namespace_of(kind, given[name]))]


def _of_object(act: str) -> Callable[[Given, Things], Needs]:
    """What is needed to create, change or delete one of the kinds that general tasks know."""

    def needs(given: Given, things: Things) -> Needs:
        kind, identifier = given["kind"], given.get("identifier")
        if kind == remotes.KIND:
            permission = remotes.DELETE if act == "delete" else remotes.CHANGE
            return [(permission, things.find(CollectionRemote, identifier))]
        permission = repository_settings.DELETE if act == "delete" else repository_settings.CHANGE
        if kind == repository_settings.KIND:
            return [(permission, things.find(Repository, identifier))]
        served = (*_to_be_served(given, things), *_served_now(identifier, things))
        return [(permission, each) for each in served]

    return needs


def _to_be_served(given: Given, things: Things) -> list[Repository | None]:
    values = given.get("given", given.get("change", {}))
    if "given" not in given and values.keys().isdisjoint(("repository", "repository_version")):
        return []
    version = things.find(RepositoryVersion, values.get("repository_version"))
    return [version.repository if version else things.find(Repository, values.get("repository"))]


def _served_now(identifier: str | None, things: Things) -> list[Repository | None]:
    found = things.find(Distribution, identifier)
    return [distribution_settings.repository_of(found)] if found else []


NEEDS: dict[str, Callable[[Given, Things], Needs]] = {
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
    sync.name: _of_sync,
    deletion.delete_collection.name: _of_deletion(Collection, "collection_id"),
    deletion.delete_collection_version.name: _of_deletion(CollectionVersion, "version_id"),
    purge.name: lambda given, things: [("core.delete_task", None)],
    general.general_create.name: _of_object("create"),
    general.general_update.name: _of_object("change"),
    general.general_delete.name: _of_object("delete"),
}
