"""Files that are stored for themselves: artifacts that nothing refers to yet."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from cartwheel.kit.digests import Digests
from cartwheel.kit.errors import Conflict
from cartwheel.kit.ids import uuid7
from cartwheel.registry.artifacts import Upload, discard_upload, keep, remove_unrecorded, remove_unused
from cartwheel.registry.models import Artifact, CollectionVersion, User
from cartwheel.registry.permissions import require_superuser

IS_LOOSE = ~Exists(CollectionVersion.objects.filter(artifact=OuterRef("pk")))  # of an artifact


def keep_upload(upload: Upload, digests: Digests) -> Artifact:
    """Make an artifact of an upload, or find the one that has the same bytes. Raises NoSpace."""
    ticket = uuid7()
    try:
        upload.give_to(ticket)
        with transaction.atomic():
            return keep(ticket, digests)
    except BaseException:  # whatever it was, and it is raised on: nobody else knows of the file
        discard_upload(ticket)
        remove_unrecorded(digests.sha256)
        raise


def delete_file(artifact: Artifact, *, by: User) -> None:
    """Delete an artifact that nothing refers to. Superusers only. Raises Denied, Conflict."""
    require_superuser(by)
    if not remove_unused(artifact.sha256):
        raise Conflict(f"Artifact {artifact.pk} is the file of a collection version. Delete that first.")
