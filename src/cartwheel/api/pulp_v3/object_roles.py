"""The roles that people have on one object, as Pulp shows them below that object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, ListField
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.role_field import RoleField
from cartwheel.api.strictness import Strict
from cartwheel.api.views import PulpView
from cartwheel.registry.access import (
    give,
    given_on,
    has_meaning,
    require_given,
    require_manage,
    require_new,
    take,
)
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import Role, User
from cartwheel.registry.permissions import object_type, permissions_on_alone

NAMES_LIMIT = 1000  # users, and groups, that are given a role at once


Find = Callable[[Request, str], Model]


class NamesField(ListField):
    """Users or groups, by their names; each once."""

    def __init__(self, model: type[User | Group], key: str) -> None:
        super().__init__(child=CharField(max_length=150), required=False, max_length=NAMES_LIMIT)
        self.model, self.key = model, key

    def to_internal_value(self, data: Any) -> list[Any]:
        names = super().to_internal_value(data)
        rows = self.model._default_manager.filter(**{f"{self.key}__in": names})
        by_name = {getattr(each, self.key): each for each in rows}
        unknown = {
            str(place): [f"Object with {self.key}={name} does not exist."]
            for place, name in enumerate(names)
            if name not in by_name
        }
        if unknown:
            raise ValidationError(unknown)
        return [by_name[name] for name in dict.fromkeys(names)]


class RoleInput(Strict[None]):
    role = RoleField()
    users = NamesField(User, "username")
    groups = NamesField(Group, "name")


def _nothing(request: Request, identifier: str) -> NoReturn:
    raise Http404


class _OfObject(PulpView):
    find: Find = staticmethod(_nothing)  # each address says its own


class ListRoles(_OfObject):
    def get(self, request: Request, identifier: str) -> Response:
        """Each role that somebody has on the object, with their names."""
        target = self.find(request, identifier)
        require_manage(target, by=signed_in(request))
        return Response({"roles": _roles_on(target)})


class MyPermissions(_OfObject):
    def get(self, request: Request, identifier: str) -> Response:
        """What roles on just this object let whoever asks do with it; a superuser needs none."""
        target = self.find(request, identifier)
        return Response({"permissions": held_on(target, by=signed_in(request))})


def held_on(target: Model, *, by: User) -> list[str]:
    held = permissions_on_alone(by, target)
    return [each for each in OBJECT_PERMISSIONS[object_type(target)] if each in held]


class AddRole(_OfObject):
    check = staticmethod(require_new)
    act = staticmethod(give)

    def post(self, request: Request, identifier: str) -> Response:
        target, by = self.find(request, identifier), signed_in(request)
        require_manage(target, by=by)
        role, users, groups = _read(request, target)
        self.check(target, role, [*users, *groups])
        self.act(target, role, [*users, *groups], by=by)
        told = {"users": [each.username for each in users], "groups": [each.name for each in groups]}
        return Response({"role": role.name, **told}, status=201)


class RemoveRole(AddRole):
    check = staticmethod(require_given)
    act = staticmethod(take)


def _roles_on(target: Model) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in sorted(given_on(target), key=lambda given: given.role.name):
        entry = found.setdefault(each.role.name, {"role": each.role.name, "users": [], "groups": []})
        entry["users" if isinstance(each.who, User) else "groups"].append(str(each.who))
    return list(found.values())


def _read(request: Request, target: Model) -> tuple[Role, list[User], list[Group]]:
    """The role that a body names, and who shall have it. Raises ValidationError."""
    given = RoleInput(data=request.data)
    given.is_valid(raise_exception=True)
    role = given.validated_data["role"]
    if not has_meaning(role, target):
        message = "The role does not contain any permission for that object."
        raise ValidationError({"non_field_errors": [message]})
    return role, given.validated_data.get("users", []), given.validated_data.get("groups", [])


def role_urls(root: str, find: Find) -> list[URLPattern]:
    """The addresses below each object of a kind. `root` is that of their list, `find` finds one of them."""
    views = {
        "list_roles": ListRoles,
        "my_permissions": MyPermissions,
        "add_role": AddRole,
        "remove_role": RemoveRole,
    }
    return [
        path(f"{root}<str:identifier>/{name}/", view.as_view(find=staticmethod(find)))
        for name, view in views.items()
    ]
