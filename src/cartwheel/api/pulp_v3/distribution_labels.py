"""Labels of distributions, as Pulp has them changed."""

from __future__ import annotations

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.label_input import KeyInput, LabelInput
from cartwheel.api.pulp_v3.distributions import ROOT, find_distribution
from cartwheel.api.repository_input import read
from cartwheel.api.views import PulpView
from cartwheel.registry.distribution_labels import set_label, unset_label
from cartwheel.registry.distribution_settings import require_change


class SetLabel(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        found, by = find_distribution(request, identifier), signed_in(request)
        require_change(found, by=by)
        given = read(LabelInput, request)
        set_label(found, given["key"], given["value"], by=by)
        return Response(given, status=201)


class UnsetLabel(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        found, by = find_distribution(request, identifier), signed_in(request)
        require_change(found, by=by)
        key = read(KeyInput, request, known=("key", "value"))["key"]
        return Response({"key": key, "value": unset_label(found, key, by=by)}, status=201)


urlpatterns: list[URLPattern] = [
    path(f"{ROOT}<str:identifier>/set_label/", SetLabel.as_view()),
    path(f"{ROOT}<str:identifier>/unset_label/", UnsetLabel.as_view()),
]
