"""Forgetting tasks that have ended."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.urls import path
from django.utils import timezone
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import DateTimeField, MultipleChoiceField, Serializer

from cartwheel.api.authentication import signed_in
from cartwheel.api.views import PulpView, accepted
from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.engine.retention import start_purge
from cartwheel.engine.states import FINAL, State
from cartwheel.registry.permissions import require

KEPT = timedelta(days=30)


class _Moment(DateTimeField):
    """A time, or a date alone, which means its beginning."""

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str) and len(data) == len("2024-01-31"):
            data += "T00:00"
        return super().run_validation(data)


class _Purge(Serializer[Task]):
    finished_before = _Moment(required=False)
    states = MultipleChoiceField(choices=sorted(FINAL), required=False)


class Purge(PulpView):
    http_method_names = ["post", "options"]

    def post(self, request: Request) -> Response:
        """Dispatch the purge: completed tasks that ended 30 days ago, unless told otherwise."""
        wanted = _Purge(data=request.data)
        wanted.is_valid(raise_exception=True)
        require(request.user, "core.delete_task")
        before = wanted.validated_data.get("finished_before") or _midnight(timezone.now() - KEPT)
        states = wanted.validated_data.get("states", [State.COMPLETED])
        return accepted(request, start_purge(before, states, call=Call(by=signed_in(request))))


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time(), moment.tzinfo)


urlpatterns = [path("tasks/purge/", Purge.as_view())]
