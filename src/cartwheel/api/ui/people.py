"""Users, groups, and who am I."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.urls import URLPattern, path
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api import people_json as shown
from cartwheel.api.authentication import signed_in
from cartwheel.api.filters import BadValue, Filter, Table, conditions, moment, no_choice, texts
from cartwheel.api.group_acts import added_member, deleted_group, find_group, made_group, removed_member
from cartwheel.api.numbers import DIGITS_LIMIT, find_numbered
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.people_input import GroupInput, MyselfInput, UiUserInput
from cartwheel.api.sorting import by_sort
from cartwheel.api.views import GalaxyView, PulpView
from cartwheel.registry import people
from cartwheel.registry.models import User
from cartwheel.registry.permissions import require


def _group_id(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise BadValue(ErrorDetail(f"\u201c{text}\u201d is not a valid value.", code="invalid_pk_value"))
    if len(text) > DIGITS_LIMIT or not Group.objects.filter(pk=int(text)).exists():
        raise BadValue(no_choice(text))
    return int(text)


USER_NAMES = ("username", "email", "first_name", "last_name")
USER_FILTERS: Table = {
    **{
        key: value
        for name in USER_NAMES
        for key, value in texts(name, name, "contains", "startswith").items()
    },
    **texts("groups__name", "groups__name"),
    "date_joined": Filter(moment, lambda value: Q(date_joined=value)),
    "groups": Filter(_group_id, lambda value: Q(groups=value)),
}
GROUP_FILTERS: Table = texts("name", "name", "contains", "icontains", "startswith")


# -- users ----------------------------------------------------------------------------------------


class Users(GalaxyView):
    def get(self, request: Request) -> Response:
        require(request.user, "galaxy.view_user")
        wanted = conditions(request, USER_FILTERS, also=request.query_params)
        rows = by_sort(request, _users().filter(wanted), (*USER_NAMES, "date_joined"))
        return galaxy_page(request, rows, shown.ui_users)

    def post(self, request: Request) -> Response:
        user = signed_in(request)
        require(user, "galaxy.add_user")
        given = UiUserInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = people.create_user(given.validated_data, by=user)
        return Response(shown.ui_user(made), status=201)


class OneUser(GalaxyView):
    def get(self, request: Request, number: str) -> Response:
        require(request.user, "galaxy.view_user")
        return Response(shown.ui_user(find_numbered(_users(), number)))

    def put(self, request: Request, number: str) -> Response:
        return self._change(request, number, is_partial=False)

    def patch(self, request: Request, number: str) -> Response:
        return self._change(request, number, is_partial=True)

    def delete(self, request: Request, number: str) -> Response:
        by = signed_in(request)
        require(by, "galaxy.delete_user")
        people.delete_user(find_numbered(User.objects.all(), number), by=by)
        return Response(status=204)

    def _change(self, request: Request, number: str, *, is_partial: bool) -> Response:
        by = signed_in(request)
        require(by, "galaxy.change_user")
        user = find_numbered(User.objects.all(), number)
        given = UiUserInput(user, data=request.data, partial=is_partial)
        given.is_valid(raise_exception=True)
        return Response(shown.ui_user(_changed(request, user, given.validated_data, by)))


class Myself(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request) -> Response:
        if not request.user.is_authenticated:
            return Response(shown.nobody())
        return Response(shown.myself(signed_in(request)))

    def put(self, request: Request) -> Response:
        """Change oneself. Who does it with a new password stays signed in here, and nowhere else."""
        user = signed_in(request)
        given = MyselfInput(user, data=request.data)
        given.is_valid(raise_exception=True)
        return Response(shown.myself(_changed(request, user, given.validated_data, user)))


class MyselfV2(PulpView):
    def get(self, request: Request) -> Response:
        return Response(shown.myself_v2(signed_in(request)))


def _users() -> QuerySet[User]:
    return User.objects.prefetch_related("groups")


def _changed(request: Request, user: User, given: people.UserChanges, by: User) -> User:
    changed = people.change_user(user, given, by=by)
    if given.get("password") and changed.pk == by.pk and request._request.session.session_key:
        update_session_auth_hash(request._request, changed)
    return changed


# -- groups ---------------------------------------------------------------------------------------


class Groups(GalaxyView):
    def get(self, request: Request) -> Response:
        """Everybody may know which there are: who owns something shares it with them."""
        wanted = conditions(request, GROUP_FILTERS, also=request.query_params)
        rows = by_sort(request, Group.objects.filter(wanted), ("name",))
        return galaxy_page(request, rows, lambda page: [shown.group(request, each) for each in page])

    def post(self, request: Request) -> Response:
        user = signed_in(request)
        require(user, "galaxy.add_group")
        given = GroupInput(data=request.data)
        given.is_valid(raise_exception=True)
        return made_group(request, given.validated_data["name"])


class OneGroup(GalaxyView):
    def get(self, request: Request, number: str) -> Response:
        return Response(shown.group(request, find_group(number)))

    def delete(self, request: Request, number: str) -> Response:
        return deleted_group(request, number)


class Members(GalaxyView):
    def get(self, request: Request, number: str) -> Response:
        require(request.user, "galaxy.view_group")
        rows = find_group(number).user_set.order_by("id")
        return galaxy_page(request, rows, lambda page: [shown.member(request, each) for each in page])

    def post(self, request: Request, number: str) -> Response:
        return added_member(request, number)


class Member(GalaxyView):
    def delete(self, request: Request, number: str, user_number: str) -> Response:
        return removed_member(request, number, user_number)


urlpatterns: list[URLPattern] = [
    path("v1/users/", Users.as_view()),
    path("v1/users/<str:number>/", OneUser.as_view()),
    path("v1/me/", Myself.as_view()),
    path("v2/me/", MyselfV2.as_view()),
    path("v1/groups/", Groups.as_view()),
    path("v1/groups/<str:number>/", OneGroup.as_view()),
    path("v1/groups/<str:number>/users/", Members.as_view()),
    path("v1/groups/<str:number>/users/<str:user_number>/", Member.as_view()),
]
