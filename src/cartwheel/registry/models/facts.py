"""What holds for the whole hub, whichever of its hosts asks."""

from __future__ import annotations

from django.db import models


class Fact(models.Model):
    """Something that the hosts of a hub agree on, by its name."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
