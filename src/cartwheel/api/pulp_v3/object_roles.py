"""The roles that people have on one object, as Pulp shows them below that object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, ListField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from cartwheel.api.authentication import signed_in
from cartwheel.api.strictness import only_known
from cartwheel.api.views import PulpView
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import Role, RoleGrant, User
from cartwheel.registry.permissions import object_type, permissions_on, require

FIELDS = ("role", "users", "groups")
NAMES_LIMIT = 1000  # users, and groups, that are given a role at once


@dataclass(frozen=True)
class Kind:
    """A kind of object: how one is found, and who may give roles on it."""

    find: Callable[[Request, str], Model]
    manage: str


class RoleInput(Serializer[None]):
    role = CharField(max_length=128)
    users = ListField(child=CharField(max_length=150), required=False, max_length=NAMES_LIMIT)
    groups = ListField(child=CharField(max_length=150), required=False, max_length=NAMES_LIMIT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("users") and not attrs.get("groups"):
            raise ValidationError("Either 'users' or 'groups' needs to be specified.")
        return attrs


def _nothing() -> NoReturn:
    raise Http404


class _OfObject(PulpView):
    kind: Kind = Kind(lambda request, identifier: _nothing(), "")  # each address says its own


class ListRoles(_OfObject):
    def get(self, request: Request, identifier: str) -> Response:
        """Each role that somebody has on the object, with their names."""
        target = self.kind.find(request, identifier)
        require(request.user, self.kind.manage, target)
        return Response({"roles": roles_on(target)})


class MyPermissions(_OfObject):
    def get(self, request: Request, identifier: str) -> Response:
        """What whoever asks may do with the object."""
        target = self.kind.find(request, identifier)
        possible = OBJECT_PERMISSIONS[object_type(target)]
        user = signed_in(request)
        held = set(possible) if user.is_superuser else permissions_on(user, target)
        return Response({"permissions": [each for each in possible if each in held]})


class AddRole(_OfObject):
    def post(self, request: Request, identifier: str) -> Response:
        target, role, whom = _read(request, self.kind, identifier)
        where = {"object_type": object_type(target), "object_id": str(target.pk)}
        for each in whom:
            RoleGrant.objects.get_or_create(role=role, **{**where, **each})
        return Response(_told(role, whom), status=201)


class RemoveRole(_OfObject):
    def post(self, request: Request, identifier: str) -> Response:
        target, role, whom = _read(request, self.kind, identifier)
        where = {"object_type": object_type(target), "object_id": str(target.pk)}
        for each in whom:
            RoleGrant.objects.filter(role=role, **where, **each).delete()
        return Response(_told(role, whom), status=201)


def roles_on(target: Model) -> list[dict[str, Any]]:
    """One statement, however many there are."""
    grants = RoleGrant.objects.filter(object_type=object_type(target), object_id=str(target.pk))
    found: dict[str, dict[str, Any]] = {}
    rows = grants.order_by("role__name", "user__username", "group__name")
    for role, user, group in rows.values_list("role__name", "user__username", "group__name"):
        entry = found.setdefault(role, {"role": role, "users": [], "groups": []})
        entry["users" if user else "groups"].append(user or group)
    return list(found.values())


def _read(request: Request, kind: Kind, identifier: str) -> tuple[Model, Role, list[dict[str, Any]]]:
    target = kind.find(request, identifier)
    require(request.user, kind.manage, target)
    only_known(request.data, FIELDS)
    given = RoleInput(data=request.data)
    given.is_valid(raise_exception=True)
    role = Role.objects.filter(name=given.validated_data["role"]).first()
    if role is None:
        raise ValidationError({"role": [f"Object with name={given.validated_data['role']} does not exist."]})
    if not set(role.permissions) & set(OBJECT_PERMISSIONS[object_type(target)]):
        message = f"The role '{role.name}' does not carry any permission for that object."
        raise ValidationError({"non_field_errors": [message]})
    users = _named("users", User, "username", given.validated_data.get("users", []))
    groups = _named("groups", Group, "name", given.validated_data.get("groups", []))
    return target, role, [{"user": each} for each in users] + [{"group": each} for each in groups]


def _named(field: str, model: Any, key: str, names: list[str]) -> list[Any]:
    by_name = {getattr(each, key): each for each in model.objects.filter(**{f"{key}__in": names})}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise ValidationError({field: [f"Object with {key}={name} does not exist." for name in unknown]})
    return [by_name[name] for name in dict.fromkeys(names)]


def _told(role: Role, whom: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "role": role.name,
        "users": [each["user"].username for each in whom if "user" in each],
        "groups": [each["group"].name for each in whom if "group" in each],
    }


def role_urls(root: str, kind: Kind) -> list[URLPattern]:
    """The addresses below each object of a kind. `root` is that of their list."""
    views = {
        "list_roles": ListRoles,
        "my_permissions": MyPermissions,
        "add_role": AddRole,
        "remove_role": RemoveRole,
    }
    return [path(f"{root}<str:identifier>/{name}/", view.as_view(kind=kind)) for name, view in views.items()]
