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
from cartwheel.api.strictness import Strict
from cartwheel.api.views import PulpView
from cartwheel.registry.access import give, given_on, require_manage, require_meaning, take
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import Role, User
from cartwheel.registry.permissions import object_type, permissions_on_alone

NAMES_LIMIT = 1000  # users, and groups, that are given a role at once


Find = Callable[[Request, str], Model]


class RoleInput(Strict[None]):
    role = CharField(max_length=128)
    users = ListField(child=CharField(max_length=150), required=False, max_length=NAMES_LIMIT)
    groups = ListField(child=CharField(max_length=150), required=False, max_length=NAMES_LIMIT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("users") and not attrs.get("groups"):
            raise ValidationError("Either 'users' or 'groups' needs to be specified.")
        return attrs


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
    act = staticmethod(give)

    def post(self, request: Request, identifier: str) -> Response:
        target, by = self.find(request, identifier), signed_in(request)
        require_manage(target, by=by)
        role, users, groups = _read(request, target)
        self.act(target, role, [*users, *groups], by=by)
        told = {"users": [each.username for each in users], "groups": [each.name for each in groups]}
        return Response({"role": role.name, **told}, status=201)


class RemoveRole(AddRole):
    act = staticmethod(take)


def _roles_on(target: Model) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in sorted(given_on(target), key=lambda given: given.role.name):
        entry = found.setdefault(each.role.name, {"role": each.role.name, "users": [], "groups": []})
        entry["users" if isinstance(each.who, User) else "groups"].append(str(each.who))
    return list(found.values())


def _read(request: Request, target: Model) -> tuple[Role, list[User], list[Group]]:
    """The role that a body names, and who shall have it. Raises ValidationError, Invalid."""
    given = RoleInput(data=request.data)
    given.is_valid(raise_exception=True)
    role = Role.objects.filter(name=given.validated_data["role"]).first()
    if role is None:
        raise ValidationError({"role": [f"Object with name={given.validated_data['role']} does not exist."]})
    require_meaning(role, target)
    users = _named("users", User, "username", given.validated_data.get("users", []))
    groups = _named("groups", Group, "name", given.validated_data.get("groups", []))
    return role, users, groups


def _named(field: str, model: Any, key: str, names: list[str]) -> list[Any]:
    by_name = {getattr(each, key): each for each in model.objects.filter(**{f"{key}__in": names})}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise ValidationError({field: [f"Object with {key}={name} does not exist." for name in unknown]})
    return [by_name[name] for name in dict.fromkeys(names)]


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
