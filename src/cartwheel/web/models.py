"""What the pages keep of a person."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A search of the list of tasks to which somebody has given a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    query = models.TextField()  # of the list's address, with its question mark

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
