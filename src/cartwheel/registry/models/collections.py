"""Collections, their versions, the files that hold them, and their imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.kit.ids import uuid7
from cartwheel.registry.models.fields import BytewiseCharField

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from cartwheel.registry.models.repositories import RepositoryContent


class Artifact(models.Model):
    """A file in the artifact store, under its digest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    sha224 = models.CharField(max_length=56, default="")
    sha384 = models.CharField(max_length=96, default="")
    sha512 = models.CharField(max_length=128, default="")
    size = models.PositiveBigIntegerField()  # bytes
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.sha256


class Collection(models.Model):
    """All versions of one name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    namespace = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    download_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    # Follows every change of any version: ansible-galaxy caches what it lists until this moves.
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["namespace", "name"], name="collection_once")]
        indexes = [  # for the list of all, in the orders that Pulp's clients may ask for
            models.Index(fields=["name", "-id"], name="collection_name"),
            models.Index(fields=["updated_at", "id"], name="collection_updated"),
            # the search of Galaxy's web UI shows first what is downloaded most
            models.Index(fields=["download_count", "id"], name="collection_downloads"),
        ]

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"


class CollectionVersion(models.Model):
    """One release of a collection: what its manifest says and what was read from its files."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="versions")
    namespace = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    version = models.CharField(max_length=128)
    version_key = BytewiseCharField(max_length=255)  # sorts as SemVer orders versions (kit/versions.py)
    is_prerelease = models.BooleanField(default=False)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="collection_versions")
    requires_ansible = models.CharField(max_length=255, null=True)  # noqa: DJ001, null is what clients are shown
    authors = models.JSONField(default=list)
    contents = models.JSONField(default=list)  # [{"name": ..., "content_type": ..., "description": ...}]
    dependencies = models.JSONField(default=dict)  # {"namespace.name": "version range"}
    description = models.TextField(default="", blank=True)
    documentation = models.CharField(max_length=2000, default="", blank=True)
    homepage = models.CharField(max_length=2000, default="", blank=True)
    issues = models.CharField(max_length=2000, default="", blank=True)
    origin_repository = models.CharField(max_length=2000, default="", blank=True)
    license = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    # The large ones stand last: to read a column behind them, SQLite walks through all of them.
    manifest = models.JSONField(default=dict)  # MANIFEST.json
    files = models.JSONField(default=dict)  # FILES.json
    docs_blob = models.JSONField(default=dict)

    placements: RelatedManager[RepositoryContent]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "version"], name="collection_version_once"),
        ]
        indexes = [
            models.Index(fields=["collection", "-version_key"], name="collection_version_highest"),
            # lists of all, in the orders that Pulp's clients may ask for
            models.Index(
                fields=["namespace", "name", "-version_key", "-id"], name="collection_version_by_name"
            ),
            models.Index(fields=["name", "-id"], name="collection_version_name"),
            models.Index(fields=["version_key", "-id"], name="collection_version_key"),
            models.Index(fields=["updated_at", "id"], name="collection_version_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name} {self.version}"

    @property
    def filename(self) -> str:
        return f"{self.namespace}-{self.name}-{self.version}.tar.gz"


class DocFragments(models.Model):
    """The doc fragments of a version, which other collections may extend."""

    collection_version = models.OneToOneField(
        CollectionVersion, primary_key=True, on_delete=models.CASCADE, related_name="doc_fragments"
    )
    fragments = models.JSONField(default=dict)  # {"name": {"DOCUMENTATION": "YAML"}}

    class Meta:
        verbose_name_plural = "doc fragments"

    def __str__(self) -> str:
        return f"doc fragments of {self.collection_version_id}"


class CollectionImport(models.Model):
    """What a person knows of an upload: the collection that its file name promised. Its id is its task's.

    `private_repository` is the id of the one that it is for, if that was private: who may not read that is
    not told of the import.
    """

    task = models.OneToOneField(
        Task, primary_key=True, on_delete=models.CASCADE, related_name="collection_import"
    )
    namespace = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    version = models.CharField(max_length=128)
    private_repository = models.UUIDField(null=True, default=None)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["namespace", "name", "version"], name="import_by_name")]

    def __str__(self) -> str:
        return f"import of {self.namespace}.{self.name} {self.version}"
