"""Pauses: what is held back, and by whom. Ours; Pulp has nothing like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, Serializer

from cartwheel.api.authentication import signed_in
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView
from cartwheel.engine.models import Pause
from cartwheel.engine.pausing import pause, resume
from cartwheel.registry.permissions import require


def as_json(found: Sequence[Pause]) -> list[dict[str, Any]]:
    return [
        {
            "scope": each.scope,
            "target": each.target,
            "reason": each.reason,
            "since": stamp(each.created_at),
            "by": each.created_by.username if each.created_by else None,
        }
        for each in found
    ]


class _Fields(Serializer[Pause]):
    """`target` is the name of a function or the id of a worker, and empty for the whole hub."""

    scope = ChoiceField(choices=Pause.Scope.choices)
    target = CharField(max_length=255, required=False, default="", allow_blank=True)
    reason = CharField(max_length=1000, required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["scope"] == Pause.Scope.HUB) != (attrs["target"] == ""):
            raise ValidationError({"target": ["Name a function or a worker; for the hub, name nothing."]})
        return attrs


class Pauses(PulpView):
    def get(self, request: Request) -> Response:
        """Everybody who is signed in may know why nothing starts."""
        return pulp_page(request, Pause.objects.select_related("created_by").order_by("id"), as_json)

    def post(self, request: Request) -> Response:
        """Start no more tasks. What runs goes on."""
        given = _Fields(data=request.data)
        given.is_valid(raise_exception=True)
        require(request.user, "core.change_task")
        wanted = given.validated_data
        made = pause(wanted["scope"], wanted["target"], reason=wanted["reason"], by=signed_in(request))
        return Response(as_json([made])[0], status=201)

    def delete(self, request: Request) -> Response:
        """Start tasks again. What is meant is said as for POST, or in the address: many clients send no body here."""
        given = _Fields(data=request.data or request.query_params)
        given.is_valid(raise_exception=True)
        require(request.user, "core.change_task")
        resume(given.validated_data["scope"], given.validated_data["target"])
        return Response(status=204)


urlpatterns = [path("pauses/", Pauses.as_view())]
