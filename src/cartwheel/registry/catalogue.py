"""The permissions that people are told about, in the words and the order in which clients show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import (
    gettext_noop as _,  # pages translate titles and categories, the API does not
)


@dataclass(frozen=True)
class Permission:
    """`on_object` says what it allows on one object, None where it has no meaning there; `everywhere`
    what it allows when it is given for all."""

    name: str
    title: str
    on_object: str | None
    everywhere: str
    category: str


CATALOGUE = (
    Permission(
        "galaxy.add_namespace",
        _("Add namespace"),
        None,
        "Create a new namespace.",
        _("Collection Namespaces"),
    ),
    Permission(
        "galaxy.change_namespace",
        _("Change namespace"),
        "Edit this namespace.",
        "Edit any existing namespace.",
        _("Collection Namespaces"),
    ),
    Permission(
        "galaxy.delete_namespace",
        _("Delete namespace"),
        "Delete this namespace.",
        "Delete any existing namespace.",
        _("Collection Namespaces"),
    ),
    Permission(
        "galaxy.upload_to_namespace",
        _("Upload to namespace"),
        "Upload collections to this namespace.",
        "Upload collections to any existing namespace.",
        _("Collection Namespaces"),
    ),
    Permission(
        "ansible.delete_collection",
        _("Delete collection"),
        "Delete this collection.",
        "Delete any existing collection.",
        _("Collections"),
    ),
    Permission(
        "ansible.modify_ansible_repo_content",
        _("Modify Ansible repo content"),
        "Modify content of this Ansible repository.",
        "Upload collections to any existing namespace.",
        _("Collections"),
    ),
    Permission(
        "ansible.sign_ansiblerepository",
        _("Sign collections"),
        "Sign collections in this repository.",
        "Sign collections in any repository.",
        _("Collections"),
    ),
    Permission("galaxy.add_user", _("Add user"), None, "Add new users to the system.", _("Users")),
    Permission(
        "galaxy.change_user",
        _("Change user"),
        "Edit this user.",
        "Edit any existing user in the system.",
        _("Users"),
    ),
    Permission(
        "galaxy.delete_user",
        _("Delete user"),
        "Delete this user.",
        "Delete any existing user in the system.",
        _("Users"),
    ),
    Permission(
        "galaxy.view_user", _("View user"), "View this user.", "View any user in the system.", _("Users")
    ),
    Permission("galaxy.add_group", _("Add group"), None, "Create new groups in the system.", _("Groups")),
    Permission(
        "galaxy.change_group",
        _("Change group"),
        "Edit this group",
        "Edit any existing group in the system.",
        _("Groups"),
    ),
    Permission(
        "galaxy.delete_group",
        _("Delete group"),
        "Delete this group.",
        "Delete any group in the system.",
        _("Groups"),
    ),
    Permission(
        "galaxy.view_group",
        _("View group"),
        "View this group.",
        "View any existing group in the system.",
        _("Groups"),
    ),
    Permission(
        "ansible.view_collectionremote",
        _("View collection remote"),
        "View this collection remote.",
        "View any collection remote existing in the system.",
        _("Collection Remotes"),
    ),
    Permission(
        "ansible.add_collectionremote",
        _("Add collection remote"),
        "Add this collection remote.",
        "Add any collection remote existing in the system.",
        _("Collection Remotes"),
    ),
    Permission(
        "ansible.change_collectionremote",
        _("Change collection remote"),
        "Edit this collection remote.",
        "Edit any collection remote existing in the system.",
        _("Collection Remotes"),
    ),
    Permission(
        "ansible.delete_collectionremote",
        _("Delete collection remote"),
        "Delete this collection remote.",
        "Delete any collection remote existing in the system.",
        _("Collection Remotes"),
    ),
    Permission(
        "ansible.manage_roles_collectionremote",
        _("Manage remote roles"),
        "Configure who has permissions on this remote.",
        "Configure who has permissions on any remote.",
        _("Collection Remotes"),
    ),
    Permission(
        "ansible.view_ansiblerepository",
        _("View Ansible repository"),
        "View this Ansible repository.",
        "View any Ansible repository existing in the system.",
        _("Ansible Repository"),
    ),
    Permission(
        "ansible.add_ansiblerepository",
        _("Add Ansible repository"),
        "Add this Ansible repository.",
        "Add any Ansible repository existing in the system.",
        _("Ansible Repository"),
    ),
    Permission(
        "ansible.change_ansiblerepository",
        _("Change Ansible repository"),
        "Change this Ansible repository.",
        "Change any Ansible repository existing in the system.",
        _("Ansible Repository"),
    ),
    Permission(
        "ansible.delete_ansiblerepository",
        _("Delete Ansible repository"),
        "Delete this Ansible repository.",
        "Delete any Ansible repository existing in the system.",
        _("Ansible Repository"),
    ),
    Permission(
        "ansible.manage_roles_ansiblerepository",
        _("Manage repository roles"),
        "Configure who has permissions on this repository.",
        "Configure who has permissions on any repository.",
        _("Ansible Repository"),
    ),
    Permission(
        "ansible.repair_ansiblerepository",
        _("Repair Ansible repository"),
        "Repair artifacts associated with this Ansible repository.",
        "Repair artifacts associated with any Ansible repository existing in the system.",
        _("Ansible Repository"),
    ),
    Permission(
        "container.change_containernamespace",
        _("Change container namespace permissions"),
        "Edit permissions on this container namespace.",
        "Edit permissions on any existing container namespace.",
        _("Execution Environments"),
    ),
    Permission(
        "container.namespace_change_containerdistribution",
        _("Change containers"),
        "Edit all objects in this container namespace.",
        "Edit all objects in any container namespace in the system.",
        _("Execution Environments"),
    ),
    Permission(
        "container.namespace_modify_content_containerpushrepository",
        _("Change image tags"),
        "Edit an image's tag in this container namespace",
        "Edit an image's tag in any container namespace the system.",
        _("Execution Environments"),
    ),
    Permission(
        "container.add_containernamespace",
        _("Create new containers"),
        None,
        "Add new containers to the system.",
        _("Execution Environments"),
    ),
    Permission(
        "container.delete_containerrepository",
        _("Delete container repository"),
        "Delete this container repository.",
        "Delete any existing container repository in the system.",
        _("Execution Environments"),
    ),
    Permission(
        "container.namespace_push_containerdistribution",
        _("Push to existing containers"),
        "Push to this namespace.",
        "Push to any existing namespace in the system.",
        _("Execution Environments"),
    ),
    Permission(
        "container.namespace_add_containerdistribution",
        _("Push new containers"),
        "Push a new container to this namespace.",
        "Push a new containers to any namespace in the system.",
        _("Execution Environments"),
    ),
    Permission(
        "container.manage_roles_containernamespace",
        _("Manage container namespace roles"),
        "Manage container namespace roles.",
        "Manage container namespace roles existing in the system.",
        _("Execution Environments"),
    ),
    Permission(
        "galaxy.add_containerregistryremote",
        _("Add remote registry"),
        None,
        "Add remote registry to the system.",
        _("Container Registry Remotes"),
    ),
    Permission(
        "galaxy.change_containerregistryremote",
        _("Change remote registry"),
        "Edit this remote registry.",
        "Change any remote registry existing in the system.",
        _("Container Registry Remotes"),
    ),
    Permission(
        "galaxy.delete_containerregistryremote",
        _("Delete remote registry"),
        "Delete this remote registry.",
        "Delete any remote registry existing in the system.",
        _("Container Registry Remotes"),
    ),
    Permission(
        "core.change_task",
        _("Change task"),
        "Edit this task.",
        "Edit any task existing in the system.",
        _("Task Management"),
    ),
    Permission(
        "core.delete_task",
        _("Delete task"),
        "Delete this task.",
        "Delete any task existing in the system.",
        _("Task Management"),
    ),
    Permission(
        "core.view_task",
        _("View all tasks"),
        "View this task.",
        "View any task existing in the system.",
        _("Task Management"),
    ),
)

# What a kind of object can be given roles for; the kinds are named as in role grants.
OBJECT_PERMISSIONS = {
    "namespace": (
        "galaxy.add_namespace",
        "galaxy.change_namespace",
        "galaxy.delete_namespace",
        "galaxy.upload_to_namespace",
        "galaxy.view_namespace",
    ),
    "repository": (
        "ansible.add_ansiblerepository",
        "ansible.change_ansiblerepository",
        "ansible.delete_ansiblerepository",
        "ansible.manage_roles_ansiblerepository",
        "ansible.modify_ansible_repo_content",
        "ansible.rebuild_metadata_ansiblerepository",
        "ansible.repair_ansiblerepository",
        "ansible.sign_ansiblerepository",
        "ansible.sync_ansiblerepository",
        "ansible.view_ansiblerepository",
    ),
    "collectionremote": (
        "ansible.add_collectionremote",
        "ansible.change_collectionremote",
        "ansible.delete_collectionremote",
        "ansible.manage_roles_collectionremote",
        "ansible.view_collectionremote",
    ),
    "containernamespace": tuple(each.name for each in CATALOGUE if each.name.startswith("container.")),
    "task": (
        "core.add_task",
        "core.change_task",
        "core.delete_task",
        "core.manage_roles_task",
        "core.view_task",
    ),
    "taskschedule": ("core.view_taskschedule",),
    "group": ("galaxy.add_group", "galaxy.change_group", "galaxy.delete_group", "galaxy.view_group"),
    "user": ("galaxy.add_user", "galaxy.change_user", "galaxy.delete_user", "galaxy.view_user"),
}
