"""What Pulp's routes cannot tell by themselves: names that clients count on, bodies, answers, filters.

Operation ids follow Pulp's convention (`of` in naming.py); pulp-cli and the generated bindings ask for
operations and parameters by these names. Filters come from the tables that the lists themselves use.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cartwheel.api import task_filters
from cartwheel.api.collection_filters import PULP_VERSIONS
from cartwheel.api.filters import Table
from cartwheel.api.openapi.routes import Route
from cartwheel.api.openapi.schemas import NUMBER, TEXT, TEXTS, Schema, ref, thing
from cartwheel.api.pulp_v3 import (
    content,
    namespaces,
    people,
    role_grants,
    roles,
    schedules,
    task_groups,
    workers,
)
from cartwheel.api.pulp_v3.empty_lists import FOREIGN
from cartwheel.api.repository_filters import ALL_VERSION_FILTERS

HREFS = {  # route of one thing -> how clients call the parameter that is its address
    "tasks/*/": "task_href",
    "task-groups/*/": "task_group_href",
    "task-schedules/*/": "task_schedule_href",
    "schedules/*/": "schedule_href",
    "workers/*/": "worker_href",
    "users/*/": "auth_user_href",
    "users/*/roles/*/": "auth_users_user_role_href",
    "groups/*/": "group_href",
    "groups/*/users/*/": "groups_user_href",
    "groups/*/roles/*/": "groups_group_role_href",
    "roles/*/": "role_href",
    "artifacts/*/": "artifact_href",
    "uploads/*/": "upload_href",
    "signing-services/*/": "signing_service_href",
    "pulp_ansible/namespaces/*/": "ansible_namespace_href",
    "repositories/ansible/ansible/*/": "ansible_ansible_repository_href",
    "repositories/ansible/ansible/*/versions/*/": "ansible_ansible_repository_version_href",
    "remotes/ansible/collection/*/": "ansible_collection_remote_href",
    "remotes/ansible/role/*/": "ansible_role_remote_href",
    "remotes/ansible/git/*/": "ansible_git_remote_href",
    "distributions/ansible/ansible/*/": "ansible_ansible_distribution_href",
    "domains/*/": "domain_href",
    "access_policies/*/": "access_policy_href",
    "contentguards/core/content_redirect/*/": "content_redirect_content_guard_href",
    "content/ansible/collection_versions/*/": "ansible_collection_version_href",
    "content/ansible/collection_signatures/*/": "ansible_collection_version_signature_href",
    "content/ansible/collection_deprecations/*/": "ansible_ansible_collection_deprecated_href",
    "content/ansible/collection_marks/*/": "ansible_collection_version_mark_href",
    "content/ansible/namespaces/*/": "ansible_ansible_namespace_metadata_href",
    "content/ansible/roles/*/": "ansible_role_href",
}
IDS = {  # where Pulp does not follow its own convention
    ("get", ""): "root_read",
    ("get", "status/"): "status_read",
    ("get", "livez/"): "livez_read",
    ("get", "login/"): "login_read",
    ("post", "login/"): "login",
    ("delete", "login/"): "logout",
    ("patch", "tasks/*/"): "tasks_cancel",
    ("patch", "task-groups/*/"): "task_groups_cancel",
    ("post", "orphans/cleanup/"): "orphans_cleanup_cleanup",
    ("get", "docs/api.json"): "docs_read",
    ("delete", "orphans/"): "orphans_delete",
    ("post", "repair/"): "repair_post",
    ("post", "repositories/reclaim_space/"): "repositories_reclaim_space_reclaim",
}


@dataclass(frozen=True)
class Kind:
    """A list and the things in it: how they look, how they are made, what the list can be asked for.

    Filters and orders that are not named here are those that the list's view was mounted with (`kind`), or
    those of its class (`filters`) or its module: its `FILTERS` (or `TABLE`) and `ORDERS`.
    """

    item: Schema
    body: Schema | None = None
    filters: Table | None = None
    orders: Iterable[str] | None = None
    also: tuple[str, ...] = ()  # parameters beside the filters
    changes_by_task: bool = False  # PUT, PATCH and DELETE answer 202
    is_made_by_task: bool = False  # POST answers 202


@dataclass(frozen=True)
class Act:
    """What one method of one route takes and answers."""

    status: int
    answer: Schema | None = None
    body: Schema | None = None
    is_body_needed: bool = False
    is_upload: bool = False
    unchanged: Schema | None = None  # what is answered at once where there is nothing to do


TASK = ref("AsyncOperationResponse")
PERMISSIONS = ref("MyPermissions")
ROLES = ref("ObjectRoles")


@cache
def kinds() -> dict[str, Kind]:
    """The lists, by their routes."""
    return {
        "tasks/": Kind(
            ref("Task"),
            filters=task_filters.TABLE,
            orders=task_filters.ORDERS,
            also=("minimal",),
        ),
        "task-groups/": Kind(ref("TaskGroup"), filters=task_groups.TABLE, orders=task_groups.ORDERS),
        "task-schedules/": Kind(ref("TaskSchedule"), filters=schedules.TABLE, orders=schedules.ORDERS),
        "schedules/": Kind(
            ref("Schedule"), ref("ScheduleInput"), filters=schedules.TABLE, orders=schedules.ORDERS
        ),
        "pauses/": Kind(ref("Pause"), ref("PauseInput"), filters={}),
        "workers/": Kind(ref("Worker"), filters=workers.TABLE, orders=workers.ORDERS),
        "users/": Kind(ref("User"), ref("UserInput"), filters=people.USER_FILTERS, orders=people.USER_ORDERS),
        "users/*/roles/": _grants(),
        "groups/": Kind(
            ref("Group"), ref("GroupInput"), filters=people.GROUP_FILTERS, orders=people.GROUP_ORDERS
        ),
        "groups/*/users/": Kind(ref("GroupUser"), ref("GroupUserInput"), filters={}, orders=()),
        "groups/*/roles/": _grants(),
        "roles/": Kind(
            ref("Role"),
            ref("RoleInput"),
            filters=roles.FILTERS,
            orders=roles.ORDERS,
            also=("contains_permission",),
        ),
        "pulp_ansible/namespaces/": Kind(
            ref("Namespace"),
            filters=namespaces.FILTERS,
            orders=namespaces.ORDERS,
            also=("include_related",),
        ),
        "ansible/collections/": Kind(ref("Collection")),
        "content/ansible/collection_versions/": Kind(
            ref("CollectionVersion"), filters=PULP_VERSIONS, orders=content.ORDERS
        ),
        "repositories/": Kind(ref("Repository")),
        "repositories/ansible/ansible/": Kind(
            ref("Repository"), ref("RepositoryInput"), changes_by_task=True
        ),
        "repositories/ansible/ansible/*/versions/": Kind(ref("RepositoryVersion"), changes_by_task=True),
        "repository_versions/": Kind(ref("RepositoryVersion"), filters=ALL_VERSION_FILTERS),
        "remotes/": Kind(ref("CollectionRemote")),
        "remotes/ansible/collection/": Kind(
            ref("CollectionRemote"), ref("CollectionRemoteInput"), changes_by_task=True
        ),
        "remotes/ansible/role/": Kind(ref("RoleRemote"), orders=()),
        "remotes/ansible/git/": Kind(ref("GitRemote"), orders=()),
        "distributions/": Kind(ref("Distribution")),
        "distributions/ansible/ansible/": Kind(
            ref("Distribution"),
            ref("DistributionInput"),
            changes_by_task=True,
            is_made_by_task=True,
        ),
        "content/": Kind({"type": "object"}),
        "domains/": Kind({"type": "object"}),
        "access_policies/": Kind({"type": "object"}, orders=()),
        "contentguards/": Kind({"type": "object"}),
        "signing-services/": Kind(ref("SigningService")),
        "artifacts/": Kind(ref("Artifact")),
        "uploads/": Kind(ref("Upload"), ref("UploadInput")),
    }


def asked_of(kind: Kind, route: Route) -> tuple[Table, Iterable[str]]:
    """The filters of a list, and the names that it can be ordered by."""
    places = [
        vars(route.options.get("kind", kind)),
        vars(route.view),
        vars(sys.modules[route.view.__module__]),
    ]
    filters = _first(kind.filters, places, ("filters", "FILTERS", "TABLE", "ALL_FILTERS"))
    return filters or {}, _first(kind.orders, places, ("orders", "ORDERS")) or ()


def _first(given: Any, places: Iterable[Mapping[str, Any]], names: Iterable[str]) -> Any:
    """What was given, or else what stands under one of the names in one of the places."""
    if given is not None:
        return given
    found = (place.get(name) for place in places for name in names)
    return next((each for each in found if each is not None), None)


def _grants() -> Kind:
    return Kind(ref("Grant"), ref("GrantInput"), filters=role_grants.FILTERS, orders=role_grants.ORDERS)


# What Pulp's clients know and nobody can do here: pulp-cli crashes where it is not described, and tells
# what the hub answers where it is.
REFUSED: tuple[tuple[str, str], ...] = (
    *(("post", f"{each}/") for each in FOREIGN),
    ("post", "ansible/collections/"),
    ("post", "remotes/ansible/role/"),
    ("post", "remotes/ansible/git/"),
    ("post", "content/ansible/roles/"),
    ("post", "content/ansible/collection_signatures/"),
    ("post", "contentguards/core/content_redirect/"),
    ("patch", "contentguards/core/content_redirect/*/"),
    ("delete", "contentguards/core/content_redirect/*/"),
    ("post", "domains/"),
    ("patch", "domains/*/"),
    ("delete", "domains/*/"),
    ("patch", "access_policies/*/"),
)
ACTS: dict[tuple[str, str], Act] = {
    ("get", ""): Act(200, {"type": "object", "additionalProperties": TEXT}),
    ("get", "status/"): Act(200, ref("Status")),
    ("get", "livez/"): Act(200),
    ("get", "login/"): Act(200, ref("GroupUser")),
    ("post", "login/"): Act(201, ref("GroupUser")),
    ("delete", "login/"): Act(204),
    ("patch", "tasks/*/"): Act(200, ref("Task"), ref("TaskCancel"), is_body_needed=True),
    ("patch", "task-groups/*/"): Act(200, ref("TaskGroup"), ref("TaskCancel"), is_body_needed=True),
    ("post", "tasks/purge/"): Act(202, TASK, ref("Purge")),
    ("get", "tasks/*/profile_artifacts/"): Act(200, thing(urls={"type": "object"})),
    ("get", "tasks/*/blockers/"): Act(200, ref("Blockers")),
    ("get", "tasks/*/log/"): Act(200, ref("Log")),
    ("post", "tasks/*/run-again/"): Act(202, TASK),
    ("post", "schedules/*/run/"): Act(202, TASK),
    ("delete", "pauses/"): Act(204, None, ref("PauseInput")),
    ("post", "orphans/cleanup/"): Act(202, TASK, ref("OrphansCleanup")),
    ("delete", "orphans/"): Act(202, TASK),
    ("post", "repositories/reclaim_space/"): Act(202, TASK, ref("ReclaimSpace"), is_body_needed=True),
    ("post", "artifacts/"): Act(
        201, ref("Artifact"), ref("ArtifactUpload"), is_body_needed=True, is_upload=True
    ),
    ("put", "uploads/*/"): Act(200, ref("Upload"), ref("UploadChunk"), is_body_needed=True, is_upload=True),
    ("post", "uploads/*/commit/"): Act(202, TASK, ref("UploadCommit"), is_body_needed=True),
    ("post", "content/ansible/collection_versions/"): Act(
        202, TASK, ref("CollectionUpload"), is_body_needed=True
    ),
}
ACTS_ANYWHERE: dict[tuple[str, str], Act] = {  # by the last part of the route
    ("get", "my_permissions"): Act(200, PERMISSIONS),
    ("get", "list_roles"): Act(200, ROLES),
    ("post", "add_role"): Act(201, ref("NestedRole"), ref("NestedRole"), is_body_needed=True),
    ("post", "remove_role"): Act(201, ref("NestedRole"), ref("NestedRole"), is_body_needed=True),
    ("post", "set_label"): Act(201, ref("SetLabel"), ref("SetLabel"), is_body_needed=True),
    ("post", "unset_label"): Act(201, ref("UnsetLabel"), ref("UnsetLabel"), is_body_needed=True),
    ("post", "sync"): Act(202, TASK, ref("RepositorySync")),
    ("post", "modify"): Act(202, TASK, ref("RepositoryModify")),
    ("post", "mark"): Act(202, TASK, ref("RepositoryMark"), is_body_needed=True),
    ("post", "unmark"): Act(202, TASK, ref("RepositoryMark"), is_body_needed=True),
    ("post", "sign"): Act(202, TASK, ref("RepositorySign"), is_body_needed=True),
    ("post", "copy_collection_version"): Act(
        202, TASK, ref("CollectionVersionCopyMove"), is_body_needed=True
    ),
    ("post", "move_collection_version"): Act(
        202, TASK, ref("CollectionVersionCopyMove"), is_body_needed=True
    ),
    ("post", "rebuild_metadata"): Act(202, TASK, ref("RebuildMetadata")),
    ("post", "repair"): Act(202, TASK, ref("Repair")),
}
HEADERS = {("put", "uploads/*/"): ("Content-Range",)}  # headers that must be there
QUERIES: dict[tuple[str, str], dict[str, Schema]] = {  # parameters of what is no list
    ("get", "tasks/*/log/"): {"after": NUMBER},
}
ALSO: dict[str, Schema] = {  # parameters of lists beside the filters
    "minimal": {"type": "boolean"},
    "contains_permission": TEXTS,
    "include_related": TEXT,
}
