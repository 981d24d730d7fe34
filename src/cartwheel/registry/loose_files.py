"""Files that are stored for themselves: artifacts that nothing refers to yet."""

from __future__ import annotations

from django.db import transaction

from cartwheel.kit.digests import Digests
from cartwheel.kit.ids import uuid7
from cartwheel.registry.artifacts import Upload, discard_upload, keep, remove_unused
from cartwheel.registry.models import Artifact


def keep_upload(upload: Upload, digests: Digests) -> Artifact:
    """Make an artifact of an upload, or find the one that has the same bytes. Raises NoSpace."""
    ticket = uuid7()
    try:
        with transaction.atomic():
            upload.give_to(ticket)
            return keep(ticket, digests)
    except BaseException:
        discard_upload(ticket)
        remove_unused(digests.sha256)
        raise
