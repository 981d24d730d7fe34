"""Changing what is in a repository: any of its versions, from whoever may change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from cartwheel.engine.functions import Call, task
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Invalid
from cartwheel.registry.companions import copy_into
from cartwheel.registry.discretion import title_about
from cartwheel.registry.distributions import VIEW, readable_by
from cartwheel.registry.models import (
    Artifact,
    CollectionVersion,
    Repository,
    RepositoryContent,
    RepositoryVersion,
    User,
)
from cartwheel.registry.permissions import require
from cartwheel.registry.plans import OfEach, among
from cartwheel.registry.repositories import ALL, add_and_remove, change_contents, changing, contents, lock

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

MODIFY = "ansible.modify_ansible_repo_content"


@dataclass(frozen=True)
class Modification:
    """What is to be added and removed, by ids of versions, after the repository was made like `base`."""

    add: Sequence[UUID] = ()
    remove: Sequence[UUID] = ()
    remove_all: bool = False
    base: RepositoryVersion | None = None


def known_versions(user: AbstractBaseUser | AnonymousUser) -> QuerySet[CollectionVersion]:
    """The versions that somebody may know of."""
    return CollectionVersion.objects.filter(known_to(user))


def known_to(user: AbstractBaseUser | AnonymousUser, *, by: str = "collection_version") -> Q:
    """Of versions: are they in any version of what the user may read? A superuser knows all.

    With "collection", of collections: is any of their versions there?
    """
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return Q()
    readable = Repository.objects.filter(readable_by(user))
    return among(RepositoryContent, Q(repository__in=readable), by)


def known_artifacts(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Artifact]:
    """The files of those. A superuser knows also those that nothing refers to."""
    return Artifact.objects.filter(are_known_to(user))


def are_known_to(user: AbstractBaseUser | AnonymousUser) -> Q:
    """The same, asked of files."""
    known = known_to(user)
    return Q(OfEach(CollectionVersion, known, "artifact")) if known else Q()


def modify(repository: Repository, wanted: Modification, *, by: User) -> Task:
    """Change what is in a repository, as a task. Raises Denied."""
    require(by, MODIFY, repository)
    base, title = wanted.base, f"Change the content of {repository}"
    source = base.repository if base and base.repository_id != repository.pk else None
    if base and source:
        title = f"Make {repository} like version {base.number} of {source}"
    elif base:
        title = f"Revert {repository} to version {base.number}"
    return add_and_remove.dispatch(
        str(repository.pk),
        [str(each) for each in wanted.add],
        [ALL] if wanted.remove_all else [str(each) for each in wanted.remove],
        back_to=base.number if base else None,
        source_id=str(source.pk) if source else None,
        call=Call(exclusive=[repository.prn], by=by, title=title_about(title, repository, source)),
    )


# -- several versions to several repositories -----------------------------------------------------


class NotHere(Invalid):
    code = "not_here"

    def __init__(self, repository: Repository, missing: Iterable[str]) -> None:
        super().__init__(
            f"These are not in {repository}: {', '.join(sorted(missing))}.", field="collection_versions"
        )


def copy_several(
    source: Repository, versions: Sequence[UUID], destinations: Sequence[Repository], *, by: User
) -> Task:
    """Put versions of one repository into others too, as a task. Raises Denied, NotHere."""
    if source.private:
        require(by, VIEW, source)
    _require_all(source, versions, destinations, by)
    call = Call(
        exclusive=[each.prn for each in destinations],
        shared=[source.prn],
        by=by,
        title=title_about(
            f"Copy {_counted(versions)} from {source} to {_named(destinations)}", source, *destinations
        ),
    )
    return _dispatch(source, versions, destinations, call, is_move=False)


def move_several(
    source: Repository, versions: Sequence[UUID], destinations: Sequence[Repository], *, by: User
) -> Task:
    """Take versions out of one repository and put them into others, as a task. Raises Denied, NotHere."""
    require(by, MODIFY, source)
    _require_all(source, versions, destinations, by)
    call = Call(
        exclusive=[source.prn, *(each.prn for each in destinations)],
        by=by,
        title=title_about(
            f"Move {_counted(versions)} from {source} to {_named(destinations)}", source, *destinations
        ),
    )
    return _dispatch(source, versions, destinations, call, is_move=True)


def _require_all(
    source: Repository, versions: Sequence[UUID], destinations: Sequence[Repository], by: User
) -> None:
    for each in destinations:
        require(by, MODIFY, each)
    here = set(contents(source).filter(pk__in=versions).values_list("pk", flat=True))
    if missing := [str(each) for each in versions if each not in here]:
        raise NotHere(source, missing)


def _dispatch(
    source: Repository,
    versions: Sequence[UUID],
    destinations: Sequence[Repository],
    call: Call,
    *,
    is_move: bool,
) -> Task:
    ids, into = [str(each) for each in versions], [str(each.pk) for each in destinations]
    return copy_or_move.dispatch(str(source.pk), ids, into, is_move, call=call)


def _counted(versions: Sequence[UUID]) -> str:
    return "a collection version" if len(versions) == 1 else f"{len(versions)} collection versions"


def _named(destinations: Sequence[Repository]) -> str:
    return ", ".join(str(each) for each in destinations)


@task("pulp_ansible.app.tasks.copy.copy_or_move_and_sign", title="Copy or move collection versions")
def copy_or_move(source_id: str, version_ids: list[str], destination_ids: list[str], is_move: bool) -> None:
    """Put versions into other repositories; doing it twice is fine. All of it happens, or nothing."""
    with changing():
        locked = {str(each.pk): each for each in lock({source_id, *destination_ids})}
        versions = list(CollectionVersion.objects.filter(pk__in=version_ids).only("pk"))
        for each in destination_ids:
            copy_into(locked[each], versions, source=locked[source_id])
        if is_move:
            change_contents(locked[source_id], remove=versions)
