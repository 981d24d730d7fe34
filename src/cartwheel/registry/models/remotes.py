"""Remotes: where content is synced from, and how to get in there."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from cartwheel.engine.models import Task
from cartwheel.kit.ids import uuid7


def _secret() -> models.TextField[str | None, str | None]:
    """A column for what nobody may read: always sealed, see registry/sealing.py. Null where it is not set."""
    return models.TextField(null=True, default=None)


class CollectionRemote(models.Model):
    """A server of collections, and which of its collections are wanted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255, unique=True)
    url = models.CharField(max_length=2000)
    labels = models.JSONField(default=dict)
    ca_cert = models.TextField(null=True, default=None)  # noqa: DJ001, null is what clients are shown
    client_cert = models.TextField(null=True, default=None)  # noqa: DJ001, as above
    client_key = _secret()
    tls_validation = models.BooleanField(default=True)
    proxy_url = models.CharField(max_length=2000, null=True, default=None)  # noqa: DJ001, as above
    proxy_username = _secret()
    proxy_password = _secret()
    username = _secret()
    password = _secret()
    max_retries = models.PositiveIntegerField(null=True, default=None)
    total_timeout = models.FloatField(null=True, default=None)  # seconds, as all time-outs
    connect_timeout = models.FloatField(null=True, default=None)
    sock_connect_timeout = models.FloatField(null=True, default=None)
    sock_read_timeout = models.FloatField(null=True, default=None)
    headers: models.JSONField[Any, Any] = models.JSONField(null=True, default=None)  # [{name: value}]
    download_concurrency = models.PositiveIntegerField(null=True, default=None)
    rate_limit = models.IntegerField(null=True, default=None)  # requests per second
    requirements_file = models.TextField(null=True, default=None)  # noqa: DJ001, as above
    auth_url = models.CharField(max_length=255, null=True, default=None)  # noqa: DJ001, as above
    token = _secret()
    sync_dependencies = models.BooleanField(default=True)
    signed_only = models.BooleanField(default=False)
    sync_highest_versions = models.PositiveIntegerField(null=True, default=None)  # of each collection
    # Where the server says when its content has changed last: found by a sync, asked first by the next.
    metadata_url = models.CharField(max_length=2000, default="", blank=True)
    last_sync_task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def prn(self) -> str:
        """The name under which tasks reserve it."""
        return f"prn:ansible.collectionremote:{self.pk}"

    @property
    def path(self) -> str:
        """Its address below the root of Pulp's API."""
        return f"remotes/ansible/collection/{self.pk}/"
