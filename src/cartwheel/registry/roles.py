"""Roles: the ones that come with the hub, and those that administrators make."""

from __future__ import annotations

from itertools import chain
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.utils import timezone

from cartwheel.kit.errors import Denied, Invalid, NameTaken
from cartwheel.kit.ids import uuid7
from cartwheel.registry.catalogue import CATALOGUE, OBJECT_PERMISSIONS
from cartwheel.registry.models import Role, User
from cartwheel.registry.permissions import require_superuser

_REMOTES = (
    "ansible.view_collectionremote",
    "ansible.add_collectionremote",
    "ansible.change_collectionremote",
    "ansible.delete_collectionremote",
    "ansible.manage_roles_collectionremote",
)
_REPOSITORIES = (
    "ansible.modify_ansible_repo_content",
    "ansible.view_ansiblerepository",
    "ansible.add_ansiblerepository",
    "ansible.change_ansiblerepository",
    "ansible.delete_ansiblerepository",
    "ansible.manage_roles_ansiblerepository",
    "ansible.repair_ansiblerepository",
)
_COLLECTIONS = (
    "galaxy.add_namespace",
    "galaxy.change_namespace",
    "galaxy.delete_namespace",
    "galaxy.upload_to_namespace",
    "ansible.delete_collection",
    *_REMOTES,
    *_REPOSITORIES,
)
_CHANGE_CONTAINERS = (
    "container.namespace_change_containerdistribution",
    "container.namespace_modify_content_containerpushrepository",
    "container.namespace_push_containerdistribution",
)
_OWN_CONTAINERS = (
    *_CHANGE_CONTAINERS,
    "container.change_containernamespace",
    "container.namespace_add_containerdistribution",
)
_PUBLISH_CONTAINERS = (*_OWN_CONTAINERS, "container.add_containernamespace")
_CONTAINERS = (
    *_PUBLISH_CONTAINERS,
    "container.delete_containerrepository",
    "container.manage_roles_containernamespace",
    "galaxy.add_containerregistryremote",
    "galaxy.change_containerregistryremote",
    "galaxy.delete_containerregistryremote",
)

# The roles that come with the hub and cannot be changed, in the order in which they are made. Clients know
# them by name, also those for what this hub does not serve.
LOCKED: dict[str, tuple[str, ...]] = {
    "galaxy.content_admin": (*_COLLECTIONS, *_CONTAINERS),
    "galaxy.collection_admin": _COLLECTIONS,
    "galaxy.collection_publisher": (
        "galaxy.add_namespace",
        "galaxy.change_namespace",
        "galaxy.upload_to_namespace",
    ),
    "galaxy.collection_curator": (*_REMOTES, *_REPOSITORIES),
    "galaxy.collection_namespace_owner": ("galaxy.change_namespace", "galaxy.upload_to_namespace"),
    "galaxy.execution_environment_admin": _CONTAINERS,
    "galaxy.execution_environment_publisher": _PUBLISH_CONTAINERS,
    "galaxy.execution_environment_namespace_owner": _OWN_CONTAINERS,
    "galaxy.execution_environment_collaborator": _CHANGE_CONTAINERS,
    "galaxy.ansible_repository_owner": _REPOSITORIES,
    "galaxy.collection_remote_owner": _REMOTES,
    "galaxy.group_admin": (
        "galaxy.add_group",
        "galaxy.change_group",
        "galaxy.delete_group",
        "galaxy.view_group",
    ),
    "galaxy.user_admin": ("galaxy.add_user", "galaxy.change_user", "galaxy.delete_user", "galaxy.view_user"),
    "galaxy.synclist_owner": (
        "galaxy.add_synclist",
        "galaxy.change_synclist",
        "galaxy.delete_synclist",
        "galaxy.view_synclist",
    ),
    "galaxy.task_admin": ("core.change_task", "core.delete_task", "core.view_task"),
    "galaxy.auditor": (
        "ansible.view_ansiblerepository",
        "ansible.view_collectionremote",
        "core.view_task",
        "galaxy.view_group",
        "galaxy.view_user",
    ),
}


def missing_locked() -> list[str]:
    """The names of the roles that should come with the hub and are not there, or not as they should be."""
    here = dict(Role.objects.filter(locked=True).values_list("name", "permissions"))
    return [name for name, permissions in LOCKED.items() if here.get(name) != sorted(permissions)]


def make_locked(names: list[str]) -> None:
    """Make these roles, or make them as they should be. Two processes may do it at the same time."""
    Role.objects.bulk_create(
        [
            Role(
                id=uuid7(),
                name=name,
                permissions=sorted(LOCKED[name]),
                locked=True,
                updated_at=timezone.now(),
            )
            for name in names
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["permissions", "locked", "updated_at"],
    )


class UnknownPermission(Invalid):
    code = "does_not_exist"

    def __init__(self, name: object) -> None:
        super().__init__(f"Permission '{name}' does not exist.", field="permissions")


class RoleChanges(TypedDict, total=False):
    """What can be said of a role; what is left out stays as it is."""

    name: str
    description: str | None
    permissions: list[str]


KNOWN = frozenset(
    chain(
        (each.name for each in CATALOGUE),
        chain.from_iterable(LOCKED.values()),
        chain.from_iterable(OBJECT_PERMISSIONS.values()),
    )
)


def check_permission(name: object) -> str:
    """The name, if there is such a permission. Raises Invalid."""
    if not isinstance(name, str) or "." not in name:
        message = f"Permission '{name}' is not in the format '<app_label>.<codename>'."
        raise Invalid(message, field="permissions")
    if name not in KNOWN:
        raise UnknownPermission(name)
    return name


def create_role(given: RoleChanges, *, by: User) -> Role:
    """Make a role. Superusers only."""
    require_superuser(by)
    return _saved(Role(), given)


def change_role(role: Role, given: RoleChanges, *, by: User) -> Role:
    """Change a role; whoever has it may do other things at once. Superusers only."""
    require_superuser(by)
    _require_unlocked(role)
    return _saved(role, given)


def delete_role(role: Role, *, by: User) -> None:
    """Delete a role and take it from everybody. Superusers only."""
    require_superuser(by)
    _require_unlocked(role)
    role.delete()


def _require_unlocked(role: Role) -> None:
    if role.locked:
        raise Denied("The role is locked.")


def _saved(role: Role, given: RoleChanges) -> Role:
    if "permissions" in given:
        role.permissions = sorted({check_permission(each) for each in given["permissions"]})
    role.name = given.get("name", role.name)
    role.description = given.get("description", role.description)
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise NameTaken from None
    return role
