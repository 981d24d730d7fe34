"""The roles that groups and users have, as Pulp shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import below_pulp, pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, ordered, several
from cartwheel.api.keys import identified
from cartwheel.api.numbers import find_numbered
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.role_field import RoleField
from cartwheel.api.strictness import Strict
from cartwheel.api.views import PulpView
from cartwheel.registry.access import grant, revoke
from cartwheel.registry.models import CollectionRemote, Namespace, Repository, RoleGrant, User
from cartwheel.registry.permissions import object_type, require, require_superuser

LISTS: dict[str, tuple[type[Model], str]] = {  # list of Pulp -> what is in it, and the kind in its PRNs
    "pulp_ansible/namespaces/": (Namespace, "galaxy.namespace"),
    "repositories/ansible/ansible/": (Repository, "ansible.ansiblerepository"),
    "remotes/ansible/collection/": (CollectionRemote, "ansible.collectionremote"),
}
NEITHER = (
    "Either 'content_object' or 'content_object_prn' needs to be specified. "
    "Use 'null' for global or domain level access."
)
ORDERS = {
    "role": "role__name",
    "description": "role__description",
    "pulp_created": "created_at",
    "pulp_last_updated": "created_at",
    "pulp_id": "id",
    "pk": "id",
}


def _on(address: str) -> Q:
    if address == "null":
        return Q(object_type="")
    target = find_object(address)
    if target is None:
        raise ValidationError([f"Invalid value for 'content_object': {address}."])
    return Q(object_type=object_type(target), object_id=str(target.pk))


FILTERS: Table = {
    "role": Filter(any_text, lambda value: Q(role__name=value)),
    "role__in": Filter(several, lambda values: Q(role__name__in=values)),
    "role__contains": Filter(any_text, lambda value: Q(role__name__contains=value)),
    "role__icontains": Filter(any_text, lambda value: Q(role__name__icontains=value)),
    "role__startswith": Filter(any_text, lambda value: Q(role__name__startswith=value)),
    "content_object": Filter(any_text, _on),
    **identified(),
}


class _Input(Strict[RoleGrant]):
    also_known = ("description", "permissions", "domain")

    role = RoleField()
    content_object = CharField(allow_null=True, required=False)
    content_object_prn = CharField(allow_null=True, required=False)


class _OfHolder(PulpView):
    """The roles of one group or user. Only superusers give and take roles."""

    model: ClassVar[type[Group] | type[User]] = Group
    view_permission: ClassVar[str] = "galaxy.view_group"

    def holder(self, number: str) -> Group | User:
        """Raises Http404."""
        if self.model is User:
            return find_numbered(User.objects.all(), number)
        return find_numbered(Group.objects.all(), number)

    def rows(self, number: str) -> QuerySet[RoleGrant]:
        return self.holder(number).role_grants.select_related("role")

    def shown(self, request: Request, rows: Sequence[RoleGrant]) -> list[dict[str, Any]]:
        return [chosen_fields(request, _shown(request, each)) for each in rows]


class Grants(_OfHolder):
    def get(self, request: Request, number: str) -> Response:
        require(request.user, self.view_permission)
        rows = self.rows(number).filter(asked_for(request, FILTERS))
        found = ordered(request, rows, ORDERS, last=("-created_at", "-id"))
        return pulp_page(request, found, lambda page: self.shown(request, page))

    def post(self, request: Request, number: str) -> Response:
        by = signed_in(request)
        require_superuser(by)
        holder = self.holder(number)
        given = _Input(data=request.data)
        given.is_valid(raise_exception=True)
        made = grant(given.validated_data["role"], holder, _target(given.validated_data), by=by)
        document = self.shown(request, [made])[0]
        return Response(document, status=201, headers={"Location": document["pulp_href"]})


class OneGrant(_OfHolder):
    def get(self, request: Request, number: str, identifier: str) -> Response:
        require(request.user, self.view_permission)
        return Response(self.shown(request, [self.find(number, identifier)])[0])

    def delete(self, request: Request, number: str, identifier: str) -> Response:
        by = signed_in(request)
        require_superuser(by)
        revoke(self.find(number, identifier), by=by)
        return Response(status=204)

    def find(self, number: str, identifier: str) -> RoleGrant:
        """Raises Http404."""
        try:
            found = self.rows(number).filter(pk=UUID(identifier)).first()
        except ValueError:
            raise Http404("Not found.") from None
        if found is None:
            raise Http404(f"No {self.model.__name__}Role matches the given query.")
        return found


class UserGrants(Grants):
    model = User
    view_permission = "galaxy.view_user"


class OneUserGrant(OneGrant):
    model = User
    view_permission = "galaxy.view_user"


def find_object(address: str) -> Model | None:
    """What stands at an address below Pulp's API, if roles can be given on it."""
    path = below_pulp(address) or ""
    for prefix, (model, _) in LISTS.items():
        if path.startswith(prefix):
            return _by_key(model, path.removeprefix(prefix).strip("/"))
    return None


def _target(given: dict[str, Any]) -> Model | None:
    """What a role is to be given on, None for everything. Raises ValidationError."""
    if "content_object" not in given and "content_object_prn" not in given:
        raise ValidationError({"non_field_errors": [NEITHER]})
    if address := given.get("content_object"):
        found = find_object(address)
        field = "content_object"
    elif address := given.get("content_object_prn"):
        kind, _, key = address.removeprefix("prn:").partition(":")
        model = next((model for model, name in LISTS.values() if name == kind), None)
        found = _by_key(model, key) if model else None
        field = "content_object_prn"
    else:
        return None
    if found is None:
        raise ValidationError({field: [f"Invalid value: {address}."]})
    return found


def _by_key(model: type[Model], key: str) -> Model | None:
    if model is Namespace:
        is_key = key.isascii() and key.isdigit() and len(key) < 19
        return Namespace.objects.filter(pk=int(key)).first() if is_key else None
    try:
        return model._default_manager.filter(pk=UUID(key)).first()
    except ValueError:
        return None


def _shown(request: Request, row: RoleGrant) -> dict[str, Any]:
    owner = f"users/{row.user_id}" if row.user_id else f"groups/{row.group_id}"
    target = next(
        (
            (pulp(request, f"{prefix}{row.object_id}/"), f"prn:{kind}:{row.object_id}")
            for prefix, (model, kind) in LISTS.items()
            if row.object_type == model._meta.model_name
        ),
        (None, None),
    )
    return {
        "pulp_href": pulp(request, f"{owner}/roles/{row.pk}/"),
        "prn": f"prn:core.{'userrole' if row.user_id else 'grouprole'}:{row.pk}",
        "pulp_created": stamp(row.created_at),
        "pulp_last_updated": stamp(row.created_at),
        "role": row.role.name,
        "content_object": target[0],
        "content_object_prn": target[1],
        "description": row.role.description,
        "permissions": row.role.permissions,
        "domain": None,
    }


urlpatterns: list[URLPattern] = [
    path("groups/<str:number>/roles/", Grants.as_view()),
    path("groups/<str:number>/roles/<str:identifier>/", OneGrant.as_view()),
    path("users/<str:number>/roles/", UserGrants.as_view()),
    path("users/<str:number>/roles/<str:identifier>/", OneUserGrant.as_view()),
]
