"""Distributions: how the path of a repository is made, changed and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from cartwheel.engine.context import created
from cartwheel.engine.functions import Call
from cartwheel.engine.gate import HUB_ID
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied, Invalid
from cartwheel.registry import general
from cartwheel.registry.discretion import title_about
from cartwheel.registry.distributions import VIEW
from cartwheel.registry.models import Distribution, Repository, RepositoryVersion, User
from cartwheel.registry.permissions import DENIED, allows, require
from cartwheel.registry.repositories import STOCK, changing
from cartwheel.registry.repository_documents import distribution as document
from cartwheel.registry.repository_documents import pulp_root

KIND = "distribution"
RESOURCE = f"pdrn:{HUB_ID}:distributions"  # paths must not overlap: they change one after the other
CHANGE, DELETE = "ansible.change_ansiblerepository", "ansible.delete_ansiblerepository"
BOTH = "Only one of the attributes 'repository' and 'repository_version' may be used simultaneously."


class NotUnique(Invalid):
    code = "unique"

    def __init__(self) -> None:
        super().__init__("The name or the base path is taken by another distribution.")


class Overlaps(Invalid):
    code = "overlaps"

    def __init__(self, name: str | None) -> None:
        other = "an existing distribution" if name is None else f"existing distribution '{name}'"
        super().__init__(f"Overlaps with {other}", field="base_path")


def create_distribution(given: Mapping[str, Any], *, by: User, origin: str) -> Task:
    """Serve a repository at a path, as a task. `given` are values by column. Raises Invalid, Denied.

    Whoever may change the repository may serve it. `origin` is the server as the client knows it.
    """
    require_create(given, by=by)
    check_path(given["base_path"], by=by)
    title = title_about(f"Serve at {given['base_path']}", _served(given))
    call = Call(exclusive=[RESOURCE], by=by, title=title, immediate=True)
    return general.general_create.dispatch(KIND, _as_json(given) | {"origin": origin}, call=call)


def require_create(given: Mapping[str, Any], *, by: User) -> None:
    """Raises Denied if the user may not serve what is meant: without a repository, any repository."""
    require(by, CHANGE, _served(given))


def check_path(base_path: str, known: Distribution | None = None, *, by: User | None = None) -> None:
    """Raises Overlaps if the path is above or below that of another distribution.

    It names that to who may read what it serves; without `by`, in a task, if everybody may.
    """
    parts = base_path.split("/")
    above = ["/".join(parts[:length]) for length in range(1, len(parts))]
    others = Distribution.objects.filter(Q(base_path__in=above) | Q(base_path__startswith=f"{base_path}/"))
    if known is not None:
        others = others.exclude(pk=known.pk)
    other = others.first()
    if other is not None:
        repository = repository_of(other)
        is_told = not (repository and repository.private) or (by and allows(by, VIEW, repository))
        raise Overlaps(other.name if is_told else None)


def change_distribution(
    distribution: Distribution, given: Mapping[str, Any], *, by: User, origin: str, always: bool = False
) -> Task | None:
    """Change a distribution, as a task; None if nothing would be different, unless there shall be one `always`.

    Raises Invalid, Denied.
    """
    require_change(distribution, by=by)
    change = {name: value for name, value in given.items() if value != getattr(distribution, name)}
    if not (change or always):
        return None
    served = _served(change)
    if served is not None:
        require(by, CHANGE, served)
    if "base_path" in change:
        if is_protected(distribution):
            raise Denied(DENIED)
        check_path(change["base_path"], distribution, by=by)
    _require_one(distribution, change)
    title = title_about(f"Change distribution {distribution}", repository_of(distribution), served)
    call = Call(exclusive=[RESOURCE], by=by, title=title, immediate=True)
    given = _as_json(change) | {"origin": origin}
    return general.general_update.dispatch(KIND, str(distribution.pk), given, call=call)


def require_change(distribution: Distribution, *, by: User) -> None:
    """Raises Denied for those who may not change what is served."""
    require(by, CHANGE, repository_of(distribution))


def _require_one(distribution: Distribution, change: Mapping[str, Any]) -> None:
    both = [change.get(name, getattr(distribution, name)) for name in ("repository", "repository_version")]
    if all(both):
        raise Invalid(BOTH, field="non_field_errors")


def delete_distribution(distribution: Distribution, *, by: User) -> Task:
    """Serve a repository at that path no longer, as a task. Raises Denied, also for stock paths."""
    require(by, DELETE, repository_of(distribution))
    if is_protected(distribution):
        raise Denied(DENIED)
    title = title_about(f"Delete distribution {distribution}", repository_of(distribution))
    call = Call(exclusive=[RESOURCE], by=by, title=title, immediate=True)
    return general.general_delete.dispatch(KIND, str(distribution.pk), call=call)


def is_protected(distribution: Distribution) -> bool:
    """Is it one of the paths that every hub has?"""
    return distribution.base_path in STOCK


def repository_of(distribution: Distribution) -> Repository | None:
    """The repository that is served, as a whole or in one version."""
    version = distribution.repository_version
    return version.repository if version else distribution.repository


def _served(given: Mapping[str, Any]) -> Repository | None:
    version: RepositoryVersion | None = given.get("repository_version")
    return version.repository if version else given.get("repository")


def _as_json(given: Mapping[str, Any]) -> dict[str, Any]:
    is_row = ("repository", "repository_version")
    return {
        name: str(value.pk) if name in is_row and value is not None else value
        for name, value in given.items()
    }


# -- what the tasks do ----------------------------------------------------------------------------


def _create(given: Mapping[str, Any]) -> dict[str, Any]:
    with changing():
        made = Distribution()
        _save(made, given)
        created(made.path)
    return _document(made, given)


def _update(identifier: str, change: Mapping[str, Any]) -> dict[str, Any]:
    with changing():
        found = Distribution.objects.select_for_update().filter(pk=identifier).first()
        if found is None:
            raise general.Gone(KIND)
        _save(found, change)
    return _document(found, change)


def _save(distribution: Distribution, change: Mapping[str, Any]) -> None:
    for name, value in change.items():
        is_row = name in ("repository", "repository_version")
        if name != "origin":
            setattr(distribution, f"{name}_id" if is_row else name, value)
    _require_there(distribution)
    if "base_path" in change:
        check_path(distribution.base_path, distribution)
    distribution.updated_at = timezone.now()
    try:
        with transaction.atomic():
            distribution.save()
    except IntegrityError:
        raise NotUnique from None


def _require_there(distribution: Distribution) -> None:
    """Raises Gone if what is to be served was deleted meanwhile."""
    repository, version = distribution.repository_id, distribution.repository_version_id
    if repository and not Repository.objects.filter(pk=repository).exists():
        raise general.Gone("repository")
    if version and not RepositoryVersion.objects.filter(pk=version).exists():
        raise general.Gone("version of the repository")


def _document(distribution: Distribution, given: Mapping[str, Any]) -> dict[str, Any]:
    return document(distribution, root=pulp_root(), origin=given.get("origin", ""))


def _delete(identifier: str) -> None:
    with changing():
        Distribution.objects.filter(pk=identifier).delete()


general.register(KIND, general.Acts(create=_create, update=_update, delete=_delete))
