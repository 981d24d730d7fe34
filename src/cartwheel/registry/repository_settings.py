"""Repositories: how one is made, changed, labelled and deleted. What is in them is in repositories.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied, NameTaken
from cartwheel.registry import general
from cartwheel.registry.access import give_to_maker, grants_on
from cartwheel.registry.discretion import title_about
from cartwheel.registry.models import (
    Collection,
    CollectionRemote,
    Repository,
    RepositoryVersion,
    User,
)
from cartwheel.registry.permissions import DENIED, require
from cartwheel.registry.repositories import STOCK, changing
from cartwheel.registry.repository_documents import ansible_repository, pulp_root
from cartwheel.registry.retention import keep_newest
from cartwheel.registry.sparing import note_leaving
from cartwheel.registry.touching import touch

KIND = "repository"
ADD, CHANGE = "ansible.add_ansiblerepository", "ansible.change_ansiblerepository"
DELETE = "ansible.delete_ansiblerepository"
OWNER_ROLE = "galaxy.ansible_repository_owner"


def create_repository(given: Mapping[str, Any], *, by: User) -> Repository:
    """Make a repository, empty; it is its maker's. `given` are values by column. Raises Invalid, Denied."""
    require(by, ADD)
    _require_remote(given, by)
    try:
        with transaction.atomic():
            repository = Repository.objects.create(**given)
            RepositoryVersion.objects.create(repository=repository, number=0)
            give_to_maker(repository, OWNER_ROLE, by)
    except IntegrityError:
        raise NameTaken from None
    return repository


def _require_remote(given: Mapping[str, Any], by: User) -> None:
    """Whoever lets a repository use a remote must be allowed to see that."""
    remote = given.get("remote")
    if remote is not None:
        require(by, "ansible.view_collectionremote", remote)


def change_repository(
    repository: Repository, given: Mapping[str, Any], *, by: User, always: bool = False
) -> Task | None:
    """Change a repository, as a task; None if nothing would be different, unless there shall be one `always`.

    Raises Invalid, Denied.

    It is done within the request unless another task has the repository.
    """
    require(by, CHANGE, repository)
    change = {name: value for name, value in given.items() if value != getattr(repository, name)}
    if not (change or always):
        return None
    _require_remote(change, by)
    if "remote" in change:
        change["remote"] = str(change["remote"].pk) if change["remote"] else None
    title = title_about(f"Change repository {repository}", repository)
    call = Call(exclusive=[repository.prn], by=by, title=title, immediate=True)
    return general.general_update.dispatch(KIND, str(repository.pk), change, call=call)


def delete_repository(repository: Repository, *, by: User) -> Task:
    """Delete a repository, as a task. What was only in it is nowhere then. Raises Denied for stock ones."""
    require(by, DELETE, repository)
    if is_protected(repository):
        raise Denied(DENIED)
    title = title_about(f"Delete repository {repository}", repository)
    call = Call(exclusive=[repository.prn], by=by, title=title, immediate=True)
    return general.general_delete.dispatch(KIND, str(repository.pk), call=call)


def is_protected(repository: Repository) -> bool:
    """Is it served at one of the paths that every hub has?"""
    return repository.distributions.filter(base_path__in=STOCK).exists()


def _update(identifier: str, change: Mapping[str, Any]) -> dict[str, Any]:
    with changing():
        repository = _locked(identifier)
        for name, value in change.items():
            setattr(repository, "remote_id" if name == "remote" else name, value)
        repository.updated_at = timezone.now()
        if "remote" in change:
            _check_remote(repository)
        try:
            with transaction.atomic():
                repository.save()
        except IntegrityError:
            raise NameTaken from None
        keep_newest(repository)
    return ansible_repository(repository, root=pulp_root())


def _check_remote(repository: Repository) -> None:
    """Another remote has other content, so nothing of it has been synced yet. Raises Gone."""
    repository.last_synced_metadata_time = None
    if repository.remote_id and not CollectionRemote.objects.filter(pk=repository.remote_id).exists():
        raise general.Gone("remote")


def _delete(identifier: str) -> None:
    with changing():
        repository = _locked(identifier)
        inside = Collection.objects.filter(placements__repository=repository, placements__removed=None)
        touch(inside.values("pk"))
        held = set(repository.contents.values_list("collection_version_id", flat=True))
        grants_on(repository).delete()
        repository.delete()
        note_leaving(held)


def _locked(identifier: str) -> Repository:
    """Raises Gone."""
    found = Repository.objects.select_for_update().filter(pk=identifier).first()
    if found is None:
        raise general.Gone(KIND)
    return found


general.register(KIND, general.Acts(update=_update, delete=_delete))
