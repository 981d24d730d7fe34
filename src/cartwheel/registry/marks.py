"""Marks: words that people put on versions in a repository, for others to find them by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from cartwheel.engine.functions import Call, TaskFunction, task
from cartwheel.engine.models import Task
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.discretion import title_about
from cartwheel.registry.many import many
from cartwheel.registry.models import Mark, Repository, User
from cartwheel.registry.permissions import require
from cartwheel.registry.repositories import ALL, changing, contents, lock
from cartwheel.registry.touching import touch


def mark(repository: Repository, versions: Sequence[UUID] | None, value: str, *, by: User) -> Task:
    """Mark versions in a repository, by default all, as a task. Doing it twice is fine. Raises Denied."""
    return _dispatch(
        mark_versions, f"Mark versions in {repository} as {value}", repository, versions, value, by
    )


def unmark(repository: Repository, versions: Sequence[UUID] | None, value: str, *, by: User) -> Task:
    """Take a mark from versions in a repository, by default all, as a task. Raises Denied."""
    title = f"Take the mark {value} from versions in {repository}"
    return _dispatch(unmark_versions, title, repository, versions, value, by)


def _dispatch(
    function: TaskFunction[[str, list[str], str], None],
    title: str,
    repository: Repository,
    versions: Sequence[UUID] | None,
    value: str,
    by: User,
) -> Task:
    require(by, MODIFY, repository)
    ids = [ALL] if versions is None else [str(each) for each in versions]
    call = Call(exclusive=[repository.prn], by=by, title=title_about(title, repository))
    return function.dispatch(str(repository.pk), ids, value, call=call)


def marks_in(repository: Repository, versions: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The marks of those versions in a repository, sorted. One statement."""
    rows = Mark.objects.filter(repository=repository, collection_version__in=list(versions))
    found: dict[UUID, list[str]] = defaultdict(list)
    for version, value in rows.order_by("value").values_list("collection_version_id", "value"):
        found[version].append(value)
    return found


@task("pulp_ansible.app.tasks.mark.mark", title="Mark versions as {value}")
def mark_versions(repository_id: str, version_ids: list[str], value: str) -> None:
    with changing():
        for repository in lock([repository_id]):
            ids = _wanted(repository, version_ids)
            rows = [Mark(repository=repository, collection_version_id=each, value=value) for each in ids]
            Mark.objects.bulk_create(rows, ignore_conflicts=True)


@task("pulp_ansible.app.tasks.mark.unmark", title="Take the mark {value} from versions")
def unmark_versions(repository_id: str, version_ids: list[str], value: str) -> None:
    with changing():
        for repository in lock([repository_id]):
            ids = _wanted(repository, version_ids)
            marked = Mark.objects.filter(repository=repository, collection_version__in=many(ids))
            marked.filter(value=value).delete()


def _wanted(repository: Repository, version_ids: list[str]) -> list[UUID]:
    """Those of the versions that are in the repository. Their collections count as changed."""
    here = contents(repository)
    if version_ids != [ALL]:
        here = here.filter(pk__in=version_ids)
    rows = list(here.values_list("pk", "collection_id"))
    touch({collection for _, collection in rows})
    return [pk for pk, _ in rows]
