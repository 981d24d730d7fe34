"""What imports leave that did not end well: nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from cartwheel.engine.models import CreatedResource
from cartwheel.engine.signals import ended_badly
from cartwheel.engine.states import INCOMPLETE
from cartwheel.registry.artifacts import discard_upload, remove_unrecorded, remove_unused
from cartwheel.registry.collections import HEAVY
from cartwheel.registry.models import Collection, CollectionImport, CollectionVersion, RepositoryContent
from cartwheel.registry.touching import lock_collections

MADE = "content/ansible/collection_versions/"
SHA256 = "task__args__2__sha256"  # the third argument of every import is the digests of what was uploaded

log = logging.getLogger(__name__)


@receiver(ended_badly)
def _tidy_up_later(sender: object, task_ids: list[UUID], **_: Any) -> None:
    transaction.on_commit(lambda: tidy_up(task_ids), robust=True)


def tidy_up(task_ids: Iterable[UUID]) -> None:
    """Delete what these tasks left if they are imports: their uploads, and versions that got nowhere.

    It does so also where the import itself had done its part, and then the task was stopped or failed
    that would have put the version into its repository, and where it was killed before it could write down
    what it had stored.
    """
    imports = CollectionImport.objects.filter(pk__in=list(task_ids))
    for each, sha256 in imports.values_list("pk", SHA256):
        discard_upload(each)
        for path in CreatedResource.objects.filter(task=each, path__startswith=MADE):
            _forget(path)
        if sha256 is not None:
            remove_unrecorded(sha256)


def _forget(resource: CreatedResource) -> None:
    """Delete a version that was never in a repository, unless another import is about to put it there."""
    with transaction.atomic():
        wanted = CollectionVersion.objects.filter(pk=resource.path.removeprefix(MADE).rstrip("/"))
        lock_collections(wanted.values("collection"))
        version = wanted.select_related("artifact").defer(*HEAVY).first()
        others = CreatedResource.objects.filter(path=resource.path, task__state__in=INCOMPLETE)
        if version is None or others.exists():
            return
        if RepositoryContent.objects.filter(collection_version=version).exists():
            return
        wanted.delete()
        Collection.objects.filter(pk=version.collection_id, versions=None).delete()
        resource.delete()
    remove_unused(version.artifact.sha256)
    log.info("forgot a version that got into no repository id=%s", version.pk)
