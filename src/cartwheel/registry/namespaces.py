"""Namespaces: make, change, delete, who owns them, and what is published of them."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cartwheel.engine.context import current_task, require_claim
from cartwheel.engine.functions import Call, task
from cartwheel.engine.states import INCOMPLETE
from cartwheel.kit.errors import Conflict, Invalid
from cartwheel.registry.access import grants_on, require_held
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import (
    CollectionImport,
    CollectionVersion,
    Namespace,
    Repository,
    RepositoryContent,
    Role,
    RoleGrant,
    User,
)
from cartwheel.registry.permissions import allows, permissions_by_object, require

KIND = "namespace"  # in role grants
PERMISSIONS = OBJECT_PERMISSIONS[KIND]
METADATA = ("name", "company", "email", "description", "resources", "links")  # what is published

log = logging.getLogger(__name__)


class NamespaceExists(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(f"A namespace named {name} already exists.", field="name")


class NameTaken(Invalid):
    code = "unique"

    def __init__(self) -> None:
        super().__init__("namespace with this name already exists.", field="name")


class NamespaceInUse(Invalid):
    def __init__(self, name: str, act: str, why: str) -> None:
        super().__init__(f"Namespace {name} cannot be {act} because {why}.")


@dataclass(frozen=True)
class Holder:
    """Somebody, and the names of the roles that they have on an object."""

    who: User | Group
    roles: tuple[str, ...]


class NamespaceChanges(TypedDict, total=False):
    """What can be said of a namespace; what is left out stays as it is.

    `groups` and `users` are all that have roles on it: whoever is not among them loses theirs.
    """

    name: str
    company: str
    email: str
    avatar_url: str
    description: str
    links: list[dict[str, str]]
    resources: str
    groups: list[Holder]
    users: list[Holder]


def check_name(name: str) -> None:
    """Raises Invalid for what cannot be the first part of a collection's name."""
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise Invalid("Name can only contain lower case letters, underscores and numbers", field="name")
    if len(name) <= 2:
        raise Invalid("Name must be longer than 2 characters", field="name")
    if name.startswith("_"):
        raise Invalid("Name cannot begin with '_'", field="name")


# -- acts -----------------------------------------------------------------------------------------


def create_namespace(given: NamespaceChanges, *, by: User) -> Namespace:
    """Make a namespace. It belongs to those whom `groups` and `users` name, not to who makes it."""
    require(by, "galaxy.add_namespace")
    check_name(given["name"])
    try:
        with transaction.atomic():
            return _saved(Namespace(), given, by)
    except IntegrityError:
        raise NamespaceExists(given["name"]) from None


def change_namespace(namespace: Namespace, given: NamespaceChanges, *, by: User) -> Namespace:
    """Change a namespace. Another name is for those who may make a namespace of it, and only while nothing is in it."""
    require(by, "galaxy.change_namespace", namespace)
    if given.get("name", namespace.name) != namespace.name:
        require(by, "galaxy.add_namespace")
    check_name(given.get("name", namespace.name))
    try:
        with transaction.atomic():
            namespace = Namespace.objects.select_for_update().get(pk=namespace.pk)
            if given.get("name", namespace.name) != namespace.name:
                _require_empty(namespace, "renamed")
            return _saved(namespace, given, by)
    except IntegrityError:
        raise NameTaken from None


@transaction.atomic
def delete_namespace(namespace: Namespace, *, by: User) -> None:
    """Delete a namespace in which nothing is."""
    require(by, "galaxy.delete_namespace", namespace)
    namespace = Namespace.objects.select_for_update().get(pk=namespace.pk)
    _require_empty(namespace, "deleted")
    grants_on(namespace).delete()
    namespace.delete()


@task(
    "galaxy_ng.app.tasks.namespaces._create_pulp_namespace",
    title="Publish the metadata of namespace {name}",
)
def publish_metadata(namespace_id: int, name: str) -> None:
    """Note the digest of what clients are told of a namespace, so that they see whether it has changed."""
    with transaction.atomic():
        if current_task() is not None:
            require_claim()
        namespace = Namespace.objects.select_for_update().filter(pk=namespace_id).first()
        if namespace is None:
            log.info("namespace is gone name=%s", name)
            return
        namespace.metadata_sha256 = metadata_sha256(namespace)
        namespace.save(update_fields=["metadata_sha256", "updated_at"])
    log.info("metadata published namespace=%s sha256=%s", namespace.name, namespace.metadata_sha256)


def metadata_sha256(namespace: Namespace) -> str:
    """A digest that changes when something changes of what is published."""
    document = {field: getattr(namespace, field) for field in METADATA}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _require_empty(namespace: Namespace, act: str) -> None:
    if CollectionVersion.objects.filter(namespace=namespace.name).exists():
        raise NamespaceInUse(namespace.name, act, "there are still collections associated with it")
    if CollectionImport.objects.filter(namespace=namespace.name, task__state__in=INCOMPLETE).exists():
        raise NamespaceInUse(namespace.name, act, "a collection is being imported into it")


def _saved(namespace: Namespace, given: NamespaceChanges, by: User) -> Namespace:
    for name in (*METADATA, "avatar_url"):
        if name in given:
            setattr(namespace, name, given[name])  # type: ignore[literal-required]  # their names are the keys
    namespace.metadata_sha256 = metadata_sha256(namespace)
    namespace.save()
    if "groups" in given:
        _set_holders(namespace, given["groups"], to="group", field="groups", by=by)
    if "users" in given:
        _set_holders(namespace, given["users"], to="user", field="users", by=by)
    _publish(namespace)
    publish_metadata.dispatch(namespace.pk, namespace.name, call=Call(by=by))
    return namespace


def _publish(namespace: Namespace) -> None:
    """Show it in the repositories of our own that have a collection of it now, and wherever it was shown before."""
    placed = RepositoryContent.objects.filter(removed=None, namespace=namespace.name)
    ours = Repository.objects.filter(remote=None, pk__in=placed.values("repository"))
    namespace.published_in.add(*ours)


def published(names: Iterable[str], repositories: Iterable[UUID]) -> dict[tuple[UUID, str], Namespace]:
    """The namespaces of these names that these repositories show, by the repository and the name. One query."""
    rows = Namespace.published_in.through.objects.filter(
        namespace__name__in=list(names), repository__in=list(repositories)
    )
    return {
        (row.repository_id, row.namespace.name): row.namespace for row in rows.select_related("namespace")
    }


# -- owners ---------------------------------------------------------------------------------------


def holders(namespaces: Iterable[Namespace]) -> dict[int, list[Holder]]:
    """Who has roles on each of the namespaces, by its id. One query."""
    ids = [str(each.pk) for each in namespaces]
    rows = (
        RoleGrant.objects.filter(object_type=KIND, object_id__in=ids)
        .select_related("role", "user", "group")
        .order_by("group_id", "user_id", "role__name")
    )
    roles: dict[tuple[int, User | Group], list[str]] = {}
    for row in rows:
        who = row.user or row.group
        if who is not None:
            roles.setdefault((int(row.object_id), who), []).append(row.role.name)
    found: dict[int, list[Holder]] = {}
    for (namespace_id, who), names in roles.items():
        found.setdefault(namespace_id, []).append(Holder(who, tuple(names)))
    return found


def allowed(user: AbstractBaseUser | AnonymousUser, namespaces: Sequence[Namespace]) -> dict[int, list[str]]:
    """What the user may do with each of the namespaces, by its id. At most one query."""
    if isinstance(user, User) and user.is_superuser:
        return {each.pk: list(PERMISSIONS) for each in namespaces}
    ids = [str(each.pk) for each in namespaces]
    everywhere, here = permissions_by_object(user, KIND, object_ids=ids)
    mine = {each.pk: everywhere | here.get(str(each.pk), set()) for each in namespaces}
    return {pk: [each for each in PERMISSIONS if each in held] for pk, held in mine.items()}


def owned_by(user: User) -> QuerySet[Namespace]:
    """The namespaces that the user may change or upload to."""
    owning = {"galaxy.change_namespace", "galaxy.upload_to_namespace"}
    if any(allows(user, each) for each in owning):
        return Namespace.objects.all()
    _, by_id = permissions_by_object(user, KIND)
    return Namespace.objects.filter(pk__in=[pk for pk, held in by_id.items() if held & owning])


def _set_holders(namespace: Namespace, given: Iterable[Holder], *, to: str, field: str, by: User) -> None:
    """Let those have roles on the namespace, and no other group or user."""
    wanted = {(each.who.pk, name) for each in given for name in each.roles}
    roles = _roles({name for _, name in wanted}, field)
    now = grants_on(namespace).exclude(**{to: None})
    new = wanted - set(now.values_list(to, "role__name"))
    require_held({roles[name] for _, name in new}, namespace, by=by)
    now.delete()
    on_it = {"object_type": KIND, "object_id": str(namespace.pk)}
    RoleGrant.objects.bulk_create(
        RoleGrant(role=roles[name], **{f"{to}_id": pk}, **on_it) for pk, name in sorted(wanted)
    )


def _roles(names: set[str], field: str) -> Mapping[str, Role]:
    """The roles by their names. Raises Invalid for one that means nothing for a namespace."""
    found = {each.name: each for each in Role.objects.filter(name__in=names)}
    for name in sorted(names):
        if name not in found:
            raise Invalid(f"Role {name} does not exist", field=field)
        if not set(found[name].permissions) & set(PERMISSIONS):
            raise Invalid(
                f"Role {name} does not exist or does not have any permissions related to this object.",
                field=field,
            )
    return found
