"""The permissions that people are told about, in the words and the order in which clients show them."""

from __future__ import annotations

from dataclasses import dataclass


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
        "galaxy.add_namespace", "Add namespace", None, "Create a new namespace.", "Collection Namespaces"
    ),
    Permission(
        "galaxy.change_namespace",
        "Change namespace",
        "Edit this namespace.",
        "Edit any existing namespace.",
        "Collection Namespaces",
    ),
    Permission(
        "galaxy.delete_namespace",
        "Delete namespace",
        "Delete this namespace.",
        "Delete any existing namespace.",
        "Collection Namespaces",
    ),
    Permission(
        "galaxy.upload_to_namespace",
        "Upload to namespace",
        "Upload collections to this namespace.",
        "Upload collections to any existing namespace.",
        "Collection Namespaces",
    ),
    Permission(
        "ansible.delete_collection",
        "Delete collection",
        "Delete this collection.",
        "Delete any existing collection.",
        "Collections",
    ),
    Permission(
        "ansible.modify_ansible_repo_content",
        "Modify Ansible repo content",
        "Modify content of this Ansible repository.",
        "Upload collections to any existing namespace.",
        "Collections",
    ),
    Permission(
        "ansible.sign_ansiblerepository",
        "Sign collections",
        "Sign collections in this repository.",
        "Sign collections in any repository.",
        "Collections",
    ),
    Permission("galaxy.add_user", "Add user", None, "Add new users to the system.", "Users"),
    Permission(
        "galaxy.change_user",
        "Change user",
        "Edit this user.",
        "Edit any existing user in the system.",
        "Users",
    ),
    Permission(
        "galaxy.delete_user",
        "Delete user",
        "Delete this user.",
        "Delete any existing user in the system.",
        "Users",
    ),
    Permission("galaxy.view_user", "View user", "View this user.", "View any user in the system.", "Users"),
    Permission("galaxy.add_group", "Add group", None, "Create new groups in the system.", "Groups"),
    Permission(
        "galaxy.change_group",
        "Change group",
        "Edit this group",
        "Edit any existing group in the system.",
        "Groups",
    ),
    Permission(
        "galaxy.delete_group",
        "Delete group",
        "Delete this group.",
        "Delete any group in the system.",
        "Groups",
    ),
    Permission(
        "galaxy.view_group",
        "View group",
        "View this group.",
        "View any existing group in the system.",
        "Groups",
    ),
    Permission(
        "ansible.view_collectionremote",
        "View collection remote",
        "View this collection remote.",
        "View any collection remote existing in the system.",
        "Collection Remotes",
    ),
    Permission(
        "ansible.add_collectionremote",
        "Add collection remote",
        "Add this collection remote.",
        "Add any collection remote existing in the system.",
        "Collection Remotes",
    ),
    Permission(
        "ansible.change_collectionremote",
        "Change collection remote",
        "Edit this collection remote.",
        "Edit any collection remote existing in the system.",
        "Collection Remotes",
    ),
    Permission(
        "ansible.delete_collectionremote",
        "Delete collection remote",
        "Delete this collection remote.",
        "Delete any collection remote existing in the system.",
        "Collection Remotes",
    ),
    Permission(
        "ansible.manage_roles_collectionremote",
        "Manage remote roles",
        "Configure who has permissions on this remote.",
        "Configure who has permissions on any remote.",
        "Collection Remotes",
    ),
    Permission(
        "ansible.view_ansiblerepository",
        "View Ansible repository",
        "View this Ansible repository.",
        "View any Ansible repository existing in the system.",
        "Ansible Repository",
    ),
    Permission(
        "ansible.add_ansiblerepository",
        "Add Ansible repository",
        "Add this Ansible repository.",
        "Add any Ansible repository existing in the system.",
        "Ansible Repository",
    ),
    Permission(
        "ansible.change_ansiblerepository",
        "Change Ansible repository",
        "Change this Ansible repository.",
        "Change any Ansible repository existing in the system.",
        "Ansible Repository",
    ),
    Permission(
        "ansible.delete_ansiblerepository",
        "Delete Ansible repository",
        "Delete this Ansible repository.",
        "Delete any Ansible repository existing in the system.",
        "Ansible Repository",
    ),
    Permission(
        "ansible.manage_roles_ansiblerepository",
        "Manage repository roles",
        "Configure who has permissions on this repository.",
        "Configure who has permissions on any repository.",
        "Ansible Repository",
    ),
    Permission(
        "ansible.repair_ansiblerepository",
        "Repair Ansible repository",
        "Repair artifacts associated with this Ansible repository.",
        "Repair artifacts associated with any Ansible repository existing in the system.",
        "Ansible Repository",
    ),
    Permission(
        "container.change_containernamespace",
        "Change container namespace permissions",
        "Edit permissions on this container namespace.",
        "Edit permissions on any existing container namespace.",
        "Execution Environments",
    ),
    Permission(
        "container.namespace_change_containerdistribution",
        "Change containers",
        "Edit all objects in this container namespace.",
        "Edit all objects in any container namespace in the system.",
        "Execution Environments",
    ),
    Permission(
        "container.namespace_modify_content_containerpushrepository",
        "Change image tags",
        "Edit an image's tag in this container namespace",
        "Edit an image's tag in any container namespace the system.",
        "Execution Environments",
    ),
    Permission(
        "container.add_containernamespace",
        "Create new containers",
        None,
        "Add new containers to the system.",
        "Execution Environments",
    ),
    Permission(
        "container.delete_containerrepository",
        "Delete container repository",
        "Delete this container repository.",
        "Delete any existing container repository in the system.",
        "Execution Environments",
    ),
    Permission(
        "container.namespace_push_containerdistribution",
        "Push to existing containers",
        "Push to this namespace.",
        "Push to any existing namespace in the system.",
        "Execution Environments",
    ),
    Permission(
        "container.namespace_add_containerdistribution",
        "Push new containers",
        "Push a new container to this namespace.",
        "Push a new containers to any namespace in the system.",
        "Execution Environments",
    ),
    Permission(
        "container.manage_roles_containernamespace",
        "Manage container namespace roles",
        "Manage container namespace roles.",
        "Manage container namespace roles existing in the system.",
        "Execution Environments",
    ),
    Permission(
        "galaxy.add_containerregistryremote",
        "Add remote registry",
        None,
        "Add remote registry to the system.",
        "Container Registry Remotes",
    ),
    Permission(
        "galaxy.change_containerregistryremote",
        "Change remote registry",
        "Edit this remote registry.",
        "Change any remote registry existing in the system.",
        "Container Registry Remotes",
    ),
    Permission(
        "galaxy.delete_containerregistryremote",
        "Delete remote registry",
        "Delete this remote registry.",
        "Delete any remote registry existing in the system.",
        "Container Registry Remotes",
    ),
    Permission(
        "core.change_task",
        "Change task",
        "Edit this task.",
        "Edit any task existing in the system.",
        "Task Management",
    ),
    Permission(
        "core.delete_task",
        "Delete task",
        "Delete this task.",
        "Delete any task existing in the system.",
        "Task Management",
    ),
    Permission(
        "core.view_task",
        "View all tasks",
        "View this task.",
        "View any task existing in the system.",
        "Task Management",
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
    "group": ("galaxy.add_group", "galaxy.change_group", "galaxy.delete_group", "galaxy.view_group"),
    "user": ("galaxy.add_user", "galaxy.change_user", "galaxy.delete_user", "galaxy.view_user"),
}
