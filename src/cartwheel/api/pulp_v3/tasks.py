"""Tasks, as Pulp shows them: list, look, stop, delete."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.urls import path
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, Serializer, ValidationError

from cartwheel.api.authentication import signed_in
from cartwheel.api.held import hold_while_active, hold_while_any
from cartwheel.api.pagination import pulp_page
from cartwheel.api.pulp_v3.object_roles import held_on
from cartwheel.api.task_filters import asks_for_active_only, found
from cartwheel.api.task_json import Row, one_row, pulp_tasks, rows
from cartwheel.api.views import PulpView
from cartwheel.engine import stopping
from cartwheel.engine.errors import AlreadyFinal, StillActive
from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.registry.catalogue import OBJECT_PERMISSIONS
from cartwheel.registry.permissions import require
from cartwheel.registry.task_rights import CHANGE, require_stop, visible

OF_ITS_OWNER = (
    "core.add_task",
    CHANGE,
)  # the first is what the real hub tells, the second that one may stop it


def find_task(identifier: str, request: Request) -> Task:
    """The task with that id, if the reader may know of it. Raises Http404 with Pulp's words."""
    try:
        return visible(request.user).get(pk=UUID(identifier))
    except ValueError:
        raise Http404("Not found.") from None
    except Task.DoesNotExist:
        raise Http404("No Task matches the given query.") from None


class Tasks(PulpView):
    def get(self, request: Request) -> Response:
        """The tasks that the filters leave, a page of them."""
        tasks = found(request)
        response = pulp_page(request, rows(tasks), lambda page: pulp_tasks(request, page), count=tasks.count)
        return hold_while_any(request, response, tasks.count if asks_for_active_only(request) else 0)


class OneTask(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        try:
            row = one_row(request, UUID(identifier))
        except ValueError:
            raise Http404("Not found.") from None
        return self._answer(request, row)

    def patch(self, request: Request, identifier: str) -> Response:
        """Stop the task: the one change that can be made to it."""
        wanted = TaskChange(data=request.data)
        wanted.is_valid(raise_exception=True)
        task = find_task(identifier, request)
        require_stop(request.user, task)
        try:
            stopping.cancel(task, by=signed_in(request), cascade=wanted.validated_data["cascade"])
        except AlreadyFinal:
            return self._shown(request, task, status=409)
        return self._shown(request, task)

    def delete(self, request: Request, identifier: str) -> Response:
        task = find_task(identifier, request)
        require(request.user, "core.delete_task")
        try:
            stopping.delete(task)
        except StillActive:
            return Response(status=409)
        return Response(status=204)

    def _shown(self, request: Request, task: Task, status: int = 200) -> Response:
        return self._answer(request, one_row(request, task.pk), status)

    def _answer(self, request: Request, row: Row | None, status: int = 200) -> Response:
        if row is None:
            raise Http404("No Task matches the given query.")
        response = Response(pulp_tasks(request, [row])[0], status=status)
        return hold_while_active(request, response, row["id"], row["state"])


class TaskChange(Serializer[Task]):
    """The body of a PATCH of a task, or of a group of them."""

    state = CharField()
    cascade = BooleanField(default=False)  # ours: stop its children too

    def validate_state(self, value: str) -> str:
        if value != State.CANCELED:
            raise ValidationError("The only acceptable value for 'state' is 'canceled'.")
        return value


class MyPermissions(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        """What roles on just this task let whoever asks do with it, and that one has asked for it."""
        task, user = find_task(identifier, request), signed_in(request)
        asked_for = OF_ITS_OWNER if task.created_by_id == user.pk else ()
        held = {*asked_for, *held_on(task, by=user)}
        return Response({"permissions": [each for each in OBJECT_PERMISSIONS["task"] if each in held]})


class Refused(PulpView):
    """What nobody may do on a hub, not even a superuser."""

    def get(self, request: Request, identifier: str) -> Response:
        find_task(identifier, request)
        raise PermissionDenied


class RefusedChange(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        find_task(identifier, request)
        raise PermissionDenied


urlpatterns = [
    path("tasks/", Tasks.as_view()),
    path("tasks/<str:identifier>/", OneTask.as_view()),
    path("tasks/<str:identifier>/my_permissions/", MyPermissions.as_view()),
    path("tasks/<str:identifier>/list_roles/", Refused.as_view()),
    path("tasks/<str:identifier>/profile_artifacts/", Refused.as_view()),
    path("tasks/<str:identifier>/add_role/", RefusedChange.as_view()),
    path("tasks/<str:identifier>/remove_role/", RefusedChange.as_view()),
]
