"""Roles, as Pulp shows them: list them, make one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import UniqueValidator

from cartwheel.api.addresses import below_pulp, pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, chosen_fields, ordered, texts, yes_or_no
from cartwheel.api.keys import address, identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.strictness import Strict
from cartwheel.api.views import PulpView
from cartwheel.kit.errors import Invalid
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import Role
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.roles import RoleChanges, change_role, check_permission, create_role, delete_role

PERMISSIONS_LIMIT = 1000  # of one role
KINDS = {  # list of Pulp -> kind of object
    "pulp_ansible/namespaces/": "namespace",
    "repositories/ansible/ansible/": "repository",
    "distributions/ansible/ansible/": "repository",
    "remotes/ansible/collection/": "collectionremote",
    "pulp_container/namespaces/": "containernamespace",
    "tasks/": "task",
    "task-schedules/": "taskschedule",
    "groups/": "group",
    "users/": "user",
}
ORDERS = {
    "pulp_id": "id",
    "pk": "id",
    "pulp_created": "created_at",
    "pulp_last_updated": "updated_at",
    "name": "name",
    "description": "description",
    "locked": "locked",
}


def _with_permissions(names: Iterable[str], *, only: Iterable[str] | None = None) -> Q:
    """Roles with any of the permissions and, if `only` is given, with no others than these.

    Names may lack what stands before the dot. There are few roles, and not every database can look
    into a list.
    """
    wanted = set(names)
    limits = None if only is None else set(only)
    rows = Role.objects.values_list("pk", "permissions")
    return Q(
        pk__in=[
            pk
            for pk, held in rows
            if any(each in wanted or each.partition(".")[2] in wanted for each in held)
            and (limits is None or limits.issuperset(held))
        ]
    )


def _of_kind(address: str) -> Q:
    permissions = OBJECT_PERMISSIONS.get(KINDS.get(below_pulp(address) or "", ""), ())
    return _with_permissions(permissions, only=permissions)


FILTERS: Table = {
    **texts("name", "name", "iexact", "in", "ne", "contains", "icontains", "startswith", "istartswith"),
    **texts("description", "description", "iexact", "contains", "icontains"),
    "locked": Filter(yes_or_no, lambda value: Q() if value is None else Q(locked=value)),
    "for_object_type": Filter(address, _of_kind),
    **identified(),
}


class PermissionsField(Field[list[str], Any, Any, Any]):
    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            message = f'Expected a list of items but got type "{type(data).__name__}".'
            raise ValidationError(message, code="not_a_list")
        if len(data) > PERMISSIONS_LIMIT:
            raise ValidationError(f"A role has at most {PERMISSIONS_LIMIT} permissions.")
        try:
            return [check_permission(each) for each in data]
        except Invalid as problem:
            raise ValidationError(problem.message) from None


class RoleInput(Strict[Role]):
    also_known = ("pulp_href", "prn", "pulp_created", "pulp_last_updated", "locked")

    name = CharField(max_length=128, validators=[UniqueValidator(queryset=Role.objects.all())])
    description = CharField(required=False, allow_null=True, max_length=10_000)
    permissions = PermissionsField()


class Roles(PulpView):
    def get(self, request: Request) -> Response:
        wanted = asked_for(request, FILTERS, also=("contains_permission",))
        if named := [each for each in request.query_params.getlist("contains_permission") if each]:
            wanted &= _with_permissions(named)
        found = ordered(request, Role.objects.filter(wanted), ORDERS, last=("-created_at", "-id"))
        return pulp_page(request, found, lambda page: roles(request, page))

    def post(self, request: Request) -> Response:
        by = signed_in(request)
        require_superuser(by)
        given = _read(request, None)
        document = roles(request, [create_role(given.validated_data, by=by)])[0]
        return Response(document, status=201, headers={"Location": document["pulp_href"]})


class OneRole(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        require_superuser(request.user)
        return Response(roles(request, [find_role(identifier)])[0])

    def put(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=False)

    def patch(self, request: Request, identifier: str) -> Response:
        return self._change(request, identifier, is_partial=True)

    def delete(self, request: Request, identifier: str) -> Response:
        by = signed_in(request)
        require_superuser(by)
        delete_role(find_role(identifier), by=by)
        return Response(status=204)

    def _change(self, request: Request, identifier: str, *, is_partial: bool) -> Response:
        by = signed_in(request)
        require_superuser(by)
        role = find_role(identifier)
        change: RoleChanges = {}
        if not role.locked:  # else nothing that was sent matters
            change = _read(request, role, is_partial=is_partial).validated_data
        return Response(roles(request, [change_role(role, change, by=by)])[0])


def find_role(identifier: str) -> Role:
    """Raises Http404."""
    try:
        return Role.objects.get(pk=UUID(identifier))
    except ValueError:
        raise Http404("Not found.") from None
    except Role.DoesNotExist:
        raise Http404("No Role matches the given query.") from None


def roles(request: Request, rows: Sequence[Role]) -> list[dict[str, Any]]:
    return [
        chosen_fields(
            request,
            {
                "pulp_href": pulp(request, f"roles/{row.pk}/"),
                "prn": f"prn:core.role:{row.pk}",
                "pulp_created": stamp(row.created_at),
                "pulp_last_updated": stamp(row.updated_at),
                "name": row.name,
                "description": row.description,
                "permissions": row.permissions,
                "locked": row.locked,
            },
        )
        for row in rows
    ]


def _read(request: Request, role: Role | None, *, is_partial: bool = False) -> RoleInput:
    given = RoleInput(role, data=request.data, partial=is_partial)
    given.is_valid(raise_exception=True)
    return given


urlpatterns: list[URLPattern] = [
    path("roles/", Roles.as_view()),
    path("roles/<str:identifier>/", OneRole.as_view()),
]
