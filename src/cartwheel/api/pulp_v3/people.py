"""Users and groups, as Pulp shows them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.urls import URLPattern, path
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api import people_json as shown
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import BadValue, Filter, Table, chosen_fields, ordered, several, texts, yes_or_no
from cartwheel.api.group_acts import added_member, deleted_group, find_group, made_group, removed_member
from cartwheel.api.keys import identified, numbers_of
from cartwheel.api.numbers import DIGITS_LIMIT, find_numbered
from cartwheel.api.pagination import pulp_page
from cartwheel.api.people_input import PulpGroupInput, PulpUserInput
from cartwheel.api.views import PulpView
from cartwheel.registry import people
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.models import User
from cartwheel.registry.permissions import allows, require, require_superuser

LOOKUPS = ("iexact", "in", "contains", "icontains", "startswith")
USER_COLUMNS = ("username", "first_name", "last_name", "email")


def _flag(column: str) -> Filter:
    return Filter(yes_or_no, lambda value: Q() if value is None else Q(**{column: value}))


def _ids(text: str) -> list[int]:
    parts = several(text)
    if not all(each.isascii() and each.isdigit() and len(each) <= DIGITS_LIMIT for each in parts):
        raise BadValue("Enter a number.")
    return [int(each) for each in parts if int(each) < people.ID_LIMIT]


USER_FILTERS: Table = {
    **{key: value for name in USER_COLUMNS for key, value in texts(name, name, *LOOKUPS).items()},
    "is_active": _flag("is_active"),
    "is_staff": _flag("is_staff"),
    **identified(numbers_of),
}
GROUP_FILTERS: Table = {
    **texts("name", "name", *LOOKUPS),
    "id": Filter(_ids, lambda values: Q(pk__in=values)),
    "id__in": Filter(_ids, lambda values: Q(pk__in=values)),
    **identified(numbers_of),
}
USER_ORDERS = {name: name for name in ("id", *USER_COLUMNS, "is_staff", "is_active", "date_joined")}
GROUP_ORDERS = {"id": "id", "name": "name"}


# -- users: superusers only -----------------------------------------------------------------------


class Users(PulpView):
    def get(self, request: Request) -> Response:
        require_superuser(request.user)
        rows = _users().filter(asked_for(request, USER_FILTERS))
        found = ordered(request, rows, USER_ORDERS, last=("-date_joined", "-id"))
        return pulp_page(
            request,
            found,
            lambda page: [chosen_fields(request, each) for each in shown.pulp_users(request, page)],
        )

    def post(self, request: Request) -> Response:
        by = signed_in(request)
        require_superuser(by)
        given = PulpUserInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = people.create_user(given.validated_data, by=by)
        document = shown.pulp_users(request, [made])[0]
        return Response(document, status=201, headers={"Location": document["pulp_href"]})


class OneUser(PulpView):
    def get(self, request: Request, number: str) -> Response:
        require_superuser(request.user)
        found = find_numbered(_users(), number)
        return Response(chosen_fields(request, shown.pulp_users(request, [found])[0]))

    def put(self, request: Request, number: str) -> Response:
        return self._change(request, number, is_partial=False)

    def patch(self, request: Request, number: str) -> Response:
        return self._change(request, number, is_partial=True)

    def delete(self, request: Request, number: str) -> Response:
        by = signed_in(request)
        require_superuser(by)
        people.delete_user(find_numbered(User.objects.all(), number), by=by)
        return Response(status=204)

    def _change(self, request: Request, number: str, *, is_partial: bool) -> Response:
        by = signed_in(request)
        require_superuser(by)
        user = find_numbered(User.objects.all(), number)
        given = PulpUserInput(user, data=request.data, partial=is_partial)
        given.is_valid(raise_exception=True)
        changed = people.change_user(user, given.validated_data, by=by)
        return Response(shown.pulp_users(request, [changed])[0])


def _users() -> QuerySet[User]:
    return User.objects.prefetch_related("groups")


# -- groups ---------------------------------------------------------------------------------------


class Groups(PulpView):
    def get(self, request: Request) -> Response:
        """Everybody may know which there are: who owns something shares it with them."""
        rows = Group.objects.filter(asked_for(request, GROUP_FILTERS))
        found = ordered(request, rows, GROUP_ORDERS, last=("name",))
        return pulp_page(
            request,
            found,
            lambda page: [chosen_fields(request, _group(request, each)) for each in page],
        )

    def post(self, request: Request) -> Response:
        by = signed_in(request)
        require(by, "galaxy.add_group")
        return made_group(request, _name(request, None))


class OneGroup(PulpView):
    def get(self, request: Request, number: str) -> Response:
        return Response(chosen_fields(request, _group(request, find_group(number))))

    def put(self, request: Request, number: str) -> Response:
        return self._rename(request, number, is_partial=False)

    def patch(self, request: Request, number: str) -> Response:
        return self._rename(request, number, is_partial=True)

    def delete(self, request: Request, number: str) -> Response:
        return deleted_group(request, number)

    def _rename(self, request: Request, number: str, *, is_partial: bool) -> Response:
        by = signed_in(request)
        require(by, "galaxy.change_group")
        group = find_group(number)
        name = _name(request, group, is_partial=is_partial)
        return Response(_group(request, people.rename_group(group, name, by=by)))


class Members(PulpView):
    def get(self, request: Request, number: str) -> Response:
        require(request.user, "galaxy.view_group")
        rows = find_group(number).user_set.order_by("id")
        return pulp_page(request, rows, lambda page: [shown.member(request, each) for each in page])

    def post(self, request: Request, number: str) -> Response:
        return added_member(request, number)


class Member(PulpView):
    def delete(self, request: Request, number: str, user_number: str) -> Response:
        return removed_member(request, number, user_number)


class RolesOfGroup(PulpView):
    """Roles on a group, as Pulp has them on everything. Here they would mean nothing: groups are managed as a whole."""

    def get(self, request: Request, number: str) -> Response:
        raise PermissionDenied


class ChangeOfRolesOfGroup(PulpView):
    def post(self, request: Request, number: str) -> Response:
        raise PermissionDenied


class PermissionsOfGroup(PulpView):
    def get(self, request: Request, number: str) -> Response:
        """What whoever asks may do with the group."""
        require(request.user, "galaxy.view_group")
        find_group(number)
        held = [each for each in OBJECT_PERMISSIONS["group"] if allows(request.user, each)]
        return Response({"permissions": held})


def _group(request: Request, row: Group) -> dict[str, Any]:
    return shown.group(request, row, shown.NEW_GROUP)


def _name(request: Request, group: Group | None, *, is_partial: bool = False) -> str:
    """The name in a body; of a group that is there, the old one if none was sent."""
    given = PulpGroupInput(group, data=request.data, partial=is_partial)
    given.is_valid(raise_exception=True)
    name = given.validated_data.get("name", group.name if group else "")
    if not isinstance(name, str):
        raise ValidationError({"name": ["Not a valid string."]})
    return name


urlpatterns: list[URLPattern] = [
    path("users/", Users.as_view()),
    path("users/<str:number>/", OneUser.as_view()),
    path("groups/", Groups.as_view()),
    path("groups/<str:number>/", OneGroup.as_view()),
    path("groups/<str:number>/list_roles/", RolesOfGroup.as_view()),
    path("groups/<str:number>/add_role/", ChangeOfRolesOfGroup.as_view()),
    path("groups/<str:number>/remove_role/", ChangeOfRolesOfGroup.as_view()),
    path("groups/<str:number>/my_permissions/", PermissionsOfGroup.as_view()),
    path("groups/<str:number>/users/", Members.as_view()),
    path("groups/<str:number>/users/<str:user_number>/", Member.as_view()),
]
