"""Which repository a path serves, and who may read what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from cartwheel.kit.errors import NotFound
from cartwheel.registry.models import Distribution, Repository
from cartwheel.registry.permissions import allows, granted_on, require

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

VIEW = "ansible.view_ansiblerepository"


def find_served(base_path: str) -> Repository:
    """The repository behind a path. Raises NotFound."""
    found = Repository.objects.filter(distributions__base_path=base_path).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def served_at(base_path: str, *, to: AbstractBaseUser | AnonymousUser) -> Repository:
    """The repository behind a path, for somebody who wants to read it. Raises NotFound, Denied."""
    repository = find_served(base_path)
    if repository.private:
        require(to, VIEW, repository)
    return repository


def readable_by(user: AbstractBaseUser | AnonymousUser) -> Q:
    """Selects the repositories that the user may read: private ones are for those who were given them."""
    if allows(user, VIEW):
        return Q()
    return Q(private=False) | Q(pk__in=granted_on(user, VIEW, Repository))


def base_path_of(repository: Repository) -> str:
    """The path that serves a repository, the oldest if there are several; its name if there is none."""
    first = Distribution.objects.filter(repository=repository).order_by("created_at", "pk").first()
    return first.base_path if first else repository.name
