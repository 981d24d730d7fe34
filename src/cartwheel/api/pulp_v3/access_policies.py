"""Who may do what, as Pulp tells it: a policy for each kind of thing. They are read; they cannot be changed."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Q
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, listed, several
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3 import schedules
from cartwheel.api.pulp_v3.empty_lists import beginning
from cartwheel.api.references import as_uuid
from cartwheel.api.views import PulpView
from cartwheel.registry import distribution_settings, remotes, repair, repository_settings
from cartwheel.registry.access import MANAGE
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.deprecation import UPLOAD
from cartwheel.registry.rebuilding import REBUILD
from cartwheel.registry.task_rights import CHANGE as CHANGE_TASK

Statement = dict[str, Any]

ROOT = "access_policies/"
FILTERS: Table = {
    "viewset_name": Filter(any_text, lambda _: Q()),
    "viewset_name__in": Filter(several, lambda _: Q()),
    **identified(),
}
READ, LABELS = ("list", "retrieve"), ("set_label", "unset_label")
ROLES = ("list_roles", "add_role", "remove_role")


def _allow(*actions: str, condition: str = "", principal: str = "authenticated") -> Statement:
    found: Statement = {"action": list(actions), "principal": principal, "effect": "allow"}
    return found | ({"condition": condition} if condition else {})


def _everywhere(permission: str, *actions: str) -> Statement:
    """For those who have a permission on everything of the kind."""
    return _allow(*actions, condition=f"has_model_or_domain_perms:{permission}")


def _on_it(permission: str, *actions: str) -> Statement:
    """For those who have it on everything, or on that one object."""
    return _allow(*actions, condition=f"has_model_or_domain_or_obj_perms:{permission}")


def _administrators(*actions: str) -> Statement:
    return _allow(*(actions or ("*",)), principal="admin")


# Superusers may do everything; what stands here is what others may, too.
POLICIES: dict[str, list[Statement]] = {
    "tasks": [
        _allow(*READ, "my_permissions"),
        _on_it(CHANGE_TASK, "partial_update"),
        _allow("partial_update", condition="has_asked_for_task"),
        _everywhere("core.delete_task", "destroy", "purge"),
    ],
    "task-groups": [
        _allow(*READ),
        _allow("partial_update", condition="may_stop_all_tasks_of_group"),
    ],
    "task-schedules": [_allow("list"), _everywhere(schedules.VIEW, "retrieve")],
    "workers": [_administrators()],
    "repositories/ansible/ansible": [
        _allow("list"),
        _allow("retrieve", "my_permissions", condition="is_not_private_or_has_view_perms"),
        _everywhere(repository_settings.ADD, "create"),
        _on_it(repository_settings.CHANGE, "update", "partial_update", "sync", *LABELS),
        _on_it(repository_settings.DELETE, "destroy"),
        _on_it(MODIFY, "modify", "copy_collection_version", "move_collection_version", "mark", "unmark"),
        _on_it(REBUILD, "rebuild_metadata"),
        _on_it(MANAGE["repository"], *ROLES),
    ],
    "repositories/ansible/ansible/versions": [
        _allow(*READ, condition="is_not_private_or_has_view_perms"),
        _on_it(repository_settings.DELETE, "destroy"),
        _on_it(repair.REPAIR, "repair"),
        _on_it(REBUILD, "rebuild_metadata"),
    ],
    "remotes/ansible/collection": [
        _on_it(remotes.VIEW, *READ, "my_permissions"),
        _everywhere(remotes.ADD, "create"),
        _on_it(remotes.CHANGE, "update", "partial_update", *LABELS),
        _on_it(remotes.DELETE, "destroy"),
        _on_it(MANAGE["collectionremote"], *ROLES),
    ],
    "distributions/ansible/ansible": [
        _allow(*READ, condition="is_not_private_or_has_view_perms"),
        _allow("create", condition=f"has_perms_on_served_repository:{distribution_settings.CHANGE}"),
        _allow(
            "update",
            "partial_update",
            *LABELS,
            condition=f"has_perms_on_served_repository:{distribution_settings.CHANGE}",
        ),
        _allow("destroy", condition=f"has_perms_on_served_repository:{distribution_settings.DELETE}"),
    ],
    "groups": [
        _everywhere("galaxy.view_group", *READ),
        _everywhere("galaxy.add_group", "create"),
        _everywhere("galaxy.change_group", "update", "partial_update"),
        _everywhere("galaxy.delete_group", "destroy"),
    ],
    "users": [_administrators()],
    "roles": [_allow("list"), _administrators("retrieve", "create", "update", "partial_update", "destroy")],
    "artifacts": [_allow(*READ), _administrators("create", "destroy")],
    "uploads": [
        _allow("list"),
        _allow("create", condition=f"has_perms_on_any_namespace:{UPLOAD}"),
        _allow("retrieve", "update", "destroy", condition="has_begun_upload"),
        _administrators("commit"),
    ],
}


class AccessPolicies(PulpView):
    permission_classes = [IsAuthenticated, IsAdminUser]

    def get(self, request: Request) -> Response:
        """All of them, or those of some kinds."""
        asked_for(request, FILTERS)
        only = [name for each in ("viewset_name", "viewset_name__in") for name in listed(request, each)]
        names = [name for name in reversed(POLICIES) if not only or name in only]
        return pulp_page(request, names, lambda page: [_document(request, name) for name in page])


class OneAccessPolicy(AccessPolicies):
    def get(self, request: Request, identifier: str = "") -> Response:
        wanted = as_uuid(identifier)
        for name in POLICIES:
            if _id(name) == wanted:
                return Response(_document(request, name))
        raise Http404("No AccessPolicy matches the given query." if wanted else "Not found.")


class Reset(PulpView):
    permission_classes = [IsAuthenticated, IsAdminUser]

    def post(self, request: Request, identifier: str) -> Response:
        """Refused: they are as they were."""
        raise PermissionDenied


def _document(request: Request, name: str) -> dict[str, Any]:
    since, hooks = beginning(), _hooks(name)
    document = {
        "pulp_href": pulp(request, f"{ROOT}{_id(name)}/"),
        "prn": f"prn:core.accesspolicy:{_id(name)}",
        "pulp_created": since,
        "pulp_last_updated": since,
        "permissions_assignment": hooks,
        "creation_hooks": hooks,
        "statements": POLICIES[name],
        "viewset_name": name,
        "customized": False,
        "queryset_scoping": {"function": "scope_queryset"},
    }
    return chosen_fields(request, document)


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{ROOT}{name}")


OWNER_ROLES = {  # what whoever makes a thing is given on it
    "repositories/ansible/ansible": repository_settings.OWNER_ROLE,
    "remotes/ansible/collection": remotes.OWNER_ROLE,
}


def _hooks(name: str) -> list[dict[str, Any]]:
    if name not in OWNER_ROLES:
        return []
    return [{"function": "add_roles_for_object_creator", "parameters": {"roles": [OWNER_ROLES[name]]}}]


urlpatterns: list[URLPattern] = [
    path(ROOT, AccessPolicies.as_view()),
    path(f"{ROOT}<str:identifier>/", OneAccessPolicy.as_view()),
    path(f"{ROOT}<str:identifier>/reset/", Reset.as_view()),
]
