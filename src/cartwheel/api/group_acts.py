"""What both dialects let be done with groups and their members: the same, with the same answers."""

from __future__ import annotations

from django.contrib.auth.models import Group
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api import people_json as shown
from cartwheel.api.authentication import signed_in
from cartwheel.api.numbers import find_numbered
from cartwheel.api.people_input import named_user
from cartwheel.registry import people
from cartwheel.registry.models import User
from cartwheel.registry.permissions import require


def find_group(number: str) -> Group:
    """Raises Http404."""
    return find_numbered(Group.objects.all(), number)


def made_group(request: Request, name: str) -> Response:
    """Make a group; 201."""
    document = shown.group(request, people.create_group(name, by=signed_in(request)), shown.NEW_GROUP)
    return Response(document, status=201, headers={"Location": document["pulp_href"]})


def deleted_group(request: Request, number: str) -> Response:
    """Delete a group; 204. Who may not is refused before it is said whether there is one."""
    by = signed_in(request)
    require(by, "galaxy.delete_group")
    people.delete_group(find_group(number), by=by)
    return Response(status=204)


def added_member(request: Request, number: str) -> Response:
    """Put the user that the body names into the group, by {"username"} or {"id"}; 201."""
    by = signed_in(request)
    require(by, "galaxy.change_group")
    group = find_group(number)
    user = named_user(request.data)
    people.add_member(group, user, by=by)
    return Response(shown.member(request, user), status=201)


def removed_member(request: Request, number: str, user_number: str) -> Response:
    """Take a user out of the group; 204."""
    by = signed_in(request)
    require(by, "galaxy.change_group")
    group = find_group(number)
    people.remove_member(group, find_numbered(User.objects.all(), user_number), by=by)
    return Response(status=204)
