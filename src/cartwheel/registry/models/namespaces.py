"""Namespaces: who may publish what under which first name."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Namespace(models.Model):
    """The first part of a collection's name and the people behind it."""

    name = models.CharField(max_length=64, unique=True)
    company = models.CharField(max_length=64, default="", blank=True)
    email = models.CharField(max_length=256, default="", blank=True)
    avatar_url = models.CharField(max_length=256, default="", blank=True)
    description = models.CharField(max_length=256, default="", blank=True)
    links = models.JSONField(default=list)  # [{"name": ..., "url": ...}]
    resources = models.TextField(default="", blank=True)  # Markdown
    metadata_sha256 = models.CharField(max_length=64, default="")
    # Where searches show it: repositories that had a collection of it when it was changed, or got one from such a repository.
    published_in = models.ManyToManyField("registry.Repository", related_name="published_namespaces")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name
