"""Move and copy collection versions between repositories: approval, rejection, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cartwheel.engine.functions import Call, TaskFunction, task
from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.kit.errors import NotFound
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.arguments import arguments_of
from cartwheel.registry.companions import copy_into
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.discretion import name_for_all, title_about
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionVersion, Repository, RepositoryContent, User
from cartwheel.registry.permissions import require
from cartwheel.registry.repositories import change_contents, changing, contents, lock


@dataclass(frozen=True)
class Route:
    """What goes where."""

    version: CollectionVersion
    source: Repository
    destination: Repository

    @property
    def dashed(self) -> str:
        """The version's name as these messages write it."""
        return f"{self.version.namespace}-{self.version.name}-{self.version.version}"


class NotInSource(NotFound):
    def __init__(self, route: Route) -> None:
        super().__init__(f"Collection {route.dashed} not found in source repo")


class AlreadyInDestination(NotFound):
    def __init__(self, route: Route) -> None:
        super().__init__(f"Collection {route.dashed} already found in destination repo")


class Gone(NotFound):
    """It was there when the task was asked for. Everybody reads why a task failed, so it names nothing private."""

    code = "gone"

    def __init__(self, version: CollectionVersion | None, source: Repository) -> None:
        what = str(version) if version and not source.private else "The version"
        place = name_for_all(source)
        super().__init__(f"{what} is no longer in {place}: it was moved or deleted meanwhile.")


def find_route(namespace: str, name: str, version: str, source: str, destination: str, *, by: User) -> Route:
    """The version of that name and the repositories behind those paths, for somebody who may change both.

    Raises Denied, NotFound.
    """
    served = {path: _served(path) for path in (source, destination)}
    for repository in served.values():
        require(by, MODIFY, repository)
    dashed = f"{namespace}-{name}-{version}"
    found = CollectionVersion.objects.filter(namespace=namespace, name=name, version=version)
    one = found.only("namespace", "name", "version").first()
    if one is None:
        raise NotFound(f"Collection {dashed} not found")
    start, end = served[source], served[destination]
    if start is None or end is None:
        raise NotFound(f"Repo(s) for moving collection {dashed} not found")
    return Route(one, start, end)


def _served(base_path: str) -> Repository | None:
    return Repository.objects.filter(distributions__base_path=base_path).first()


def move(route: Route, *, by: User) -> Task:
    """Take a version out of one repository and put it into another, as a task.

    Raises NotInSource, AlreadyInDestination.
    """
    return _dispatch(move_collection, "Move", route, by)


def copy(route: Route, *, by: User) -> Task:
    """Put a version of one repository into another one too, as a task.

    Raises NotInSource, AlreadyInDestination.
    """
    return _dispatch(copy_collection, "Copy", route, by)


def _dispatch(function: TaskFunction[[str, str, str], None], verb: str, route: Route, by: User) -> Task:
    version, source, destination = route.version, route.source, route.destination
    if not contents(source).filter(pk=version.pk).exists():
        raise NotInSource(route)
    if contents(destination).filter(pk=version.pk).exists():
        raise AlreadyInDestination(route)
    title = title_about(f"{verb} {version} from {source} to {destination}", source, destination)
    call = Call(exclusive=[source.prn, destination.prn], by=by, title=title)
    return function.dispatch(version.pk, source.pk, destination.pk, call=call)


@task("pulp_ansible.app.tasks.copy.move_collection", title="Move a collection version")
def move_collection(version_id: str, source_id: str, destination_id: str) -> None:
    """Take a version out of the source and put it into the destination. Doing it twice is fine."""
    with changing():
        version, source, destination = _locked(version_id, source_id, destination_id)
        copy_into(destination, [version], source=source)
        change_contents(source, remove=[version])


@task("pulp_ansible.app.tasks.copy.copy_collection", title="Copy a collection version")
def copy_collection(version_id: str, source_id: str, destination_id: str) -> None:
    """Put a version of the source into the destination too. Doing it twice is fine."""
    with changing():
        version, source, destination = _locked(version_id, source_id, destination_id)
        copy_into(destination, [version], source=source)


def arrivals(tasks: Iterable[Task], *, to: User) -> dict[UUID, RepositoryContent]:
    """Where these tasks have put a version, by their ids: as far as it is still there, and the user may read it.

    Four statements at most, none if no version was moved or copied.
    """
    names = (move_collection.name, copy_collection.name)
    moved = [each.pk for each in tasks if each.name in names and each.state == State.COMPLETED]
    if not moved:
        return {}
    asked = Task.objects.only("name", "args", "kwargs").filter(pk__in=moved)
    routes = {each.pk: _version_and_destination(each) for each in asked}
    known = {pk for route in routes.values() for pk in route}
    readable = Repository.objects.filter(readable_by(to), pk__in=known)
    rows = RepositoryContent.objects.filter(
        collection_version__in=known, repository__in=readable, removed=None
    )
    placed = {
        (each.collection_version_id, each.repository_id): each
        for each in rows.select_related("repository", "collection_version")
    }
    return {pk: placed[route] for pk, route in routes.items() if route in placed}


def _version_and_destination(asked: Task) -> tuple[UUID, ...]:
    given = arguments_of(asked)
    ids = [str(given.get(name, "")) for name in ("version_id", "destination_id")]
    return tuple(UUID(each) for each in ids if is_uuid(each))


def _locked(
    version_id: str, source_id: str, destination_id: str
) -> tuple[CollectionVersion, Repository, Repository]:
    """All three, the repositories locked. Raises Gone if the version is in neither any more."""
    locked = {str(each.pk): each for each in lock([source_id, destination_id])}
    source, destination = locked[source_id], locked[destination_id]
    version = CollectionVersion.objects.only("namespace", "name", "version").filter(pk=version_id).first()
    if version is None:
        raise Gone(None, source)
    placed = RepositoryContent.objects.filter(collection_version=version, removed=None)
    if not placed.filter(repository__in=locked.values()).exists():
        raise Gone(version, source)
    return version, source, destination
