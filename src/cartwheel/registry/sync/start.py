"""Asking for a sync."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import transaction

from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Invalid
from cartwheel.registry.discretion import title_about
from cartwheel.registry.models import CollectionRemote, Repository, User
from cartwheel.registry.permissions import require
from cartwheel.registry.remotes import CHANGE as CHANGE_REMOTE
from cartwheel.registry.remotes import VIEW as VIEW_REMOTE
from cartwheel.registry.remotes import is_community
from cartwheel.registry.sync.task import sync as sync_task

CHANGE_REPOSITORY = "ansible.change_ansiblerepository"


def sync(
    repository: Repository,
    remote: CollectionRemote | None,
    *,
    by: User,
    mirror: bool = False,
    optimize: bool = True,
) -> Task:
    """Make the task that syncs a repository, from its own remote where none is given.

    With `mirror`, what the remote does not have is removed. Raises Invalid, Denied.
    """
    require(by, CHANGE_REPOSITORY, repository)
    remote = remote or repository.remote
    if remote is None:
        message = "This field is required since a remote is not set on the repository."
        raise Invalid(message, field="remote")
    require(by, VIEW_REMOTE, remote)
    if is_community(remote.url) and not remote.requirements_file:
        message = (
            "Syncing content from galaxy.ansible.com without specifying a requirements file is not allowed."
        )
        raise Invalid(message, field="requirements_file")
    call = Call(exclusive=[repository.prn], shared=[remote.prn], by=by, title=_title(repository, remote))
    return _dispatch(repository, remote, call, mirror=mirror, optimize=optimize)


def sync_as_configured(repository: Repository, base_path: str, *, by: User) -> Task:
    """Likewise from the remote that is set, for clients that know the repository by its path only."""
    require(by, CHANGE_REMOTE, repository.remote)
    remote = repository.remote
    if remote is None:
        message = f"The {base_path} distribution does not have any remotes associated with it."
        raise Invalid(message, field="remote")
    call = Call(exclusive=[repository.prn, remote.prn], by=by, title=_title(repository, remote))
    return _dispatch(repository, remote, call, mirror=False, optimize=True)


@transaction.atomic
def _dispatch(
    repository: Repository, remote: CollectionRemote, call: Call, *, mirror: bool, optimize: bool
) -> Task:
    task = sync_task.dispatch(
        remote_pk=str(remote.pk),
        repository_pk=str(repository.pk),
        mirror=mirror,
        optimize=optimize,
        call=call,
    )
    Repository.objects.filter(pk=repository.pk).update(last_sync_task=task)
    CollectionRemote.objects.filter(pk=remote.pk).update(last_sync_task=task)
    return task


def _title(repository: Repository, remote: CollectionRemote) -> str:
    return title_about(f"Sync {repository} from {urlsplit(remote.url).hostname}", repository)
