"""Files on their way that come in several requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from cartwheel.kit.ids import uuid7
from cartwheel.registry.models.people import User

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class ChunkedUpload(models.Model):
    """A file of which some chunks have come, perhaps all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="chunked_uploads")
    size = models.PositiveBigIntegerField()  # bytes that it will have
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)  # moves with each chunk

    chunks: RelatedManager[Chunk]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def prn(self) -> str:
        return f"prn:core.upload:{self.pk}"


class Chunk(models.Model):
    """Some bytes of it. They wait in the store under the chunk's id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    upload = models.ForeignKey(ChunkedUpload, on_delete=models.CASCADE, related_name="chunks")
    start = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()  # bytes

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="chunk_once")]

    def __str__(self) -> str:
        return f"{self.size} bytes from {self.start}"

    @property
    def end(self) -> int:
        """Where the next one starts."""
        return self.start + self.size
