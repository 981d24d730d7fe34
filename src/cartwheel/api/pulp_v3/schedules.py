"""Schedules: as Pulp shows them, to be read; and as we have them, to be written too.

task-schedules/ is Pulp's and lists what Pulp's clients know: functions with Pulp's names. To look at one there takes
a permission, as in Pulp. schedules/ is ours. Only superusers say what is done, as a schedule may do anything, with
any arguments; operators run, switch and delete what there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import path
from django.utils.duration import duration_string
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DictField,
    DurationField,
    JSONField,
    ListField,
    Serializer,
)

from cartwheel.api.addresses import pulp, task_href
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import chosen_fields, ordered, texts
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView, accepted
from cartwheel.engine import schedules
from cartwheel.engine.models import Schedule
from cartwheel.kit.texts import is_all_storable
from cartwheel.registry.permissions import require, require_superuser
from cartwheel.registry.task_rights import known_among

J = TypeVar("J")

VIEW, WRITE = "core.view_taskschedule", "core.change_task"
TABLE = {**texts("name", "name", "contains"), **texts("task_name", "task_name", "contains"), **identified()}
LONGEST = timedelta(days=3650)
ORDERS = {
    "name": "name",
    "task_name": "task_name",
    "next_dispatch": "next_dispatch",
    "pulp_created": "created_at",
}


def pulp_json(request: Request, found: Sequence[Schedule]) -> list[dict[str, Any]]:
    return [chosen_fields(request, shown) for shown in _shown(request, found)]


def our_json(request: Request, found: Sequence[Schedule]) -> list[dict[str, Any]]:
    """Everything but the arguments, which may hold what is not for everybody."""
    return [
        chosen_fields(
            request,
            shown
            | {
                "pulp_href": pulp(request, f"schedules/{each.pk}/"),
                "interval": each.interval.total_seconds() if each.interval else None,
                "cron": each.cron,
                "time_zone": each.time_zone,
                "enabled": each.is_enabled,
                "exclusive_resources": each.exclusive,
                "shared_resources": each.shared,
            },
        )
        for each, shown in zip(found, _shown(request, found), strict=True)
    ]


def _shown(request: Request, found: Sequence[Schedule]) -> list[dict[str, Any]]:
    """Schedules as Pulp shows them, with all their fields."""
    known = known_among(request.user, [each.last_task_id for each in found if each.last_task_id])
    return [
        {
            "pulp_href": pulp(request, f"task-schedules/{each.pk}/"),
            "prn": f"prn:core.taskschedule:{each.pk}",
            "pulp_created": stamp(each.created_at),
            "pulp_last_updated": stamp(each.updated_at),
            "name": each.name,
            "task_name": each.task_name,
            "dispatch_interval": duration_string(each.interval) if each.interval else None,
            "next_dispatch": stamp(each.next_dispatch),
            "last_task": task_href(request, each.last_task_id) if each.last_task_id in known else None,
        }
        for each in found
    ]


def find(identifier: str) -> Schedule:
    try:
        return Schedule.objects.get(pk=UUID(identifier))
    except ValueError:
        raise Http404("Not found.") from None
    except Schedule.DoesNotExist:
        raise Http404("No TaskSchedule matches the given query.") from None


class PulpSchedules(PulpView):
    def get(self, request: Request) -> Response:
        found = Schedule.objects.filter(asked_for(request, TABLE)).exclude(task_name__startswith="cartwheel.")
        found = ordered(request, found, ORDERS, last=("-created_at", "-id"))
        return pulp_page(request, found, lambda page: pulp_json(request, page))


class OnePulpSchedule(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        found = find(identifier)
        require(request.user, VIEW)
        return Response(pulp_json(request, [found])[0])


class _Fields(Serializer[Schedule]):
    """A schedule as it is written. `interval` is in seconds, or "[DD] [HH:[MM:]]ss".

    `dispatch_interval` is the same, by the name that Pulp shows it with.
    """

    name = CharField(max_length=255)
    task_name = CharField(max_length=255)
    args = ListField(child=JSONField(), required=False)
    kwargs = DictField(required=False)
    exclusive_resources = ListField(child=CharField(max_length=255), required=False)
    shared_resources = ListField(child=CharField(max_length=255), required=False)
    interval = DurationField(required=False, allow_null=True, max_value=LONGEST)
    dispatch_interval = DurationField(required=False, allow_null=True, max_value=LONGEST, source="interval")
    cron = CharField(max_length=255, required=False, allow_blank=True)
    time_zone = CharField(max_length=64, required=False)
    enabled = BooleanField(required=False)

    def validate_args(self, given: list[Any]) -> list[Any]:
        return _storable(given)

    def validate_kwargs(self, given: dict[str, Any]) -> dict[str, Any]:
        return _storable(given)


def _storable(given: J) -> J:
    if not is_all_storable(given):
        raise ValidationError("Not a valid string.")
    return given


COLUMNS = {"exclusive_resources": "exclusive", "shared_resources": "shared", "enabled": "is_enabled"}


def _save(request: Request, schedule: Schedule, *, partial: bool) -> Schedule:
    given = _Fields(data=request.data, partial=partial)
    given.is_valid(raise_exception=True)
    if not given.validated_data.keys() <= {"enabled"}:
        require_superuser(request.user)
    for name, value in given.validated_data.items():
        setattr(schedule, COLUMNS.get(name, name), value)
    try:
        with transaction.atomic():
            return schedules.save(schedule)
    except IntegrityError:
        raise ValidationError({"name": ["This field must be unique."]}) from None


class Schedules(PulpView):
    def get(self, request: Request) -> Response:
        found = ordered(
            request, Schedule.objects.filter(asked_for(request, TABLE)), ORDERS, last=("-created_at", "-id")
        )
        return pulp_page(request, found, lambda page: our_json(request, page))

    def post(self, request: Request) -> Response:
        require(request.user, WRITE)
        made = _save(request, Schedule(created_by_id=request.user.pk), partial=False)
        place = pulp(request, f"schedules/{made.pk}/")
        return Response(our_json(request, [made])[0], status=201, headers={"Location": place})


class OneSchedule(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        return Response(our_json(request, [find(identifier)])[0])

    def patch(self, request: Request, identifier: str) -> Response:
        require(request.user, WRITE)
        return Response(our_json(request, [_save(request, find(identifier), partial=True)])[0])

    def delete(self, request: Request, identifier: str) -> Response:
        require(request.user, WRITE)
        find(identifier).delete()
        return Response(status=204)


class RunSchedule(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Dispatch its task now, whatever its plan."""
        require(request.user, WRITE)
        return accepted(request, schedules.run_now(find(identifier)))


urlpatterns = [
    path("task-schedules/", PulpSchedules.as_view()),
    path("task-schedules/<str:identifier>/", OnePulpSchedule.as_view()),
    path("schedules/", Schedules.as_view()),
    path("schedules/<str:identifier>/", OneSchedule.as_view()),
    path("schedules/<str:identifier>/run/", RunSchedule.as_view()),
]
