"""Find what an address names, for somebody who may see it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from cartwheel.kit.errors import Denied
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.causes import with_last_sync
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionRemote, Distribution, Namespace, Repository, User
from cartwheel.registry.remotes import viewable_by


def readable(user: User) -> QuerySet[Repository]:
    """The repositories that somebody may read, by name."""
    return Repository.objects.filter(readable_by(user)).order_by("name")


def find_repository(name_or_id: str, user: User) -> Repository:
    """Raises Http404, also for a private one: it is not even said that it is there."""
    wanted = {"pk": name_or_id} if is_uuid(name_or_id) else {"name": name_or_id.replace("\0", "")}
    found = with_last_sync(readable(user).filter(**wanted), to=user).first()
    if found is None:
        raise Http404
    return found


def usable_remotes(user: User) -> QuerySet[CollectionRemote]:
    """The remotes that somebody may see, by name; none for those who may see none."""
    try:
        return viewable_by(user).order_by("name")
    except Denied:
        return CollectionRemote.objects.none()


def find_namespace(name: str) -> Namespace:
    """Raises Http404."""
    found = Namespace.objects.filter(name=name.replace("\0", "")).first()
    if found is None:
        raise Http404
    return found


def path_of(repository: Repository) -> str | None:
    """The path under which clients find a repository, if there is one; its own name if that is among them."""
    served = Distribution.objects.filter(repository=repository).order_by("name")
    paths = list(served.values_list("base_path", flat=True))
    return repository.name if repository.name in paths else next(iter(paths), None)
