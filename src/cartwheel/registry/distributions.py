"""Which repository a path serves, and who may read what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, Q

from cartwheel.engine.prepared import Given, Query
from cartwheel.kit.errors import NotFound
from cartwheel.registry.models import Distribution, Repository, User
from cartwheel.registry.permissions import permissions_by_object, require

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

VIEW = "ansible.view_ansiblerepository"


def find_served(base_path: str) -> Repository:
    """The repository behind a path, as of the version that is served there. Raises NotFound."""
    row = next(iter(_served(base_path=base_path)), {})
    number = row.get("repository_version__number")
    which = REPOSITORY if number is None else OF_VERSION
    if row.get(f"{which}id") is None:
        raise NotFound("Not found.")
    found = Repository.from_db(DEFAULT_DB_ALIAS, _COLUMNS, [row[f"{which}{each}"] for each in _COLUMNS])
    found.at = number
    return found


# Most that clients ask for is below such a path: each request would build that anew.
REPOSITORY, OF_VERSION = "repository__", "repository_version__repository__"
_COLUMNS = [each.attname for each in Repository._meta.concrete_fields]
_served = Query(
    lambda: Distribution.objects.filter(base_path=Given("base_path", CharField())).values(
        "repository_version__number",
        *(f"{which}{each}" for which in (REPOSITORY, OF_VERSION) for each in _COLUMNS),
    )
)


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
