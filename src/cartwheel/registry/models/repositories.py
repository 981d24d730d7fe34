"""Repositories, their numbered versions, what is in them, and the paths that serve them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.kit.ids import uuid7
from cartwheel.registry.models.collections import Collection, CollectionVersion
from cartwheel.registry.models.fields import BytewiseCharField
from cartwheel.registry.models.remotes import CollectionRemote


class Repository(models.Model):
    """A set of collection versions. Each change makes a new numbered version of the set."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255, unique=True)
    description = models.TextField(null=True, default=None)  # noqa: DJ001, null is what clients are shown
    labels = models.JSONField(default=dict)
    private = models.BooleanField(default=False)
    retain_repo_versions = models.PositiveIntegerField(null=True, default=None)
    gpgkey = models.TextField(null=True, default=None)  # noqa: DJ001, null is what clients are shown
    latest_number = models.PositiveIntegerField(default=0)
    next_number = models.PositiveIntegerField(
        default=1
    )  # no number is given twice, also not of a deleted one
    remote = models.ForeignKey(
        CollectionRemote, null=True, on_delete=models.SET_NULL, related_name="repositories"
    )
    # When the remote's content had changed last, as of the last sync of all of it.
    last_synced_metadata_time = models.DateTimeField(null=True, default=None)
    # Which version that sync left, and whether it had removed what the remote does not have: only of these
    # is it known that nothing has to be done when nothing has changed there.
    synced_number = models.PositiveIntegerField(null=True, default=None)
    synced_as_mirror = models.BooleanField(default=False, db_default=False)
    last_sync_task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    # No column: the number of the version in which it is looked at, None for the latest. Whoever finds a
    # repository at a path that serves one version for good sets it (registry/distributions.py).
    at: int | None = None

    class Meta:
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return self.name

    @property
    def prn(self) -> str:
        """The name under which tasks reserve it."""
        return f"prn:ansible.ansiblerepository:{self.pk}"

    @property
    def path(self) -> str:
        """Its address below the root of Pulp's API."""
        return f"repositories/ansible/ansible/{self.pk}/"

    @property
    def pipeline(self) -> str | None:
        """Its part in the approval flow: staging, approved, rejected, or none."""
        part: str | None = self.labels.get("pipeline")
        return part


class RepositoryVersion(models.Model):
    """What a repository held after its nth change.

    `base_version` is the one that it went back to, or that of another repository, if somebody wanted that.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    base_version = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["repository", "number"], name="repository_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.repository} version {self.number}"

    @property
    def path(self) -> str:
        """Its address below the root of Pulp's API."""
        return f"repositories/ansible/ansible/{self.repository_id}/versions/{self.number}/"


class RepositoryContent(models.Model):
    """A collection version was added to a repository in one version, and removed in another or never."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="contents")
    collection_version = models.ForeignKey(
        CollectionVersion, on_delete=models.CASCADE, related_name="placements"
    )
    added = models.PositiveIntegerField()  # numbers of repository versions
    removed = models.PositiveIntegerField(null=True)
    # These are the collection version's and never change. They stand here too, so that lists find the
    # collections of a repository, and their highest versions, without reading the versions' large rows.
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="placements")
    version_key = BytewiseCharField(max_length=255)
    namespace = models.CharField(max_length=64, db_default="")
    name = models.CharField(max_length=64, db_default="")
    # How it stands in the repository now (registry/standing.py): a list that asks for each row whether there
    # is a higher version would read them all. False for what has been removed.
    is_highest = models.BooleanField(db_default=False)
    is_deprecated = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "collection_version"], name="content_once", condition=Q(removed=None)
            ),
        ]
        indexes = [
            # what was in an older version, the newest first, and how many came and left with each
            models.Index(
                fields=["repository", "-added", "removed", "-collection_version"],
                name="content_of_version",
                include=["id"],
            ),
            # the collections in a repository, and the highest version of each
            models.Index(
                fields=["repository", "collection", "-version_key"],
                name="content_highest",
                condition=Q(removed=None),
            ),
            # The lists. These hold all that is asked for, the conditions too: SQLite then reads nothing else.
            # The collections in a repository, the newest first.
            models.Index(
                fields=["repository", "-collection", "is_deprecated", "is_highest", "removed"],
                name="content_collections",
                condition=Q(removed=None, is_highest=True),
                include=["id"],
            ),
            # results of a search, in each of its orders
            *(
                models.Index(
                    fields=[*order, "repository", "is_highest", "is_deprecated", "removed"],
                    name=f"content_{name}",
                    condition=Q(removed=None),
                    include=["id"],
                )
                for name, order in {
                    "newest": ["-collection_version"],
                    "by_name": ["name", "-collection_version"],
                    "by_full_name": ["namespace", "name", "-version_key", "-collection_version"],
                    "by_version": ["-version_key", "-collection_version"],
                }.items()
            ),
            # what only older versions hold, when some of these are deleted
            models.Index(
                fields=["repository", "removed"],
                name="content_of_the_past",
                condition=Q(removed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collection_version} in {self.repository}"


class Deprecation(models.Model):
    """In this repository, this collection is no longer recommended."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="deprecations")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="deprecations")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "collection"], name="deprecation_once")]

    def __str__(self) -> str:
        return f"{self.collection} is deprecated in {self.repository}"


class Mark(models.Model):
    """Somebody marked a version in a repository with a word of theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="marks")
    collection_version = models.ForeignKey(CollectionVersion, on_delete=models.CASCADE, related_name="marks")
    value = models.CharField(max_length=50)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["repository", "collection_version", "value"], name="mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.value} on {self.collection_version}"


class Distribution(models.Model):
    """The path under which clients find a repository, or one version of it for good."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255, unique=True)
    base_path = models.CharField(max_length=255, unique=True)
    repository = models.ForeignKey(
        Repository, null=True, on_delete=models.SET_NULL, related_name="distributions"
    )
    repository_version = models.ForeignKey(
        RepositoryVersion, null=True, on_delete=models.SET_NULL, related_name="distributions"
    )
    hidden = models.BooleanField(default=False)  # left out where paths are listed for everybody
    labels = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def prn(self) -> str:
        return f"prn:ansible.ansibledistribution:{self.pk}"

    @property
    def path(self) -> str:
        """Its address below the root of Pulp's API."""
        return f"distributions/ansible/ansible/{self.pk}/"
