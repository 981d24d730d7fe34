"""People as addresses name them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import Group
from django.http import Http404

from cartwheel.registry.models import Role, User
from cartwheel.registry.people import ID_LIMIT


def find_user(user_id: int) -> User:
    """Raises Http404."""
    found = User.objects.filter(pk=user_id).first() if user_id < ID_LIMIT else None
    if found is None:
        raise Http404
    return found


def find_group(group_id: int) -> Group:
    """Raises Http404."""
    found = Group.objects.filter(pk=group_id).first() if group_id < ID_LIMIT else None
    if found is None:
        raise Http404
    return found


def find_role(role_id: UUID) -> Role:
    """Raises Http404."""
    found = Role.objects.filter(pk=role_id).first()
    if found is None:
        raise Http404
    return found
