"""Users, their tokens, and the roles that say what they may do. Groups are Django's own."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cartwheel.kit.ids import uuid7


class User(AbstractUser):
    """Somebody who can sign in."""

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


class Token(models.Model):
    """A user's API token; one has at most one. Only its digest is kept, the key is shown once."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="token")
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"token of {self.user}"


class WrongPassword(models.Model):
    """How many wrong passwords came for a name from an address, which are not written down (guessing.py)."""

    key = models.CharField(max_length=64, primary_key=True)
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(db_index=True)  # those of long ago are forgotten

    def __str__(self) -> str:
        return f"{self.times} wrong passwords"


class Role(models.Model):
    """A named set of permissions such as "galaxy.change_namespace". Locked ones come with the hub."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=128, unique=True)
    description = models.TextField(null=True, default=None)  # noqa: DJ001, null is what clients are shown
    permissions = models.JSONField(default=list)  # sorted
    locked = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role given to a user or a group: for one object, or for all where `object_type` is empty.

    `object_type` is the name of a model of this room in lower case, `object_id` its primary key.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="role_grants")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="role_grants")
    object_type = models.CharField(max_length=64, default="", blank=True)
    object_id = models.CharField(max_length=64, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) ^ Q(group=None), name="role_grant_to_user_or_group"
            ),
            models.UniqueConstraint(
                fields=["role", "user", "object_type", "object_id"],
                name="role_grant_once_to_user",
                condition=Q(group=None),
            ),
            models.UniqueConstraint(
                fields=["role", "group", "object_type", "object_id"],
                name="role_grant_once_to_group",
                condition=Q(user=None),
            ),
        ]
        indexes = [models.Index(fields=["object_type", "object_id"], name="role_grant_of_object")]

    def __str__(self) -> str:
        return f"{self.role} for {self.user or self.group}"
