"""Which repository a path serves, and who may read what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from cartwheel.kit.errors import NotFound
from cartwheel.registry.models import Distribution, Repository, User
from cartwheel.registry.permissions import permissions_by_object, require

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

VIEW = "ansible.view_ansiblerepository"


def find_served(base_path: str) -> Repository:
    """The repository behind a path, as of the version that is served there. Raises NotFound."""
    rows = Distribution.objects.select_related("repository", "repository_version__repository")
    served = rows.filter(base_path=base_path).first()
    if served is None:
        raise NotFound("Not found.")
    if version := served.repository_version:
        version.repository.at = version.number
        return version.repository
    if served.repository is None:
        raise NotFound("Not found.")
    return served.repository


def served_at(base_path: str, *, to: AbstractBaseUser | AnonymousUser) -> Repository:
    """The repository behind a path, for somebody who wants to read it. Raises NotFound, Denied."""
    repository = find_served(base_path)
    if repository.private:
        require(to, VIEW, repository)
    return repository


def readable_by(user: AbstractBaseUser | AnonymousUser) -> Q:
    """Selects the repositories that the user may read: private ones are for those who were given them."""
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return Q()
    everywhere, by_id = permissions_by_object(user, "repository")
    if VIEW in everywhere:
        return Q()
    return Q(private=False) | Q(pk__in=[pk for pk, held in by_id.items() if VIEW in held])
